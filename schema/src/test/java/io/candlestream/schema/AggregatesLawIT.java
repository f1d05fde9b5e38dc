package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.servers.ServerLookup;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/**
 * The law of the higher timeframes: whatever was written, corrected, moved to the columnstore,
 * dropped and refreshed, in whatever order, they equal the plain aggregation of the base candles
 * that are still there; and where these have been dropped, of those that were.
 */
class AggregatesLawIT {
  private static final Instant FIRST_DAY = Instant.parse("2024-08-05T00:00:00Z");
  private static final int DAYS = 8;
  private static final int MINUTES_OF_A_DAY = 1_440;
  private static final int MINUTES = DAYS * MINUTES_OF_A_DAY;

  /**
   * Where in a day retention cuts: far from both ends of a bucket of any timeframe, as the cut
   * moves on with the clock while a test runs.
   */
  private static final Duration CUT = Duration.ofHours(12).plusSeconds(450);

  private static final Instant FIRST_CUT = FIRST_DAY.minus(2, ChronoUnit.DAYS).plus(CUT);

  private static final String[][] INSTRUMENTS = {
    {"BTC", "x"}, {"BTC", "y"}, {"O'X\"; --", "x"}, {"btc", "x"}
  };

  /** Something that happens to a database. */
  private sealed interface Event {}

  /** Candles of one instrument, the same distance apart; of keys that are there, corrections. */
  private record Write(int instrument, int minute, int stride, int count, long seed)
      implements Event {}

  /** Chunks of the base, or of everything, go to the columnstore. */
  private record Convert(boolean everything) implements Event {}

  /** By the procedure for backfills. */
  private record Refresh(int fromMinute, int toMinute) implements Event {}

  /** By the scheduled job. */
  private record ScheduledRefresh(Timeframe timeframe) implements Event {}

  /** What ended so many days after the first is dropped, and a little more. */
  private record Drop(int day) implements Event {}

  @Property(tries = 40)
  @On(Edition.COMMUNITY)
  void continuousAggregates(@ForAll("histories") List<Event> history) throws SQLException {
    assertLaw(Edition.COMMUNITY, history);
  }

  @Property(tries = 25)
  @On(Edition.APACHE)
  void viewsOfHypertables(@ForAll("histories") List<Event> history) throws SQLException {
    assertLaw(Edition.APACHE, history);
  }

  @Property(tries = 25)
  @On(Edition.POSTGRES)
  void viewsOfTables(@ForAll("histories") List<Event> history) throws SQLException {
    assertLaw(Edition.POSTGRES, history);
  }

  private static void assertLaw(Edition edition, List<Event> history) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(keeping(FIRST_CUT)).migrate();
      try (Connection connection = database.connect()) {
        World world = new World(edition, database, connection);
        world.stopJobs();
        for (Event event : history) {
          world.meet(event);
        }
        world.assertLaw();
      }
    }
  }

  @Provide
  Arbitrary<List<Event>> histories() {
    return Arbitraries.<Event>frequencyOf(
            Tuple.of(12, writes()),
            Tuple.of(2, Arbitraries.of(false, true).map(Convert::new)),
            Tuple.of(3, refreshes()),
            Tuple.of(2, Arbitraries.of(Timeframe.values()).map(ScheduledRefresh::new)),
            Tuple.of(2, Arbitraries.integers().between(1, DAYS - 3).map(Drop::new)))
        .list()
        .ofMinSize(8)
        .ofMaxSize(40);
  }

  /** Most are near the first hours of a day, so that they meet. */
  private static Arbitrary<Write> writes() {
    Arbitrary<Integer> minutes =
        Combinators.combine(
                Arbitraries.integers().between(0, DAYS - 1),
                Arbitraries.oneOf(
                    Arbitraries.integers().between(0, 90),
                    Arbitraries.integers().between(0, MINUTES_OF_A_DAY - 1)))
            .as((day, minute) -> day * MINUTES_OF_A_DAY + minute);
    return Combinators.combine(
            Arbitraries.integers().between(0, INSTRUMENTS.length - 1),
            minutes,
            Arbitraries.integers().between(1, 7),
            Arbitraries.integers().between(1, 60),
            Arbitraries.longs())
        .as(Write::new);
  }

  private static Arbitrary<Refresh> refreshes() {
    return Arbitraries.integers()
        .between(0, MINUTES)
        .array(Integer[].class)
        .ofSize(2)
        .map(ends -> new Refresh(Math.min(ends[0], ends[1]), Math.max(ends[0], ends[1])));
  }

  /** Policies, or what stands for them, that keep what came at or after a time, and no more. */
  private static String[] keeping(Instant from) {
    Duration keep = Duration.between(from, Instant.now());
    return new String[] {
      "schema.retention.base=%ds".formatted(keep.toSeconds()),
      "schema.retention.5m=%ds".formatted(keep.toSeconds()),
      "schema.retention.15m=%ds".formatted(keep.toSeconds()),
      "schema.retention.1h=%ds".formatted(keep.toSeconds()),
      "schema.retention.1d=%ds".formatted(keep.toSeconds()),
      "schema.refresh.start-offset=%ds".formatted(keep.minusDays(1).toSeconds()),
      "schema.retention.sentiment-data=0"
    };
  }

  /** A database, and what must be in it. */
  private static final class World {
    private final Edition edition;
    private final TestDatabase database;
    private final Connection connection;

    private final SortedMap<BaseCandle.Key, BaseCandle> written = new TreeMap<>();

    /** The aggregates' rows that the base can no longer give, as they were while it could. */
    private final Map<Timeframe, SortedMap<BaseCandle.Key, PlainAggregation.Row>> settled =
        new EnumMap<>(Timeframe.class);

    private Instant cut = FIRST_CUT;

    World(Edition edition, TestDatabase database, Connection connection) {
      this.edition = edition;
      this.database = database;
      this.connection = connection;
      for (Timeframe timeframe : Timeframe.values()) {
        settled.put(timeframe, new TreeMap<>());
      }
    }

    /** None may run beside a test that refreshes and drops by itself. */
    void stopJobs() throws SQLException {
      if (edition != Edition.POSTGRES) {
        execute("SELECT _timescaledb_functions.stop_background_workers()");
      }
    }

    /** From when on nothing may be missing: dropping is by the chunk, of a day. */
    private Instant complete() {
      return cut.plus(1, ChronoUnit.DAYS);
    }

    void meet(Event event) throws SQLException {
      if (event instanceof Write write) {
        write(write);
      } else if (event instanceof Convert convert) {
        convert(convert);
      } else if (event instanceof Refresh refresh) {
        execute(
            "CALL refresh_candles('%s', '%s')"
                .formatted(time(refresh.fromMinute()), time(refresh.toMinute())));
      } else if (event instanceof ScheduledRefresh refresh) {
        run("refresh", "market_data_" + refresh.timeframe().word());
      } else if (event instanceof Drop drop) {
        drop(FIRST_DAY.plus(drop.day(), ChronoUnit.DAYS).plus(CUT));
      }
    }

    private static Instant time(int minute) {
      return FIRST_DAY.plus(minute, ChronoUnit.MINUTES);
    }

    private void write(Write write) throws SQLException {
      Random random = new Random(write.seed());
      List<BaseCandle> candles = new ArrayList<>();
      for (int i = 0; i < write.count(); i++) {
        String[] instrument = INSTRUMENTS[write.instrument()];
        BaseCandle candle =
            BaseCandle.random(
                new BaseCandle.Key(
                    instrument[0], instrument[1], time(write.minute() + i * write.stride())),
                random);
        // Nothing is so late that the bucket of a day it belongs to is being dropped.
        if (!candle.key().timestamp().isBefore(complete().plus(1, ChronoUnit.DAYS))) {
          candles.add(candle);
          written.put(candle.key(), candle);
        }
      }
      BaseCandle.upsert(connection, candles);
    }

    private void convert(Convert convert) throws SQLException {
      if (edition != Edition.COMMUNITY) {
        return;
      }
      for (String chunk :
          database.rows(
              """
              SELECT show_chunks(stored)
              FROM ops.relations()
              WHERE relation = 'market_data' OR (%s AND relation LIKE 'market\\_data\\_%%')
              """
                  .formatted(convert.everything()))) {
        execute("CALL convert_to_columnstore('%s')".formatted(chunk));
      }
    }

    /** As it comes to be: what is dropped was refreshed before. */
    private void drop(Instant newCut) throws SQLException {
      if (!newCut.isAfter(cut)) {
        return;
      }
      execute("CALL refresh_candles('-infinity', 'infinity')");
      Map<Timeframe, SortedMap<BaseCandle.Key, PlainAggregation.Row>> before = expected();
      cut = newCut;
      JobConfig config = database.config(keeping(cut));
      if (edition == Edition.COMMUNITY) {
        before.forEach(
            (timeframe, rows) -> {
              settled.get(timeframe).clear();
              settled.get(timeframe).putAll(rows);
              settled
                  .get(timeframe)
                  .keySet()
                  .removeIf(key -> !key.timestamp().isBefore(complete()));
            });
        Policies.apply(new Session(connection), Policies.wanted(config));
        run("retention", "market_data");
      } else {
        Maintenance.of(config).run();
      }
    }

    private void run(String policy, String relation) throws SQLException {
      for (String job :
          database.rows(
              "SELECT job_id FROM ops.jobs WHERE policy = '%s' AND relation = '%s'"
                  .formatted(policy, relation))) {
        execute("CALL run_job(%s)".formatted(job));
      }
    }

    private Map<Timeframe, SortedMap<BaseCandle.Key, PlainAggregation.Row>> expected()
        throws SQLException {
      List<BaseCandle> stored = BaseCandle.stored(connection);
      Map<Timeframe, SortedMap<BaseCandle.Key, PlainAggregation.Row>> expected =
          new EnumMap<>(Timeframe.class);
      for (Timeframe timeframe : Timeframe.values()) {
        SortedMap<BaseCandle.Key, PlainAggregation.Row> rows =
            PlainAggregation.of(stored, timeframe.length());
        if (edition == Edition.COMMUNITY) {
          rows.keySet().removeIf(key -> key.timestamp().isBefore(complete()));
          rows.putAll(settled.get(timeframe));
        }
        expected.put(timeframe, rows);
      }
      return expected;
    }

    void assertLaw() throws SQLException {
      execute("CALL refresh_candles('-infinity', 'infinity')");
      assertThat(BaseCandle.stored(connection).stream().filter(this::isComplete))
          .containsExactlyInAnyOrderElementsOf(
              written.values().stream().filter(this::isComplete).toList());
      Map<Timeframe, SortedMap<BaseCandle.Key, PlainAggregation.Row>> expected = expected();
      for (Timeframe timeframe : Timeframe.values()) {
        assertThat(
                PlainAggregation.differences(
                    expected.get(timeframe), PlainAggregation.stored(connection, timeframe)))
            .as(timeframe.word())
            .isEmpty();
      }
    }

    private boolean isComplete(BaseCandle candle) {
      return !candle.key().timestamp().isBefore(complete());
    }

    private void execute(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  /** Needs a server that offers the edition; skipped where there is none. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @AddLifecycleHook(SkipWithoutServer.class)
  private @interface On {
    Edition value();
  }

  static final class SkipWithoutServer implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      ServerLookup lookup = TestDatabase.lookup(context.findAnnotation(On.class).get().value());
      return lookup.server().isPresent()
          ? SkipResult.doNotSkip()
          : SkipResult.skip(lookup.reason());
    }
  }
}

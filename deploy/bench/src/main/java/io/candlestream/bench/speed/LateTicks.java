package io.candlestream.bench.speed;

import io.candlestream.Pipeline;
import io.candlestream.bench.Backlog;
import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.CommunityServer;
import io.candlestream.bench.Latencies;
import io.candlestream.config.JobConfig;
import io.candlestream.indicator.CandleRow;
import io.candlestream.local.EmbeddedFlink;
import io.candlestream.local.LiveFeed;
import io.candlestream.local.TopicFeed;
import io.candlestream.local.ticks.MarketFeed;
import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.market.Candle;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import io.candlestream.sink.Columns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;

/**
 * How long it takes from a late tick's being sent until the rows that it corrects can be read on
 * another connection: in a live stream, from a real broker to a real database, and everything as it
 * is delivered.
 *
 * @param history minutes of ticks before, at a fifth of the rate, so that there are indicators
 * @param ticksPerSecond that the stream has beside the late ones
 * @param latePerSecond on the average, at random moments: no clock of the job's is met in step
 * @param warmUp how many late ticks do not count
 * @param late how many do
 */
record LateTicks(
    int symbols, int history, int ticksPerSecond, int latePerSecond, int warmUp, int late) {

  /** What the machine may add to the time for which rows wait for their batch. */
  private static final Duration ON_TOP = Duration.ofMillis(250);

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_EVERY = Duration.ofMillis(2);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int OLDEST_MINUTES = 5;
  private static final int PARTITIONS = 4;
  private static final long SEED = 1;

  /** Which of some late ticks have changed both the candle and the newest row. */
  private static final String VISIBLE =
      """
      SELECT late.number
      FROM unnest(?::int8[], ?::text[], ?::text[], ?::timestamptz[], ?::int8[], ?::timestamptz[], ?::float8[])
        AS late (number, symbol, source, corrected, trades, newest, ema_9)
      JOIN market_data candle
        ON candle.symbol = late.symbol AND candle.source = late.source
        AND candle."timestamp" = late.corrected AND candle.trades = late.trades
      JOIN market_data newest
        ON newest.symbol = late.symbol AND newest.source = late.source
        AND newest."timestamp" = late.newest AND newest.ema_9 <> late.ema_9
      """;

  static Finding measure() throws Exception {
    try (PostgresServer server = CommunityServer.started()) {
      return new LateTicks(1_000, 60, 1_000, 10, 200, 1_000).measure(server);
    }
  }

  Finding measure(PostgresServer server) throws Exception {
    Path directory = Files.createTempDirectory("candlestream-bench-");
    try (BenchDatabase database = BenchDatabase.create(server);
        KafkaBroker broker = KafkaBroker.start(directory.resolve("kafka"));
        TopicFeed feed = new TopicFeed(broker.bootstrapServers(), EnumSet.of(Input.TICKS))) {
      broker.createTopic(Input.TICKS.word(), PARTITIONS);
      JobConfig config =
          JobConfig.of(
              List.of(
                  "source.kafka.bootstrap-servers=" + broker.bootstrapServers(),
                  "source.kafka.topics=" + Input.TICKS.word(),
                  "source.kafka.start=earliest",
                  "database.url=" + database.url(),
                  "database.user=" + database.user(),
                  "database.password=" + database.password()));
      MarketFeed market = market();
      while (market.advance()) {
        feed.send(Input.TICKS, market.key(), market.payload(), market.recordTimestampMillis());
      }
      market.continueLive(ticksPerSecond, Columns.micros(Instant.now()));
      try (Connection connection = database.connect()) {
        Run run;
        Latencies latencies;
        try (EmbeddedFlink flink =
            EmbeddedFlink.start(
                Backlog.flink(directory, Map.of()), "bench", env -> Pipeline.define(env, config))) {
          run = new Run(flink, feed, new LiveFeed(market, feed), connection);
          run.awaitClosed(Columns.micros(Instant.now()) - 2 * micros(MINUTE));
          run.send(warmUp);
          latencies = run.send(late);
        }
        run.requireCorrected();
        return finding(latencies, config.database().flushEvery());
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private MarketFeed market() {
    Instant now = Instant.now();
    Duration before = MINUTE.multipliedBy(history);
    return new MarketFeed(
        SEED,
        TickGenerator.between(
            SEED,
            symbols,
            ticksPerSecond / 5 * before.toSeconds(),
            Columns.micros(now.minus(before)),
            Columns.micros(now),
            TickLoad.MIX),
        Set.of());
  }

  private Finding finding(Latencies latencies, Duration flushEvery) {
    return Finding.counted(
        "late tick to corrected rows in the table, p99, ms",
        latencies.percentileMillis(99),
        Target.atMost(flushEvery.plus(ON_TOP).toMillis()),
        String.format(
            Locale.ROOT,
            "median %.0f ms, p90 %.0f, longest %.0f; %,d late ticks among %,d ticks/s of %,d"
                + " instruments; rows wait up to %d ms for their batch",
            latencies.medianMillis(),
            latencies.percentileMillis(90),
            latencies.percentileMillis(100),
            latencies.calls(),
            ticksPerSecond,
            symbols,
            flushEvery.toMillis()));
  }

  private static long micros(Duration duration) {
    return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
  }

  /** The job at work, and what it is sent. */
  private final class Run {

    private final EmbeddedFlink flink;
    private final TopicFeed feed;
    private final LiveFeed live;
    private final CandleRows rows;
    private final PreparedStatement visible;
    private final Random random = new Random(SEED);

    /** By the number of the tick. */
    private final Map<Long, Sent> waiting = new LinkedHashMap<>();

    /** Each as it is with all late ticks. */
    private final Map<CandleKey, Candle> corrected = new HashMap<>();

    private long sent;

    private record Sent(LateTick tick, long nanos) {}

    Run(EmbeddedFlink flink, TopicFeed feed, LiveFeed live, Connection connection)
        throws SQLException {
      this.flink = flink;
      this.feed = feed;
      this.live = live;
      rows = new CandleRows(connection);
      try (Statement statement = connection.createStatement()) {
        // Planned for the ticks at hand it would take longer than it runs.
        statement.execute("SET plan_cache_mode = force_generic_plan");
      }
      visible = connection.prepareStatement(VISIBLE);
    }

    /** Goes on live until a candle is closed that starts at a moment or later. */
    void awaitClosed(long micros) throws Exception {
      long start = System.nanoTime();
      while (rows.newestMicros() < micros) {
        goOn();
        requirePatience(start, "no candle of now is in the table");
      }
    }

    /** Sends so many late ticks, and returns how long each took until it was to be seen. */
    Latencies send(int count) throws Exception {
      List<Instrument> instruments = rows.instruments();
      long[] nanos = new long[count];
      int begun = 0;
      int seen = 0;
      long next = System.nanoTime();
      while (seen < count) {
        goOn();
        if (begun < count
            && System.nanoTime() - next >= 0
            && sendLate(instruments.get(random.nextInt(instruments.size())))) {
          begun++;
          next += (long) (-Math.log(1 - random.nextDouble()) * 1e9 / latePerSecond);
        }
        for (Long number : visible()) {
          nanos[seen++] = System.nanoTime() - waiting.remove(number).nanos();
        }
      }
      return Latencies.of(nanos);
    }

    /** Sends what is due; an error of the job's ends it. */
    private void goOn() throws Exception {
      if (flink.awaitEnd(LOOK_EVERY)) {
        throw new IllegalStateException("the job has ended, of a topic that has no end");
      }
      live.sendDue();
    }

    /** Returns whether the instrument has a candle for a late tick. */
    private boolean sendLate(Instrument instrument) throws SQLException {
      if (waiting.values().stream().anyMatch(one -> one.tick().instrument().equals(instrument))) {
        return false;
      }
      long minutesAgo = 2 + random.nextInt(OLDEST_MINUTES - 1);
      List<CandleRow> since =
          rows.since(Columns.micros(Instant.now()) - minutesAgo * micros(MINUTE), instrument);
      if (!LateTick.fits(since)) {
        return false;
      }
      LateTick tick = LateTick.of(since, sent++);
      long nanos = System.nanoTime();
      feed.send(Input.TICKS, tick.key(), tick.payload(), null);
      // It is not to wait for others.
      feed.flush();
      waiting.put(tick.number(), new Sent(tick, nanos));
      Candle candle = tick.corrected();
      corrected.put(new CandleKey(instrument, candle.startMicros()), candle);
      return true;
    }

    /** The numbers of the ticks that have come to be seen. */
    private List<Long> visible() throws SQLException {
      List<Long> numbers = new ArrayList<>();
      if (waiting.isEmpty()) {
        return numbers;
      }
      List<LateTick> ticks = waiting.values().stream().map(Sent::tick).toList();
      new Columns<>(ticks, visible)
          .bind("int8", LateTick::number)
          .bind("text", tick -> tick.instrument().symbol())
          .bind("text", tick -> tick.instrument().source())
          .bind("timestamptz", tick -> Columns.timestamp(tick.stored().startMicros()))
          .bind("int8", tick -> tick.corrected().trades())
          .bind("timestamptz", tick -> Columns.timestamp(tick.newest().candle().startMicros()))
          .bind("float8", tick -> tick.newest().indicators().ema9());
      try (ResultSet row = visible.executeQuery()) {
        while (row.next()) {
          numbers.add(row.getLong(1));
        }
      }
      if (numbers.isEmpty()) {
        Sent oldest = waiting.values().iterator().next();
        requirePatience(oldest.nanos(), "nothing has come of " + oldest.tick());
      }
      return numbers;
    }

    private static void requirePatience(long sinceNanos, String otherwise) {
      if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
        throw new IllegalStateException("after %d s %s".formatted(PATIENCE.toSeconds(), otherwise));
      }
    }

    /**
     * @throws IllegalStateException if a candle is not what it and its late ticks make, or a row
     *     has not the indicators of the candles up to it
     */
    void requireCorrected() throws SQLException {
      for (Instrument instrument : rows.instruments()) {
        for (CandleRow row : rows.checked(instrument)) {
          Candle candle = row.candle();
          Candle expected = corrected.remove(new CandleKey(instrument, candle.startMicros()));
          if (expected != null && !expected.equals(candle)) {
            throw new IllegalStateException("%s is stored, not %s".formatted(candle, expected));
          }
        }
      }
      if (!corrected.isEmpty()) {
        throw new IllegalStateException("not stored: " + corrected.values());
      }
    }
  }
}

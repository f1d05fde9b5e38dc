package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.CandlestreamJob;
import io.candlestream.RecomputeJob;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A running job is given a past: its files are read into the same database while the job goes on,
 * indicators are recomputed, and the job takes the new past over at an upgrade. In the end every
 * table is that of all ticks.
 *
 * <p>Memory is bounded by being given: what reads the past, and the recompute, are processes of
 * their own with a heap of {@value #HEAP_MEGABYTES} MB, of which Flink itself takes half. With
 * {@code -Dcandlestream.past-ticks=10000000} they have 1.5 GB of ticks to read and half a million
 * candles to build; what keeps 100 bytes of each candle is found out. The short past of an ordinary
 * build would fit: it shows the content, not the memory.
 *
 * <p>An ordinary build does it on one edition. That each part of it is right on all of them is what
 * {@link BackfillIT}, {@link RecomputeIT} and {@link FilesIT} show.
 */
@ParameterizedClass
@EnumSource
class PastBackfillIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final Long WANTED_TICKS = Long.getLong("candlestream.past-ticks");
  private static final long PAST_TICKS = WANTED_TICKS == null ? 200_000 : WANTED_TICKS;
  private static final int HEAP_MEGABYTES = 96;

  private static final int INSTRUMENTS = 8;
  private static final int PARTITIONS = 4;
  private static final int PARALLELISM = 2;
  private static final double TOLERANCE = 1e-9;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final BatchComputation BATCH = new BatchComputation(MINUTE, null);

  @TempDir private static Path pastDirectory;
  private static PastTicks past;

  @TempDir private Path folder;

  private final Edition edition;
  private final TestDatabase database;
  private final Topic topic;

  PastBackfillIT(Edition edition) {
    assumeThat(edition == Edition.COMMUNITY || WANTED_TICKS != null)
        .as("by default on edition community alone; on %s with -Dcandlestream.past-ticks", edition)
        .isTrue();
    this.edition = edition;
    database = TestDatabase.offering(edition, "schema.retention.base=0");
    topic = Topic.create(PARTITIONS);
  }

  @BeforeAll
  static void writePast() throws IOException {
    past = PastTicks.write(pastDirectory, INSTRUMENTS, PAST_TICKS);
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void everyTableIsThatOfThePastAndTheLiveTicks() throws Exception {
    List<GeneratedTicks.Arrival> live =
        GeneratedTicks.partlyLate(41, INSTRUMENTS, Duration.ofHours(6));
    int size = live.size();
    JobRun job = FLINK.start(config("source.kafka.start=earliest"), PARALLELISM);
    send(live.subList(0, size / 4));
    awaitRowsUpTo(live.get(size / 4).at(), job);

    readPast(live.subList(size / 4, size / 2));
    awaitRowsUpTo(live.get(size / 2).at(), job);

    String savepoint = job.stopWithSavepoint();
    recompute();

    send(live.subList(size / 2, size * 3 / 4));
    JobRun upgraded =
        FLINK.restore(
            config("indicators.generation=1", "time.idle-timeout=2s"), PARALLELISM, savepoint);
    send(live.subList(size * 3 / 4, size));
    awaitEveryCandleOf(live, upgraded);
    upgraded.stopWithSavepoint();

    showWhatIsMaterialized();
    assertTablesAreThoseOf(live);
  }

  /** As a user does, while the job goes on with what comes meanwhile. */
  private void readPast(List<GeneratedTicks.Arrival> meanwhile) throws Exception {
    try (FlinkRun backfill =
        run(
            CandlestreamJob.class,
            "--set=source.type=files",
            "--set=source.files.paths=[\"%s\"]".formatted(past.directory()))) {
      send(meanwhile);
      tell("%,d ticks of the past".formatted(past.count()), backfill.awaitEnd(), backfill);
      backfill
          .said()
          .lines()
          .filter(line -> line.startsWith("The aggregates"))
          .forEach(System.out::println);
    }
    assertThat(database.query("SELECT reasons, count(*) FROM rejected_ticks GROUP BY reasons"))
        .isEmpty();
  }

  private void recompute() throws Exception {
    try (FlinkRun recompute = run(RecomputeJob.class, "--from=beginning")) {
      tell("recompute", recompute.awaitEnd(), recompute);
    }
  }

  private void send(List<GeneratedTicks.Arrival> ticks) {
    GeneratedTicks.send(ticks, topic, PARTITIONS);
    topic.flush();
  }

  private void awaitRowsUpTo(Instant arrival, JobRun job) throws Exception {
    Instant newest = arrival.minus(Duration.ofMinutes(4)).truncatedTo(ChronoUnit.MINUTES);
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        "SELECT max(\"timestamp\") >= '%s' FROM market_data WHERE closed"
                            .formatted(newest)))
                .containsExactly("t"));
  }

  private void awaitEveryCandleOf(List<GeneratedTicks.Arrival> live, JobRun job) throws Exception {
    long trades =
        BATCH.marketData(GeneratedTicks.lines(live)).stream().mapToLong(Row::trades).sum();
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        """
                        SELECT sum(trades), bool_and(closed)
                        FROM market_data
                        WHERE "timestamp" >= '%s'
                        """
                            .formatted(GeneratedTicks.START)))
                .containsExactly(trades + "|t"));
  }

  /**
   * From now on the higher timeframes are what refreshes have made of them. Those of the live days
   * are made here, as a policy does; those of the past by the backfill alone.
   */
  private void showWhatIsMaterialized() throws Exception {
    if (edition == Edition.COMMUNITY) {
      for (Timeframe timeframe : Timeframe.values()) {
        database.execute(
            "ALTER MATERIALIZED VIEW market_data_%s SET (timescaledb.materialized_only = true)"
                .formatted(timeframe.word()));
      }
      database.execute("CALL refresh_candles('%s', 'infinity')".formatted(GeneratedTicks.START));
    }
  }

  /** One instrument after the other, as all at once would not fit in memory. */
  private void assertTablesAreThoseOf(List<GeneratedTicks.Arrival> live) throws Exception {
    Map<String, Long> rows = new TreeMap<>();
    for (int instrument = 0; instrument < INSTRUMENTS; instrument++) {
      String symbol = "S" + instrument;
      Map<Duration, List<Row>> expected = expected(instrument, live);
      List<Row> base = expected.get(MINUTE);
      assertThat(Row.difference(base, database.candles(symbol), TOLERANCE)).isEmpty();
      rows.merge("market_data", (long) base.size(), Long::sum);
      for (Timeframe timeframe : Timeframe.values()) {
        List<Row> longer = expected.get(timeframe.length());
        assertThat(Row.difference(longer, database.candles(timeframe, symbol), TOLERANCE))
            .as(timeframe.word())
            .isEmpty();
        rows.merge("indicators_" + timeframe.word(), (long) longer.size(), Long::sum);
      }
    }
    System.out.println(edition + ", rows: " + rows);
    for (Map.Entry<String, Long> table : rows.entrySet()) {
      assertThat(database.query("SELECT count(*) FROM " + table.getKey()))
          .as(table.getKey())
          .containsExactly(table.getValue().toString());
    }
  }

  private static Map<Duration, List<Row>> expected(
      int instrument, List<GeneratedTicks.Arrival> live) throws IOException {
    List<TickRecord> ticks = past.of(instrument);
    ticks.addAll(
        GeneratedTicks.lines(
            live.stream().filter(tick -> tick.instrument() == instrument).toList()));
    return BATCH.timeframes(
        Stream.concat(Stream.of(MINUTE), Arrays.stream(Timeframe.values()).map(Timeframe::length))
            .toList(),
        ticks);
  }

  private JobConfig config(String... more) {
    return JobConfig.of(Stream.concat(settings(database.settings()), Stream.of(more)).toList());
  }

  private Stream<String> settings(List<String> ofDatabase) {
    return Stream.of(
            ofDatabase.stream(),
            topic.settings().stream(),
            Stream.of("validation.max-age=0", "candles.live-every=100ms", "time.idle-timeout=1h"))
        .flatMap(settings -> settings);
  }

  private FlinkRun run(Class<?> program, String... arguments) throws IOException {
    Path job = Files.writeString(folder.resolve("job.yaml"), "{}");
    return FlinkRun.start(
        program,
        folder,
        HEAP_MEGABYTES,
        Stream.of(
                Stream.of("--config=" + job),
                settings(database.settingsWithPasswordIn(folder))
                    .map(setting -> "--set=" + setting),
                Stream.of(arguments))
            .flatMap(each -> each)
            .toList());
  }

  private void tell(String what, Duration time, FlinkRun run) {
    System.out.printf(
        Locale.ROOT,
        "%s, %s: %.1f s, at most %d MB of heap needed%n",
        edition,
        what,
        time.toMillis() / 1e3,
        run.mostMegabytesNeeded());
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.CandleSinks;
import io.candlestream.Sinks;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.recompute.Recompute;
import io.candlestream.recompute.Selection;
import io.candlestream.servers.Edition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** Indicators of stored candles, computed again. */
@ParameterizedClass
@EnumSource
class RecomputeIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARALLELISM = 2;
  private static final double TOLERANCE = 1e-9;
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** Inside a candle of every timeframe. */
  private static final Instant SEAM = Instant.parse("2024-08-09T08:07:00Z");

  /** Between two candles of every timeframe. */
  private static final Instant MIDNIGHT = Instant.parse("2024-08-09T00:00:00Z");

  /** ema_9 stays: by it a series is known that has lost its past. */
  private static final String SPOILED =
      "SET ema_21 = 1, ema_200 = 2, rsi_14 = 3, macd_signal = 4, bb_upper = NULL, atr_14 = 5,"
          + " trend_direction = 'DOWN', volatility_regime = NULL WHERE \"timestamp\" >= '%s'";

  @TempDir private Path folder;

  private final Edition edition;
  private final TestDatabase database;

  RecomputeIT(Edition edition) {
    this.edition = edition;
    database = TestDatabase.offering(edition, "schema.retention.base=0");
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void afterBackfillOfThePastEveryRowIsThatOfAllTicksFromTheBeginning() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(21, 5, Duration.ofHours(16));
    read(since(SEAM, ticks));
    // From now on the aggregates are out of date where older candles come in.
    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    read(before(SEAM, ticks));
    if (edition == Edition.COMMUNITY) {
      database.execute("SELECT compress_chunk(show_chunks('market_data'))");
    }

    recompute("--from=beginning");

    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    assertThat(Row.difference(base(ticks), database.candles())).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(Row.difference(rows(timeframe, ticks), database.candles(timeframe)))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  @Test
  void aSecondTimeNothingIsWritten() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(22, 5, Duration.ofHours(14));
    read(since(SEAM, ticks));
    read(before(SEAM, ticks));
    JobRun first = recompute("--from=beginning");

    JobRun second = recompute("--from=beginning");

    for (String table : tables()) {
      assertThat(first.rows("rowsWritten", table)).as(table).isPositive();
      assertThat(second.rows("rowsWritten", table)).as(table).isZero();
      assertThat(database.query("SELECT count(*) FROM " + table))
          .as(table)
          .containsExactly(Long.toString(second.rows("rowsUnchanged", table)));
    }
    assertThat(second.count("seriesRecomputed")).isEqualTo(5);
  }

  @Test
  void onlyChosenSymbolsAreRewritten() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(23, 12, Duration.ofHours(2));
    read(ticks);
    spoil(Instant.EPOCH);
    List<String> others = tuples("symbol NOT IN ('S1', 'S10', 'S11')");

    JobRun job = recompute("--from=beginning", "--symbol=S1*", "--symbol=nobody", "--source=te?t");

    assertThat(job.count("seriesRecomputed")).isEqualTo(3);
    assertThat(tuples("symbol NOT IN ('S1', 'S10', 'S11')")).isEqualTo(others);
    assertThat(
            Row.difference(
                base(ticks).stream().filter(row -> row.symbol().startsWith("S1")).toList(),
                database.candles().stream().filter(row -> row.symbol().startsWith("S1")).toList()))
        .isEmpty();
    assertThat(series("--from=beginning", "--symbol=S1", "--source=other")).isEmpty();
    assertThat(series("--from=2024-08-10T00:00:00Z")).isEmpty();
  }

  @Test
  void whatIsBeforeTheMomentIsLeftAndGoneOnFrom() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(24, 3, Duration.ofHours(16));
    read(ticks);
    spoil(SEAM);
    String left = "\"timestamp\" < '%s'".formatted(MIDNIGHT);
    List<String> before = tuples(left);
    List<String> baseBefore = database.query(tuplesOf("market_data", upTo(SEAM)));

    recompute("--from=2024-08-09T10:07:00+02:00");

    assertThat(tuples(left)).isEqualTo(before).isNotEmpty();
    assertThat(database.query(tuplesOf("market_data", upTo(SEAM)))).isEqualTo(baseBefore);
    assertThat(Row.difference(base(ticks), database.candles(), TOLERANCE)).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(Row.difference(rows(timeframe, ticks), database.candles(timeframe), TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  /** 2,310 base candles and 462 of five minutes are left of each instrument, at most. */
  @Test
  void whereThePastIsDroppedRowsAreRecomputedAfterFourHundredCandles() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(25, 2, Duration.ofHours(40));
    read(ticks);
    dropBefore(MIDNIGHT, tables());
    List<String> firstBase = database.query(tuplesOf("market_data", first(400, "market_data")));
    List<String> first5m = database.query(tuplesOf("indicators_5m", first(400, "indicators_5m")));
    List<String> all1h = database.query(tuplesOf("indicators_1h", "true"));
    spoilAfter(400, "market_data");
    spoilAfter(400, "indicators_5m");

    JobRun job = recompute("--from=beginning");

    assertThat(database.query(tuplesOf("market_data", first(400, "market_data"))))
        .isEqualTo(firstBase)
        .hasSize(800);
    assertThat(database.query(tuplesOf("indicators_5m", first(400, "indicators_5m"))))
        .isEqualTo(first5m)
        .hasSize(800);
    assertThat(database.query(tuplesOf("indicators_1h", "true"))).isEqualTo(all1h);
    assertThat(job.rows("rowsWritten", "indicators_5m")).isPositive();
    assertThat(Row.difference(since(base(ticks)), database.candles(), TOLERANCE)).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(since(rows(timeframe, ticks)), database.candles(timeframe), TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  @Test
  void longerCandlesWithoutBaseCandlesAreThoseOfTheAggregates() throws Exception {
    assumeThat(edition).isEqualTo(Edition.COMMUNITY);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(26, 2, Duration.ofHours(16));
    read(ticks);
    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    database.execute("UPDATE retention_horizon SET dropped_before = '%s'".formatted(SEAM));
    dropBefore(SEAM, List.of("market_data"));
    for (Timeframe timeframe : Timeframe.values()) {
      database.execute("DELETE FROM indicators_" + timeframe.word());
    }

    recompute("--from=beginning");

    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(
                  over(timeframe, rows(timeframe, ticks)),
                  over(timeframe, database.candles(timeframe)),
                  TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  @Test
  void failureInTheMiddleLeavesNothingOut() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(27, 30, Duration.ofHours(8));
    read(ticks);
    spoil(Instant.EPOCH);
    JobConfig config = config("database.batch-size=100");
    FailingOnce.HAS_FAILED.set(false);

    JobRun job =
        recompute(config, new FailingOnce(Sinks.of(config.database())), "--from=beginning");

    assertThat(FailingOnce.HAS_FAILED).isTrue();
    assertThat(job.restarts()).isEqualTo(1);
    assertThat(job.count("seriesRecomputed")).isEqualTo(30);
    assertThat(Row.difference(base(ticks), database.candles())).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(Row.difference(rows(timeframe, ticks), database.candles(timeframe)))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  /** Sinks of which one fails at its second checkpoint, once. */
  private record FailingOnce(CandleSinks sinks) implements CandleSinks {

    static final AtomicBoolean HAS_FAILED = new AtomicBoolean();

    @Override
    public Sink<CandleRow> marketData() {
      Sink<CandleRow> sink = sinks.marketData();
      return context -> new Writer(sink.createWriter(context));
    }

    @Override
    public Sink<CandleRow> indicators(Timeframe timeframe) {
      return sinks.indicators(timeframe);
    }

    private static final class Writer implements SinkWriter<CandleRow> {

      private final SinkWriter<CandleRow> writer;
      private int checkpoints;

      Writer(SinkWriter<CandleRow> writer) {
        this.writer = writer;
      }

      @Override
      public void write(CandleRow row, Context context) throws IOException, InterruptedException {
        writer.write(row, context);
      }

      @Override
      public void flush(boolean endOfInput) throws IOException, InterruptedException {
        checkpoints++;
        if (checkpoints == 2 && !endOfInput && HAS_FAILED.compareAndSet(false, true)) {
          throw new IOException("a failure, as the test wants");
        }
        writer.flush(endOfInput);
      }

      @Override
      public void close() throws IOException {
        try {
          writer.close();
        } catch (Exception e) {
          throw new IOException("a writer does not close", e);
        }
      }
    }
  }

  private void read(List<GeneratedTicks.Arrival> ticks) throws Exception {
    Path file = Files.createTempFile(folder, "ticks", ".jsonl");
    write(ticks, file);
    FLINK
        .start(config("source.type=files", "source.files.paths=[\"" + file + "\"]"), PARALLELISM)
        .awaitEnd();
  }

  private static void write(List<GeneratedTicks.Arrival> ticks, Path file) throws IOException {
    Files.write(file, ticks.stream().map(tick -> new String(tick.json(), UTF_8)).toList());
  }

  private JobRun recompute(String... options) throws Exception {
    JobConfig config = config();
    return recompute(config, Sinks.of(config.database()), options);
  }

  private JobRun recompute(JobConfig config, CandleSinks sinks, String... options)
      throws Exception {
    JobRun job =
        FLINK.start(env -> Recompute.define(env, config, series(options), sinks), PARALLELISM);
    job.awaitEnd();
    return job;
  }

  private List<Recompute.Series> series(String... options) {
    Selection selection = new Selection();
    new CommandLine(selection)
        .parseArgs(
            Stream.concat(Stream.of("--config=unread"), Stream.of(options)).toArray(String[]::new));
    return selection.series(config());
  }

  private JobConfig config(String... more) {
    return JobConfig.of(Stream.concat(database.settings().stream(), Stream.of(more)).toList());
  }

  private static List<GeneratedTicks.Arrival> before(
      Instant moment, List<GeneratedTicks.Arrival> ticks) {
    return ticks.stream().filter(tick -> time(tick).isBefore(moment)).toList();
  }

  private static List<GeneratedTicks.Arrival> since(
      Instant moment, List<GeneratedTicks.Arrival> ticks) {
    return ticks.stream().filter(tick -> !time(tick).isBefore(moment)).toList();
  }

  private static Instant time(GeneratedTicks.Arrival tick) {
    String json = new String(tick.json(), UTF_8);
    int start = json.indexOf("\"timestamp\":\"") + "\"timestamp\":\"".length();
    return Instant.parse(json.substring(start, json.indexOf('"', start)));
  }

  private static List<Row> base(List<GeneratedTicks.Arrival> ticks) {
    return BATCH.marketData(GeneratedTicks.lines(ticks));
  }

  private static List<Row> rows(Timeframe timeframe, List<GeneratedTicks.Arrival> ticks) {
    return BATCH.timeframe(timeframe.length(), GeneratedTicks.lines(ticks));
  }

  private static List<Row> since(List<Row> rows) {
    return rows.stream().filter(row -> !row.timestamp().isBefore(MIDNIGHT)).toList();
  }

  private static List<String> tables() {
    List<String> tables = new ArrayList<>(List.of("market_data"));
    for (Timeframe timeframe : Timeframe.values()) {
      tables.add("indicators_" + timeframe.word());
    }
    return tables;
  }

  private void spoil(Instant from) throws Exception {
    for (Timeframe timeframe : Timeframe.values()) {
      Instant start =
          Instant.ofEpochSecond(timeframe.startOf(from.getEpochSecond() * 1_000_000) / 1_000_000);
      database.execute("UPDATE indicators_" + timeframe.word() + " " + SPOILED.formatted(start));
    }
    database.execute("UPDATE market_data " + SPOILED.formatted(from));
  }

  private void spoilAfter(int candles, String table) throws Exception {
    database.execute(
        "UPDATE %s %s AND NOT (%s)"
            .formatted(table, SPOILED.formatted(Instant.EPOCH), first(candles, table)));
  }

  private void dropBefore(Instant moment, List<String> tables) throws Exception {
    for (String table : tables) {
      database.execute("DELETE FROM %s WHERE %s".formatted(table, upTo(moment)));
    }
  }

  private static String upTo(Instant moment) {
    return "\"timestamp\" < '%s'".formatted(moment);
  }

  /** The condition that a row is one of the first of its instrument. */
  private static String first(int candles, String table) {
    return """
    (symbol, "timestamp") IN (
      SELECT symbol, "timestamp"
      FROM (SELECT symbol, "timestamp", row_number() OVER (PARTITION BY symbol ORDER BY "timestamp") FROM %s) t
      WHERE row_number <= %d)
    """
        .formatted(table, candles);
  }

  /** Which tuples hold the rows of all tables: equal as long as nothing was written. */
  private List<String> tuples(String condition) throws Exception {
    List<String> tuples = new ArrayList<>();
    for (String table : tables()) {
      tuples.addAll(database.query(tuplesOf(table, condition)));
    }
    return tuples;
  }

  private static String tuplesOf(String table, String condition) {
    return "SELECT symbol, \"timestamp\", tableoid, ctid, xmin FROM %s WHERE %s ORDER BY 1, 2"
        .formatted(table, condition);
  }

  /** Those that had ended with the newest base candle. */
  private List<Row> over(Timeframe timeframe, List<Row> rows) throws Exception {
    Instant end =
        Instant.parse(
            database
                .query(
                    """
                    SELECT to_char(max("timestamp") + INTERVAL '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                    FROM market_data
                    """)
                .get(0));
    return rows.stream()
        .filter(row -> !row.timestamp().plus(timeframe.length()).isAfter(end))
        .toList();
  }
}

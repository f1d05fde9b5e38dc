package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.CandlestreamJob;
import io.candlestream.RefreshAggregates;
import io.candlestream.candle.TouchedRange;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.DetachedJobExecutionResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Files from years ago, which no scheduled refresh reaches, and the aggregates right after. */
@ParameterizedClass
@EnumSource
class BackfillIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** Before all candles, and after. */
  private static final String FROM = "2024-08-08T22:30:00Z";

  private static final String TO = "2024-08-09T01:30:00Z";
  private static final String CALL = "CALL refresh_candles('" + FROM + "', '" + TO + "');";

  @TempDir private Path folder;

  private final Edition edition;
  private final TestDatabase database;

  /** Added to from another thread, too. */
  private final List<String> said = new CopyOnWriteArrayList<>();

  BackfillIT(Edition edition) {
    this.edition = edition;
    database = TestDatabase.offering(edition, "schema.retention.base=0");
  }

  @AfterEach
  void drop() throws Exception {
    database.close();
  }

  @Test
  void theAggregatesHoldWhatWasWritten() throws Exception {
    List<GeneratedTicks.Arrival> ticks = threeHours();
    JobRun job = backfill(ticks);
    assertThat(TouchedRange.of(job.result())).contains(range(FROM, TO));
    showMaterializedOnly();
    if (edition == Edition.COMMUNITY) {
      assertThat(materialized()).containsExactly("0", "0", "0", "0");
    }

    refresh(job.result(), database.config());

    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(
                  BATCH.timeframe(timeframe.length(), GeneratedTicks.lines(ticks)),
                  database.candles(timeframe)))
          .as(timeframe.word())
          .isEmpty();
    }
    if (edition == Edition.COMMUNITY) {
      assertThat(materialized()).doesNotContain("0");
      assertRefreshed();
    } else {
      assertNothingToRefresh();
    }
  }

  @Test
  void theMainProgramOfAClusterRefreshesToo() throws Exception {
    write(folder.resolve("ticks.jsonl"), threeHours());
    List<String> arguments = new ArrayList<>();
    arguments.add("--config");
    arguments.add(Files.writeString(folder.resolve("job.yaml"), "{}").toString());
    for (String setting :
        settings(database.settingsWithPasswordIn(folder), folder + "/ticks.jsonl")) {
      arguments.add("--set");
      arguments.add(setting);
    }

    CandlestreamJob.main(arguments.toArray(String[]::new));

    if (edition == Edition.COMMUNITY) {
      assertThat(materialized()).doesNotContain("0");
    }
    assertThat(database.query("SELECT count(*) > 0 FROM market_data")).containsExactly("t");
  }

  @Test
  void aFailureInTheMiddleForgetsNothingOfTheRange() throws Exception {
    List<GeneratedTicks.Arrival> ticks = threeHours();
    Path file = folder.resolve("ticks.jsonl");
    write(file, ticks);

    JobRun job =
        FLINK.runWithFailure(
            JobConfig.of(settings(database.settings(), file.toString())), ticks.size() / 2);

    assertThat(job.restarts()).isEqualTo(1);
    assertThat(TouchedRange.of(job.result())).contains(range(FROM, TO));
  }

  @Test
  void flatCandlesBetweenThePastAndTheFirstTradeAreTouchedToo() throws Exception {
    Instant past = Instant.parse(FROM);
    writeLines(folder.resolve("1.jsonl"), GeneratedTicks.tick("A", past, 1, "10"));
    run(folder.resolve("1.jsonl").toString(), "candles.fill-gaps=true");
    writeLines(folder.resolve("2.jsonl"), GeneratedTicks.tick("A", past.plusSeconds(900), 2, "11"));

    JobRun job = run(folder.resolve("2.jsonl").toString(), "candles.fill-gaps=true");

    assertThat(database.query("SELECT count(*) FROM market_data")).containsExactly("16");
    assertThat(TouchedRange.of(job.result()))
        .contains(range("2024-08-08T22:31:00Z", "2024-08-08T22:46:00Z"));
  }

  @Test
  void filesWithoutAnyTickLeaveNothingToRefresh() throws Exception {
    writeLines(folder.resolve("none.jsonl"), "no tick");

    JobRun job = run(folder.resolve("none.jsonl").toString());
    refresh(job.result(), database.config());

    assertThat(TouchedRange.of(job.result())).contains(TouchedRange.NONE);
    if (edition == Edition.COMMUNITY) {
      assertThat(said).containsExactly("Nothing to refresh: no candle was written.");
    } else {
      assertNothingToRefresh();
    }
  }

  @Test
  void aRoleThatMayNotRefreshIsToldWhatTheOwnerIsToRun() throws Exception {
    List<String> login = database.loginOf("candlestream_writer");
    write(folder.resolve("ticks.jsonl"), threeHours());
    JobConfig config = JobConfig.of(settings(login, folder + "/ticks.jsonl"));
    JobRun job = FLINK.start(config, 2);

    refresh(job.result(), config.database());

    if (edition == Edition.COMMUNITY) {
      assertThat(said)
          .containsExactly(
              "Refreshing the aggregates:  " + CALL,
              "The job's role may not do that (ERROR: permission denied to set role"
                  + " \"candlestream_owner\"). Run it as a member of candlestream_owner.");
      assertThat(materialized()).containsExactly("0", "0", "0", "0");
    } else {
      assertNothingToRefresh();
    }
  }

  @Test
  void whatRetentionWillDropIsSaidBefore() throws Exception {
    assumeThat(edition).isEqualTo(Edition.COMMUNITY);
    JobRun job = backfill(threeHours());
    database.execute("UPDATE retention_horizon SET dropped_before = '2024-08-09T00:00:00Z'");

    refresh(job.result(), database.config());

    assertThat(said.get(0))
        .isEqualTo(
            "Retention drops candles from before 2024-08-09T00:00:00Z, soon. To keep those of this"
                + " run, set schema.retention.base to 0 or long enough, and migrate, now.");
    assertThat(said.get(1)).isEqualTo("Refreshing the aggregates:  " + CALL);
  }

  @Test
  void aMemberOfTheOwnerRefreshesAsTheOwner() throws Exception {
    List<String> login = database.loginOf("candlestream_owner, candlestream_writer");
    JobRun job = backfill(threeHours());

    refresh(job.result(), JobConfig.of(login).database());

    if (edition == Edition.COMMUNITY) {
      assertRefreshed();
      assertThat(materialized()).doesNotContain("0");
    } else {
      assertNothingToRefresh();
    }
  }

  @Test
  void aRunThatNobodyWaitsForSaysWhatToRunAfterIt() throws Exception {
    refresh(new DetachedJobExecutionResult(new JobID()), database.config());

    if (edition == Edition.COMMUNITY) {
      assertThat(said)
          .containsExactly(
              "The time that this run touches is not known here. When it has ended, run as a member"
                  + " of candlestream_owner:  CALL refresh_candles('-infinity', 'infinity');");
      backfill(threeHours());
      database.execute("CALL refresh_candles('-infinity', 'infinity')");
      assertThat(materialized()).doesNotContain("0");
    } else {
      assertNothingToRefresh();
    }
  }

  @Test
  void aRefreshThatFailsSaysWhatToRunWhenItIsPutRight() throws Exception {
    assumeThat(edition).isEqualTo(Edition.COMMUNITY);
    JobRun job = backfill(threeHours());
    database.execute("DROP PROCEDURE refresh_candles");

    assertThatThrownBy(() -> refresh(job.result(), database.config()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the candles are written, but the aggregates may not be up to date (cannot refresh the"
                + " aggregates after 0 retries); run  "
                + CALL)
        .hasRootCauseInstanceOf(SQLException.class);
  }

  /** The other is held up in the middle, as a scheduled one that has much to do. */
  @Test
  void aRefreshThatIsAtWorkIsWaitedFor() throws Exception {
    assumeThat(edition).isEqualTo(Edition.COMMUNITY);
    JobRun job = backfill(threeHours());
    CompletableFuture<Void> other;
    CompletableFuture<Void> ours;
    try (Connection holder = database.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE %s IN EXCLUSIVE MODE".formatted(materializations().get(0)));
      other = CompletableFuture.runAsync(() -> execute(CALL));
      Eventually.holds(() -> assertThat(sessionsThatWait("CALL refresh%")).isOne());
      ours = CompletableFuture.runAsync(() -> refreshAfter(job));
      Eventually.holds(
          () ->
              assertThat(said)
                  .containsExactly(
                      "Refreshing the aggregates:  " + CALL,
                      "Another refresh is at work there: waiting for it."));
      assertThat(ours).isNotDone();
      holder.rollback();
    }
    other.join();
    ours.join();
    assertThat(said).hasSize(7);
    assertThat(said.subList(2, 6))
        .containsExactly(
            "  continuous aggregate \"market_data_5m\" is already up-to-date",
            "  continuous aggregate \"market_data_15m\" is already up-to-date",
            "  continuous aggregate \"market_data_1h\" is already up-to-date",
            "  continuous aggregate \"market_data_1d\" is already up-to-date");
    assertUpToDate(said.get(6));
    assertThat(materialized()).doesNotContain("0");
  }

  private void refreshAfter(JobRun job) {
    try {
      refresh(job.result(), database.config());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void execute(String sql) {
    try {
      database.execute(sql);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private long sessionsThatWait(String statement) throws Exception {
    return Long.parseLong(
        database
            .query(
                """
                SELECT count(*)
                FROM pg_stat_activity
                WHERE wait_event_type = 'Lock'
                  AND datname = current_database()
                  AND query LIKE '%s'
                """
                    .formatted(statement))
            .get(0));
  }

  private void refresh(JobExecutionResult run, DatabaseConfig config) throws Exception {
    RefreshAggregates.after(run, config, said::add);
  }

  private void assertRefreshed() {
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).isEqualTo("Refreshing the aggregates:  " + CALL);
    assertUpToDate(said.get(1));
  }

  private static void assertUpToDate(String line) {
    assertThat(line).matches("The aggregates are up to date, after \\d+\\.\\d s\\.");
  }

  private void assertNothingToRefresh() {
    assertThat(said)
        .containsExactly(
            "Nothing to refresh: on edition %s, the higher timeframes are views."
                .formatted(edition.name().toLowerCase(Locale.ROOT)));
  }

  /** What is not materialized is no longer computed as it is asked for. */
  private void showMaterializedOnly() throws Exception {
    if (edition == Edition.COMMUNITY) {
      for (Timeframe timeframe : Timeframe.values()) {
        database.execute(
            "ALTER MATERIALIZED VIEW market_data_%s SET (timescaledb.materialized_only = true)"
                .formatted(timeframe.word()));
      }
    }
  }

  /** Of the aggregates of candles. */
  private List<String> materializations() throws Exception {
    return database.query(
        """
        SELECT format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
        FROM timescaledb_information.continuous_aggregates
        WHERE hypertable_name = 'market_data'
        ORDER BY view_name
        """);
  }

  /** How many buckets each aggregate holds. */
  private List<String> materialized() throws Exception {
    List<String> counts = new ArrayList<>();
    for (String table : materializations()) {
      counts.addAll(database.query("SELECT count(*) FROM " + table));
    }
    return counts;
  }

  private static List<GeneratedTicks.Arrival> threeHours() {
    return GeneratedTicks.inTime(31, 20, Duration.ofHours(3));
  }

  /** A file of each hour and a half, one of them compressed. */
  private JobRun backfill(List<GeneratedTicks.Arrival> ticks) throws Exception {
    Path directory = Files.createDirectories(folder.resolve("days"));
    write(directory.resolve("1.jsonl.gz"), ticks.subList(0, ticks.size() / 2));
    write(directory.resolve("2.jsonl"), ticks.subList(ticks.size() / 2, ticks.size()));
    return run(directory.toString());
  }

  private JobRun run(String paths, String... more) throws Exception {
    JobRun job = FLINK.start(JobConfig.of(settings(database.settings(), paths, more)), 2);
    job.awaitEnd();
    return job;
  }

  private static List<String> settings(List<String> database, String paths, String... more) {
    return Stream.of(
            database.stream(),
            Stream.of("source.type=files", "source.files.paths=[\"" + paths + "\"]"),
            Stream.of(more))
        .flatMap(settings -> settings)
        .toList();
  }

  private static TouchedRange range(String from, String to) {
    return new TouchedRange(micros(from), micros(to));
  }

  private static long micros(String time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
  }

  private static void write(Path file, List<GeneratedTicks.Arrival> ticks) throws IOException {
    writeLines(
        file, ticks.stream().map(tick -> new String(tick.json(), UTF_8)).toArray(String[]::new));
  }

  private static void writeLines(Path file, String... lines) throws IOException {
    byte[] content = (String.join("\n", lines) + "\n").getBytes(UTF_8);
    try (OutputStream bytes = Files.newOutputStream(file);
        OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes) {
      out.write(content);
    }
  }
}

package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A constraint that somebody has added by hand, in the way of some rows of a job that runs. */
@ParameterizedClass
@EnumSource
class RefusedRowsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 4;
  private static final int PARALLELISM = 2;
  private static final int INSTRUMENTS = 7;
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** One instrument is refused whole, and of the others one minute in seven. */
  private static final String CONSTRAINT =
      "symbol <> 'S3' AND extract(minute FROM \"timestamp\" AT TIME ZONE 'UTC') % 7 <> 5";

  private final TestDatabase database;
  private final Topic topic = Topic.create(PARTITIONS);

  RefusedRowsIT(Edition edition) {
    database = TestDatabase.offering(edition);
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  private static boolean isRefused(Row row) {
    return row.symbol().equals("S3")
        || row.timestamp().atOffset(ZoneOffset.UTC).getMinute() % 7 == 5;
  }

  @Test
  void constraintAddedByHandStopsOnlyTheRowsItIsAboutAndTheyComeInByReplay() throws Exception {
    List<Row> expected = runAgainstTheConstraint();

    database.execute("ALTER TABLE market_data DROP CONSTRAINT by_hand");
    database.execute("CALL replay_rejected_rows('market_data')");

    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertThat(waiting()).isEmpty();
  }

  @Test
  void topicReadAgainAddsNoSecondEntryAndBringsTheRowsInOnceItMay() throws Exception {
    List<Row> expected = runAgainstTheConstraint();
    List<String> entries = entries();

    JobRun second = runToEnd();

    assertThat(second.rows("rowsRefused", "market_data")).isGreaterThanOrEqualTo(entries.size());
    assertThat(entries()).isEqualTo(entries);

    database.execute("ALTER TABLE market_data DROP CONSTRAINT by_hand");
    JobRun third = runToEnd();

    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertThat(third.rows("rowsRefused", "market_data")).isZero();
    assertThat(waiting()).isEmpty();

    database.execute("CALL replay_rejected_rows()");
    assertThat(Row.difference(expected, database.candles())).isEmpty();
  }

  private List<Row> runAgainstTheConstraint() throws Exception {
    refuse();
    GeneratedTicks.send(
        GeneratedTicks.partlyLate(6, INSTRUMENTS, Duration.ofHours(8)), topic, PARTITIONS);

    JobRun job = runToEnd();

    List<Row> expected = BATCH.marketData(topic.records());
    List<Row> refused = expected.stream().filter(RefusedRowsIT::isRefused).toList();
    assertThat(refused).hasSizeBetween(expected.size() / 5, expected.size() / 3);
    assertThat(job.restarts()).isZero();
    assertThat(
            Row.difference(
                expected.stream().filter(row -> !isRefused(row)).toList(), database.candles()))
        .isEmpty();
    assertThat(entries())
        .containsExactlyElementsOf(
            refused.stream()
                .map(row -> "%s|%s|%d|t".formatted(row.symbol(), row.timestamp(), row.trades()))
                .toList());
    assertThat(
            database.query(
                "SELECT DISTINCT table_name, sqlstate, constraint_name FROM rejected_rows"))
        .containsExactly("market_data|23514|by_hand");
    assertThat(database.query("SELECT sum(refusals) FROM rejected_rows"))
        .containsExactly("" + job.rows("rowsRefused", "market_data"));
    assertThat(job.rows("rowsWritten", "market_data"))
        .isGreaterThanOrEqualTo(expected.size() - refused.size());
    assertThat(job.count("ticksAccepted"))
        .isEqualTo(expected.stream().mapToLong(Row::trades).sum());
    return expected;
  }

  /** What waits, by key and number of trades, in the order of the table that it waits for. */
  private List<String> entries() throws Exception {
    return database.query(
        """
        SELECT
          key ->> 'symbol', key ->> 'timestamp', content ->> 'trades', resolved_at IS NULL
        FROM rejected_rows
        ORDER BY key ->> 'symbol' COLLATE "C", "timestamp"
        """);
  }

  @Test
  void flowGoesOnWhileRowsAreRefusedAndOnceTheyAreNot() throws Exception {
    refuse();
    List<GeneratedTicks.Arrival> arrivals =
        GeneratedTicks.partlyLate(7, INSTRUMENTS, Duration.ofHours(3));
    int third = arrivals.size() / 3;
    GeneratedTicks.send(arrivals.subList(0, third), topic, PARTITIONS);
    JobRun job = FLINK.start(config("time.idle-timeout=1s"), PARALLELISM);
    job.eventually(() -> assertThat(waiting()).isNotEmpty());
    job.checkpoint();

    int before = waiting().size();
    GeneratedTicks.send(arrivals.subList(third, 2 * third), topic, PARTITIONS);
    topic.flush();
    job.eventually(() -> assertThat(waiting()).hasSizeGreaterThan(before));
    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);

    database.execute("ALTER TABLE market_data DROP CONSTRAINT by_hand");
    GeneratedTicks.send(arrivals.subList(2 * third, arrivals.size()), topic, PARTITIONS);

    List<Row> expected = BATCH.marketData(topic.records());
    job.eventually(
        () -> {
          // again, as a flush that met the constraint may record its rows after it is gone
          database.execute("CALL replay_rejected_rows()");
          assertThat(waiting()).isEmpty();
          assertThat(Row.difference(expected, database.candles())).isEmpty();
        });
    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(job.restarts()).isZero();
  }

  private void refuse() throws Exception {
    database.execute(
        "ALTER TABLE market_data ADD CONSTRAINT by_hand CHECK (%s)".formatted(CONSTRAINT));
  }

  private List<String> waiting() throws Exception {
    return database.query("SELECT key FROM rejected_rows WHERE resolved_at IS NULL");
  }

  private JobRun runToEnd() throws Exception {
    topic.flush();
    JobRun job = FLINK.start(config("source.kafka.stop=latest"), PARALLELISM);
    job.awaitEnd();
    return job;
  }

  private JobConfig config(String... settings) {
    return JobConfig.of(
        Stream.of(
                topic.settings().stream(),
                database.settings().stream(),
                Stream.of("source.kafka.start=earliest", "validation.max-age=0"),
                Stream.of(settings))
            .flatMap(Function.identity())
            .toList());
  }
}

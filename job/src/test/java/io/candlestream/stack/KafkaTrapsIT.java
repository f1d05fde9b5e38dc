package io.candlestream.stack;

import static io.candlestream.stack.GeneratedTicks.tick;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where a job that reads Kafka is known to lose ticks, or to wait for ever: on one edition, as the
 * database has no part in it.
 */
class KafkaTrapsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** The start of the current minute. */
  private final Instant thisMinute = Instant.now().truncatedTo(ChronoUnit.MINUTES);

  /**
   * Minutes that the machine's clock is far from: only ticks can close their candles. The tests
   * that use them take ticks from the future.
   */
  private final Instant soon = thisMinute.plus(Duration.ofMinutes(30));

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
  private Topic topic;
  private long lastTradeId;

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void recordAfterTheFirstCheckpointIsNotLostWhereTheStartIsLatest() throws Exception {
    topic = Topic.create(2);
    topic.send(1, tick("BEFORE", minutesAgo(5), 1, "1"));
    topic.flush();
    JobRun job = start(2, "source.kafka.start=latest");
    job.eventually(() -> assertThat(job.reads(2)).isTrue());
    job.awaitRunning();
    job.checkpoint();

    FLINK.loseTaskManager();
    Instant half = minutesAgo(4).plusSeconds(30);
    topic.send(0, tick("EMPTY", minutesAgo(4), 2, "2"));
    topic.send(1, half, tick("HALF", half, 3, "3").getBytes(UTF_8));
    topic.send(1, minutesAgo(3), tick("WHOLE", minutesAgo(3), 4, "4").getBytes(UTF_8));
    topic.flush();
    FLINK.replaceTaskManager();

    job.eventually(
        () ->
            assertThat(database.candles())
                .map(row -> pair(row.symbol(), row.close()))
                .containsExactly(pair("EMPTY", "2"), pair("WHOLE", "4")));
    assertThat(job.restarts()).isPositive();
    assertThat(job.count("ticksBeforeStart")).isEqualTo(1);
    assertThat(job.count("ticksAccepted")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void emptyPartitionHoldsBackNoCandle(int parallelism) throws Exception {
    topic = Topic.create(2);
    JobRun job = start(parallelism, "validation.max-ahead=1h");
    topic.send(0, tick("A", soon, 1, "1"));

    sendUntil(
        job,
        () -> topic.send(0, later()),
        () -> assertThat(candles()).containsExactly(pair(soon, "1")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void partitionThatFellSilentHoldsBackNoCandle(int parallelism) throws Exception {
    topic = Topic.create(2);
    JobRun job = start(parallelism, "validation.max-ahead=1h");
    topic.send(1, tick("Z", soon, nextTradeId(), "7"));
    topic.send(0, tick("A", soon, nextTradeId(), "1"));

    sendUntil(
        job,
        () -> topic.send(0, later()),
        () -> assertThat(candles()).containsExactly(pair(soon, "1"), pair(soon, "7")));

    topic.send(1, tick("Z", soon.plusSeconds(30), nextTradeId(), "8"));
    sendUntil(
        job,
        () -> topic.send(0, later()),
        () -> assertThat(candles()).containsExactly(pair(soon, "1"), pair(soon, "8")));
    assertThat(job.count("ticksRejected")).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void lastCandleClosesByTheMachinesClockOnceAllIsSilent(int parallelism) throws Exception {
    topic = Topic.create(2);
    JobRun job = start(parallelism);
    topic.send(0, tick("A", minutesAgo(3), 1, "1"));
    topic.send(1, tick("B", minutesAgo(3), 2, "2"));

    job.eventually(
        () ->
            assertThat(candles())
                .containsExactly(pair(minutesAgo(3), "1"), pair(minutesAgo(3), "2")));

    topic.send(0, tick("A", minutesAgo(3).plusSeconds(1), 4, "4"));
    job.eventually(
        () ->
            assertThat(candles())
                .as("a tick after that corrects its candle")
                .containsExactly(pair(minutesAgo(3), "4"), pair(minutesAgo(3), "2")));
  }

  @Test
  void savepointLosesNothingCountsNothingTwiceAndReopensNoDroppedCandle() throws Exception {
    topic = Topic.create(4);
    List<GeneratedTicks.Arrival> arrivals = GeneratedTicks.partlyLate(4, 6, Duration.ofMinutes(90));
    int half = arrivals.size() / 2;
    GeneratedTicks.send(arrivals.subList(0, half), topic, 4);
    JobRun first = start(2);
    first.eventually(
        () ->
            assertThat(first.count("ticksAccepted") + first.count("ticksDuplicate"))
                .isEqualTo(half));
    // All is silent, so the watermark has gone on to now; the next tick drops what it may.
    first.eventually(() -> assertThat(database.candles()).hasSameSizeAs(expected()));
    Instant last = arrivals.get(half).at();
    topic.send(0, last, tick("S0", last, 90_000_001, "9999").getBytes(UTF_8));
    first.eventually(
        () ->
            assertThat(first.count("ticksAccepted") + first.count("ticksDuplicate"))
                .isEqualTo(half + 1L));

    String savepoint = first.stopWithSavepoint();
    List<TickRecord> inTime = topic.records();
    String late = tick("S0", GeneratedTicks.START.plusSeconds(1), 90_000_002, "1");
    topic.send(0, last, late.getBytes(UTF_8));
    long lateOffset = topic.records().get(topic.records().size() - 1).offset();
    GeneratedTicks.send(arrivals.subList(half, arrivals.size()), topic, 4);
    List<TickRecord> all = new ArrayList<>(inTime);
    all.addAll(topic.records().subList(half + 2, topic.records().size()));

    JobRun second = FLINK.restore(config("source.kafka.start=earliest"), 3, savepoint);

    second.eventually(
        () -> assertThat(Row.difference(BATCH.marketData(all), database.candles())).isEmpty());
    assertThat(second.count("ticksAccepted") + second.count("ticksDuplicate"))
        .isEqualTo(all.size());
    assertThat(second.count("ticksAccepted"))
        .isEqualTo(database.candles().stream().mapToLong(Row::trades).sum());
    second.eventually(
        () ->
            assertThat(
                    database.query(
                        "SELECT partition, \"offset\", reasons, convert_from(raw, 'UTF8')"
                            + " FROM rejected_ticks"))
                .containsExactly("0|" + lateOffset + "|{LATE}|" + late));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void rejectsNeitherMoveTheWatermarkNorKeepTheirPartitionActive(int parallelism) throws Exception {
    topic = Topic.create(2);
    JobRun job = start(parallelism, "validation.max-ahead=1h");
    topic.send(1, tick("A", soon, nextTradeId(), "1"));
    topic.send(0, tick("FUTURE", Instant.parse("2099-01-01T00:00:00Z"), nextTradeId(), "1"));

    sendUntil(
        job,
        () -> {
          for (int i = 0; i < 100; i++) {
            topic.send(0, "no tick");
          }
          topic.send(0, tick("FUTURE", Instant.parse("2099-01-01T00:00:00Z"), 1, "1"));
          topic.send(1, later());
        },
        () -> assertThat(candles()).containsExactly(pair(soon, "1")));

    topic.send(0, tick("B", soon, nextTradeId(), "5"));
    topic.send(1, tick("A", soon.plusSeconds(1), nextTradeId(), "6"));
    sendUntil(
        job,
        () -> topic.send(1, later()),
        () -> assertThat(candles()).containsExactly(pair(soon, "6"), pair(soon, "5")));
    assertThat(database.query("SELECT DISTINCT reasons FROM rejected_ticks ORDER BY 1"))
        .containsExactly("{FUTURE}", "{MALFORMED}");
    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(job.restarts()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"earliest", "latest", "committed"})
  void partitionsAddedWhileTheJobRunsAreRead(String start) throws Exception {
    topic = Topic.create(1);
    JobRun job =
        start(
            2,
            "source.kafka.start=" + start,
            "source.kafka.properties={partition.discovery.interval.ms: 100}");
    job.eventually(() -> assertThat(job.reads(1)).isTrue());
    topic.send(0, tick("A", minutesAgo(3), 1, "1"));
    topic.grow(3);
    topic.send(1, tick("B", minutesAgo(3), 2, "2"));
    topic.send(2, tick("C", minutesAgo(3), 3, "3"));

    job.eventually(
        () ->
            assertThat(candles())
                .containsExactly(
                    pair(minutesAgo(3), "1"), pair(minutesAgo(3), "2"), pair(minutesAgo(3), "3")));
    assertThat(job.reads(3)).isTrue();
    assertThat(job.restarts()).isZero();
  }

  @Test
  void subtasksWithoutPartitionHoldBackNoCandle() throws Exception {
    topic = Topic.create(1);
    JobRun job = start(4, "validation.max-ahead=1h");
    topic.send(0, tick("A", soon, 1, "1"));

    sendUntil(
        job,
        () -> topic.send(0, later()),
        () -> assertThat(candles()).containsExactly(pair(soon, "1")));
  }

  @Test
  void subtasksWithoutPartitionDoNotKeepBoundedInputFromItsEnd() throws Exception {
    topic = Topic.create(1);
    GeneratedTicks.send(GeneratedTicks.partlyLate(5, 4, Duration.ofMinutes(30)), topic, 1);
    topic.flush();

    start(4, "source.kafka.stop=latest").awaitEnd();

    assertThat(Row.difference(expected(), database.candles())).isEmpty();
  }

  /** Sends again and again, so that the input is not silent, until the assertions hold. */
  private static void sendUntil(JobRun job, Runnable send, Eventually.Assertions assertions)
      throws Exception {
    job.eventually(
        () -> {
          send.run();
          assertions.check();
        });
  }

  /** A tick well after the minute of {@link #soon}, each a little later than the one before. */
  private String later() {
    long id = nextTradeId();
    return tick("A", soon.plusSeconds(120).plusMillis(10 * id), id, "2");
  }

  private long nextTradeId() {
    return ++lastTradeId;
  }

  private Instant minutesAgo(int minutes) {
    return thisMinute.minus(Duration.ofMinutes(minutes));
  }

  private JobRun start(int parallelism, String... settings) throws Exception {
    JobRun job = FLINK.start(config(settings), parallelism);
    job.awaitRunning();
    return job;
  }

  private JobConfig config(String... settings) {
    return JobConfig.of(
        Stream.of(
                topic.settings().stream(),
                database.settings().stream(),
                Stream.of("source.kafka.start=earliest", "time.idle-timeout=1s"),
                Stream.of(settings))
            .flatMap(Function.identity())
            .toList());
  }

  private List<Row> expected() throws Exception {
    return BATCH.marketData(topic.records());
  }

  private List<List<Object>> candles() throws Exception {
    return database.candles().stream().map(row -> pair(row.timestamp(), row.close())).toList();
  }

  private static List<Object> pair(Object left, Object right) {
    return List.of(left, right);
  }
}

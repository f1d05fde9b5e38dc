package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A job that is stopped without a savepoint, and another that goes on where the candles end. */
@ParameterizedClass
@EnumSource
class ResumeIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 4;
  private static final int PARALLELISM = 2;
  private static final double TOLERANCE = 1e-9;
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  private final TestDatabase database;
  private final Topic topic;

  ResumeIT(Edition edition) {
    database = TestDatabase.offering(edition, "schema.retention.base=0");
    topic = Topic.create(PARTITIONS);
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  /** Long enough for every indicator of the base candle to have forgotten its beginning. */
  @Test
  void laterRowsAreThoseOfAJobThatNeverStopped() throws Exception {
    Duration length = Duration.ofHours(16);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(5, 7, length);
    Random random = new Random(11);
    Instant from = GeneratedTicks.START;
    for (int stop = 0; stop < 3; stop++) {
      Instant to = from.plusSeconds(random.nextInt((int) length.toSeconds() / 3));
      sendAndStop(ticks, from, to, stop == 0 ? "earliest" : "resume");
      from = to;
    }
    send(ticks, from, Instant.MAX);

    JobRun last = FLINK.start(config("resume", "source.kafka.stop=latest"), PARALLELISM);
    last.awaitEnd();

    assertThat(last.count("ticksBeforeStart")).isPositive();
    assertTablesAreThoseOfAllTicks(BATCH);
  }

  @Test
  void gapsAreFilledAcrossTheStop() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(8, 5, Duration.ofHours(8));
    Instant stop = GeneratedTicks.START.plus(Duration.ofMinutes(283));
    sendAndStop(ticks, GeneratedTicks.START, stop, "earliest", "candles.fill-gaps=true");
    send(ticks, stop, Instant.MAX);

    JobRun last =
        FLINK.start(
            config("resume", "source.kafka.stop=latest", "candles.fill-gaps=true"), PARALLELISM);
    last.awaitEnd();

    assertThat(database.query("SELECT count(*) > 0 FROM market_data WHERE trades = 0"))
        .containsExactly("t");
    assertTablesAreThoseOfAllTicks(BATCH.fillingGaps(true));
  }

  @Test
  void thousandInstrumentsGoOnFromTheDatabase() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(6, 1_000, Duration.ofMinutes(40));
    Instant stop = GeneratedTicks.START.plus(Duration.ofMinutes(23));
    sendAndStop(ticks, GeneratedTicks.START, stop, "earliest");
    send(ticks, stop, Instant.MAX);

    JobRun last = FLINK.start(config("resume", "source.kafka.stop=latest"), PARALLELISM);
    last.awaitEnd();

    assertTablesAreThoseOfAllTicks(BATCH);
  }

  /**
   * Runs the job on some of the ticks, and kills it when it has written what it can of them: the
   * latest candles are still open.
   */
  private void sendAndStop(
      List<GeneratedTicks.Arrival> ticks, Instant from, Instant to, String start, String... more)
      throws Exception {
    send(ticks, from, to);
    List<String> settings = new ArrayList<>(List.of(more));
    settings.addAll(List.of("candles.live-every=100ms", "time.idle-timeout=1h"));
    JobRun job = FLINK.start(config(start, settings.toArray(String[]::new)), PARALLELISM);
    Instant newest = to.minus(Duration.ofMinutes(4)).truncatedTo(ChronoUnit.MINUTES);
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        """
                        SELECT coalesce(max("timestamp") FILTER (WHERE closed) >= '%s', false),
                          count(*) FILTER (WHERE NOT closed) > 0
                        FROM market_data
                        """
                            .formatted(newest)))
                .containsExactly("t|t"));
    job.checkpoint();
    job.cancel();
    database.execute(
        "CALL refresh_candles('2024-08-01Z', '%s')".formatted(to.minus(Duration.ofMinutes(10))));
  }

  private void send(List<GeneratedTicks.Arrival> ticks, Instant from, Instant to) {
    List<GeneratedTicks.Arrival> some = new ArrayList<>();
    for (GeneratedTicks.Arrival tick : ticks) {
      if (!tick.at().isBefore(from) && tick.at().isBefore(to)) {
        some.add(tick);
      }
    }
    GeneratedTicks.send(some, topic, PARTITIONS);
    topic.flush();
  }

  private void assertTablesAreThoseOfAllTicks(BatchComputation batch) throws Exception {
    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    assertThat(Row.difference(batch.marketData(topic.records()), database.candles(), TOLERANCE))
        .isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(
                  batch.timeframe(timeframe.length(), topic.records()),
                  database.candles(timeframe),
                  TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  private JobConfig config(String start, String... more) {
    return JobConfig.of(
        Stream.of(
                database.settings().stream(),
                topic.settings().stream(),
                Stream.of("validation.max-age=0", "source.kafka.start=" + start),
                Stream.of(more))
            .flatMap(settings -> settings)
            .toList());
  }
}

package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Base candles of five minutes, written by a login that may write and nothing else. */
@ParameterizedClass
@EnumSource
class FiveMinutesIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 2;
  private static final int PARALLELISM = 2;
  private static final double TOLERANCE = 1e-9;
  private static final Duration BASE = Duration.ofMinutes(5);

  private final TestDatabase database;
  private final Topic topic = Topic.create(PARTITIONS);

  FiveMinutesIT(Edition edition) {
    database = TestDatabase.offering(edition, "candles.interval=5m", "schema.retention.base=0");
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void aJobThatResumesWritesWhatOneThatNeverStoppedWould() throws Exception {
    List<String> login = database.loginOf("candlestream_writer");
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(41, 3, Duration.ofHours(30));
    int half = ticks.size() / 2;

    GeneratedTicks.send(ticks.subList(0, half), topic, PARTITIONS);
    run(login, "earliest");
    GeneratedTicks.send(ticks.subList(half, ticks.size()), topic, PARTITIONS);
    run(login, "resume");

    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    BatchComputation batch = new BatchComputation(BASE, null);
    assertThat(Row.difference(batch.marketData(topic.records()), database.candles(), TOLERANCE))
        .isEmpty();
    for (Timeframe timeframe :
        List.of(Timeframe.FIFTEEN_MINUTES, Timeframe.ONE_HOUR, Timeframe.ONE_DAY)) {
      assertThat(
              Row.difference(
                  batch.timeframe(timeframe.length(), topic.records()),
                  database.candles(timeframe),
                  TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  private void run(List<String> login, String start) throws Exception {
    topic.flush();
    JobConfig config =
        JobConfig.of(
            Stream.of(
                    login,
                    topic.settings(),
                    List.of(
                        "candles.interval=5m",
                        "timeframes=[15m, 1h, 1d]",
                        "validation.max-age=0",
                        "source.kafka.start=" + start,
                        "source.kafka.stop=latest"))
                .flatMap(List::stream)
                .toList());
    FLINK.start(config, PARALLELISM).awaitEnd();
  }
}

package io.candlestream.cluster;

import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Brokers that go and come back, are far away, or have more partitions than before. */
class KafkaFaultsIT {

  @RegisterExtension static final Scene SCENE = new Scene(Edition.POSTGRES, Map.of());

  @Test
  void theBrokerMayGoAndComeBack(Run run) throws Exception {
    int times = Faults.times(1, 10);
    run.feed(500).submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      if (time % 2 == 0) {
        SCENE.stack().kafka().process().kill();
      } else {
        SCENE.stack().kafka().process().stop();
      }
      SCENE.stack().kafka().start();
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Kafka broker killed and stopped", times + "×");
  }

  @Test
  @OnlyInTheWholeSet
  void theWayThereMayBeSlowOrHalfOpen(Run run) throws Exception {
    run.feed(500).submit(Map.of());
    run.awaitMoreRows();
    int seconds = 90;
    run.endure(SCENE.stack().kafka().proxy(), Duration.ofMillis(50), Duration.ofSeconds(seconds));
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Way to Kafka slow, then silent", seconds + " s");
  }

  /**
   * Begun at the end of a topic without records, which later has more partitions than there are
   * instruments: some have no record, and most are idle again and again.
   */
  @Test
  @OnlyInTheWholeSet
  void partitionsMayBeEmptyIdleAndAdded(Run run) throws Exception {
    run.startingAt("latest").submit(Map.of()).awaitReading();
    run.feed(100);
    run.awaitMoreRows();
    SCENE.stack().kafka().addPartitions(run.name(), 40);
    run.await("ticks in new partitions", () -> run.load().partitions() > 4);
    TimeUnit.SECONDS.sleep(60);
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived(
        "Begun at latest on an empty topic, partitions 4 → 40, %d of them with ticks"
            .formatted(run.load().partitions()),
        "1×");
  }
}

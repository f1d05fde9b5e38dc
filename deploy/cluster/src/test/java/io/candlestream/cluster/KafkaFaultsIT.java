package io.candlestream.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Brokers that go and come back, are far away, or have more partitions than before. */
class KafkaFaultsIT {

  @RegisterExtension static final Scene SCENE = new Scene(500, Map.of());

  @Test
  void theBrokerMayGoAndComeBack(Run run) throws Exception {
    int times = Faults.times(1, 10);
    run.submit(Map.of());
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
    run.submit(Map.of());
    run.awaitMoreRows();
    SCENE.stack().kafka().proxy().slowDown(Duration.ofMillis(50));
    run.awaitMoreRows();
    SCENE.stack().kafka().proxy().slowDown(Duration.ZERO);
    int seconds = Faults.times(5, 90);
    SCENE.stack().kafka().proxy().hold();
    TimeUnit.SECONDS.sleep(seconds);
    SCENE.stack().kafka().proxy().release();
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Way to Kafka slow, then silent", seconds + " s");
  }
}

package io.candlestream.cluster;

import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Brokers that go and come back, are far away, or have more partitions than before. */
class KafkaFaultsIT {

  private static Stack stack;
  private Run run;
  private long begun;

  @BeforeAll
  static void start() throws Exception {
    stack = Stack.start(Edition.POSTGRES, Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    begun = System.nanoTime();
    run = Run.on(stack).feed(20, 500, 60);
  }

  @AfterEach
  void end() throws Exception {
    if (run != null) {
      run.close();
    }
  }

  @Test
  void theBrokerMayGoAndComeBack() throws Exception {
    int times = Faults.times(1, 10);
    run.submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      if (time % 2 == 0) {
        stack.kafka().process().kill();
      } else {
        stack.kafka().process().stop();
      }
      stack.kafka().start();
    }
    run.awaitMoreRows();
    run.assertComplete();
    survived("Kafka broker killed and stopped", times + "×");
  }

  @Test
  @OnlyInTheWholeSet
  void theWayThereMayBeSlowOrHalfOpen() throws Exception {
    run.submit(Map.of());
    run.awaitMoreRows();
    stack.kafka().proxy().slowDown(Duration.ofMillis(50));
    run.awaitMoreRows();
    stack.kafka().proxy().slowDown(Duration.ZERO);
    int seconds = Faults.times(5, 90);
    stack.kafka().proxy().hold();
    TimeUnit.SECONDS.sleep(seconds);
    stack.kafka().proxy().release();
    run.awaitMoreRows();
    run.assertComplete();
    survived("Way to Kafka slow, then silent", seconds + " s");
  }

  private void survived(String fault, String howOften) throws Exception {
    Faults.survived(fault, howOften, run, Duration.ofNanos(System.nanoTime() - begun));
  }
}

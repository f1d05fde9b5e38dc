package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThroughputTest {

  private static final long START = -5_000_000_000L;

  private final Throughput throughput = new Throughput(START);

  @Test
  void steadyRateLeavesOutTicksAndTimeOfTheWarmUp() {
    observe(9.9, 50);
    observe(10.5, 100);
    observe(12, 400);
    observe(14.5, 900);

    assertThat(throughput.steady()).hasValue(200);
    assertThat(throughput.overall()).isEqualTo(900 / 14.5);
    assertThat(throughput.latest()).isEqualTo(200);
    assertThat(throughput.elapsed()).isEqualTo(Duration.ofMillis(14_500));
  }

  @Test
  void runThatEndsWithTheWarmUpHasNoSteadyRate() {
    observe(5, 100);
    observe(10, 200);

    assertThat(throughput.steady()).isEmpty();
    assertThat(throughput.overall()).isEqualTo(20);
  }

  private void observe(double seconds, long ticks) {
    throughput.observe(ticks, START + (long) (seconds * 1e9));
  }
}

package io.candlestream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void percentileIsTheMeasuredTimeThatSoManyDidNotExceed() {
    Latencies latencies =
        Latencies.of(
            LongStream.rangeClosed(1, 200).map(call -> (201 - call) * 1_000_000).toArray());

    assertThat(latencies.calls()).isEqualTo(200);
    assertThat(latencies.medianMillis()).isEqualTo(100);
    assertThat(latencies.percentileMillis(95)).isEqualTo(190);
    assertThat(latencies.percentileMillis(99)).isEqualTo(198);
    assertThat(latencies.percentileMillis(100)).isEqualTo(200);
  }

  @Test
  void oneCallIsEveryPercentile() {
    Latencies latencies = Latencies.of(new long[] {2_500_000});

    assertThat(latencies.percentileMillis(1)).isEqualTo(2.5);
    assertThat(latencies.percentileMillis(99)).isEqualTo(2.5);
  }

  @Test
  void noCallHasNoPercentile() {
    assertThatThrownBy(() -> Latencies.of(new long[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package io.candlestream.local.ticks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TickMixTest {

  @Test
  void sharesOfAllKindsSumToOne() {
    assertThat(Arrays.stream(TickKind.values()).mapToDouble(TickMix.DEFAULT::share).sum())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void sharesOutsideTheirRangeAreRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TickMix(0, 0, -0.1, 0, 0, 0))
        .withMessage("tick mix: late is -0.1, give a share from 0 to 0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TickMix(0, 0, 0, 0, 0, Double.NaN))
        .withMessageContaining("absurd is NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TickMix(0.4, 0.2, 0, 0, 0, 0))
        .withMessageContaining("the sum is");
  }
}

package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EmaTest {

  @Test
  void isSeededWithTheMeanAndMovesByItsSmoothing() {
    Ema ema = Ema.of(3);
    assertThat(ema.value()).isNaN();
    ema = ema.update(1);
    assertThat(ema.value()).isNaN();
    ema = ema.update(2);
    assertThat(ema.value()).isNaN();
    ema = ema.update(3);
    assertThat(ema.value()).isEqualTo(2);
    ema = ema.update(5);
    assertThat(ema.value()).isEqualTo(3.5);
    ema = ema.update(4);
    assertThat(ema.value()).isEqualTo(3.75);
  }

  @Test
  void isAValueThatAnUpdateLeavesAsItWas() {
    Ema before = Ema.of(2).update(1).update(3);
    Ema after = before.update(9);
    assertThat(before.value()).isEqualTo(2);
    assertThat(before.update(9)).isEqualTo(after);
  }

  @Test
  void refusesAPeriodOrASampleCountThatMeansNothing() {
    assertThatThrownBy(() -> Ema.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("EMA period must be at least 1, not 0");
    assertThatThrownBy(() -> new Ema(3, 4, 1.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("EMA samples must be within 0 and the period 3, not 4");
    assertThatThrownBy(() -> new Ema(3, -1, 1.0)).isInstanceOf(IllegalArgumentException.class);
  }
}

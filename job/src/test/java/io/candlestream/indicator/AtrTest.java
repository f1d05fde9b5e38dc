package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AtrTest {

  @Test
  void averagesTrueRangesThatIncludeGaps() {
    Atr atr = Atr.of(3).update(10, 8, 9);
    assertThat(atr.accumulator()).as("the first candle has no range").isZero();
    atr = atr.update(11, 9, 10);
    assertThat(atr.accumulator()).isEqualTo(2);
    atr = atr.update(14, 12, 13);
    assertThat(atr.accumulator()).as("up to the high from the close before").isEqualTo(2 + 4);
    assertThat(atr.value()).isNaN();
    atr = atr.update(13, 12, 12);
    assertThat(atr.value()).isEqualTo(7.0 / 3);
    atr = atr.update(12, 6, 7);
    assertThat(atr.value()).isCloseTo(32.0 / 9, within(1e-15));
  }

  @Test
  void reachesDownToTheLowFromTheCloseBefore() {
    assertThat(Atr.of(1).update(10, 10, 10).update(8, 7, 8).value()).isEqualTo(3);
  }

  @Test
  void refusesAPeriodOrARangeCountThatMeansNothing() {
    assertThatThrownBy(() -> Atr.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ATR period must be at least 1, not 0");
    assertThatThrownBy(() -> new Atr(3, 4, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ATR ranges must be within -1 and the period 3, not 4");
    assertThatThrownBy(() -> new Atr(3, -2, 1, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}

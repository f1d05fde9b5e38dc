package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RsiTest {

  @Test
  void weighsRisesAgainstFallsByWildersSmoothing() {
    Rsi rsi = Rsi.of(3).update(10).update(12).update(11);
    assertThat(rsi.value()).isNaN();

    rsi = rsi.update(14);
    assertThat(rsi.gain()).isEqualTo(5.0 / 3);
    assertThat(rsi.loss()).isEqualTo(1.0 / 3);
    assertThat(rsi.value()).isCloseTo(250.0 / 3, within(1e-12));

    rsi = rsi.update(13);
    assertThat(rsi.gain()).isCloseTo(10.0 / 9, within(1e-15));
    assertThat(rsi.loss()).isCloseTo(5.0 / 9, within(1e-15));
    assertThat(rsi.value()).isCloseTo(200.0 / 3, within(1e-12));
  }

  @Test
  void isAHundredWhenThePriceOnlyRisesAndZeroWhenItOnlyFalls() {
    assertThat(Rsi.of(2).update(1).update(2).update(3).value()).isEqualTo(100);
    assertThat(Rsi.of(2).update(3).update(2).update(1).value()).isEqualTo(0);
  }

  @Test
  void isZeroWhereThePriceHardlyMovesAsInTaLib() {
    assertThat(Rsi.of(2).update(7).update(7).update(7).value()).isEqualTo(0);

    double[] risesOfABillionth = new double[30];
    double[] risesOfAMillionth = new double[30];
    for (int i = 0; i < 30; i++) {
      risesOfABillionth[i] = 0.000020295 + i * 1e-9;
      risesOfAMillionth[i] = 0.020295 + i * 1e-6;
    }
    assertThat(Bars.flat(risesOfABillionth).indicators().get(29).rsi14()).isEqualTo(0.0);
    assertThat(TaLib.rsi(risesOfABillionth, 14)[29]).isEqualTo(0.0);
    assertThat(Bars.flat(risesOfAMillionth).indicators().get(29).rsi14()).isEqualTo(100.0);
  }

  @Test
  void refusesAPeriodOrAChangeCountThatMeansNothing() {
    assertThatThrownBy(() -> Rsi.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("RSI period must be at least 1, not 0");
    assertThatThrownBy(() -> new Rsi(3, 4, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("RSI changes must be within -1 and the period 3, not 4");
    assertThatThrownBy(() -> new Rsi(3, -2, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}

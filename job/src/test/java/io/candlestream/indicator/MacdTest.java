package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MacdTest {

  private static final Offset<Double> ROUNDING = within(1e-12);

  @Test
  void seedsBothAveragesAtTheSameCandleAndGivesAllLinesTogether() {
    Macd macd = Macd.of(2, 3, 2).update(10).update(20);
    assertThat(macd.fast()).as("skips the first close").isEqualTo(Ema.of(2).update(20));

    macd = macd.update(30);
    assertThat(macd.fast().value()).isEqualTo(25);
    assertThat(macd.slow().value()).isEqualTo(20);
    assertThat(macd.lines())
        .as("macd is 5, its signal not known yet")
        .isEqualTo(new Macd.Lines(Double.NaN, Double.NaN, Double.NaN));

    macd = macd.update(60);
    Macd.Lines first = macd.lines();
    assertThat(first.macd()).isCloseTo(25.0 / 3, ROUNDING);
    assertThat(first.signal()).isCloseTo(20.0 / 3, ROUNDING);
    assertThat(first.histogram()).isCloseTo(5.0 / 3, ROUNDING);

    macd = macd.update(30);
    Macd.Lines second = macd.lines();
    assertThat(second.macd()).isCloseTo(10.0 / 9, ROUNDING);
    assertThat(second.signal()).isCloseTo(80.0 / 27, ROUNDING);
    assertThat(second.histogram()).isCloseTo(-50.0 / 27, ROUNDING);
  }

  @Test
  void ofTwelveTwentySixNineIsSeededAsItsDocumentationSays() {
    double[] closes = new double[34];
    Macd macd = Macd.of(12, 26, 9);
    double signalSeed = 0;
    for (int i = 0; i < closes.length; i++) {
      closes[i] = 100 + (i * 7) % 13;
      macd = macd.update(closes[i]);
      if (i == 25) {
        assertThat(macd.fast().value()).isEqualTo(mean(closes, 14, 25));
        assertThat(macd.slow().value()).isEqualTo(mean(closes, 0, 25));
      }
      if (i >= 25) {
        signalSeed += macd.fast().accumulator() - macd.slow().accumulator();
      }
      assertThat(Double.isNaN(macd.lines().macd())).as("lines at close %s", i).isEqualTo(i < 33);
    }
    assertThat(macd.lines().signal()).isEqualTo(signalSeed / 9);
  }

  @Test
  void refusesAFastPeriodThatIsNotTheShorterOne() {
    assertThatThrownBy(() -> Macd.of(26, 12, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("MACD fast period 26 must be shorter than slow 12");
    assertThatThrownBy(() -> Macd.of(12, 12, 9)).isInstanceOf(IllegalArgumentException.class);
  }

  private static double mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i <= to; i++) {
      sum += values[i];
    }
    return sum / (to - from + 1);
  }
}

package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrendDirectionTest {

  @ParameterizedTest
  @CsvSource({
    "3, 2, 1, UP",
    "1, 2, 3, DOWN",
    "1, 3, 2, SIDEWAYS",
    "2, 1, 3, SIDEWAYS",
    "2, 3, 1, SIDEWAYS",
    "3, 1, 2, SIDEWAYS",
    "2, 2, 1, SIDEWAYS",
    "2, 1, 1, SIDEWAYS",
    "1, 1, 2, SIDEWAYS",
    "1, 2, 2, SIDEWAYS",
    "1, 1, 1, SIDEWAYS"
  })
  void followsTheStrictOrderOfTheAverages(
      double ema9, double ema21, double ema50, TrendDirection expected) {
    assertThat(TrendDirection.of(ema9, ema21, ema50)).isEqualTo(expected);
  }
}

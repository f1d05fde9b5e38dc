package io.candlestream.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.candlestream.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchIndicatorsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"oracles/talib040-regtest-252.csv.gz", "oracles/talib040-spy-2017-2018.csv.gz"})
  void agreeWithTheOutputsOfTaLibInC(String file) throws IOException {
    List<String[]> lines = csv(file);
    List<String> header = List.of(lines.get(0));
    List<String[]> bars = lines.subList(1, lines.size());
    double[] closes = numbers(bars, header.indexOf("close"));
    BatchIndicators indicators =
        BatchIndicators.of(
            numbers(bars, header.indexOf("high")), numbers(bars, header.indexOf("low")), closes);

    Map.of(
            "ema50", indicators.ema50(),
            "rsi14", indicators.rsi14(),
            "macd", indicators.macd(),
            "macd_signal", indicators.macdSignal(),
            "macd_hist", indicators.macdHistogram(),
            "bb_upper20_2", indicators.bbUpper(),
            "bb_middle20", indicators.bbMiddle(),
            "bb_lower20_2", indicators.bbLower(),
            "atr14", indicators.atr14())
        .forEach(
            (column, values) -> {
              for (int i = 0; i < closes.length; i++) {
                String published = bars.get(i)[header.indexOf(column)];
                if (published.isEmpty()) {
                  assertThat(values[i]).as("%s at %d", column, i).isNull();
                } else {
                  double expected = Double.parseDouble(published);
                  assertThat(values[i])
                      .as("%s at %d", column, i)
                      .isCloseTo(expected, within(1e-12 * Math.max(Math.abs(expected), closes[i])));
                }
              }
            });
  }

  @Test
  void eachIndicatorIsNullUntilItsWarmUpEnds() {
    BatchIndicators indicators = ofCloses(220, i -> 100 + i, 1);

    assertThat(firstDefined(indicators.ema9())).isEqualTo(8);
    assertThat(firstDefined(indicators.ema21())).isEqualTo(20);
    assertThat(firstDefined(indicators.ema50())).isEqualTo(49);
    assertThat(firstDefined(indicators.ema200())).isEqualTo(199);
    assertThat(firstDefined(indicators.rsi14())).isEqualTo(14);
    assertThat(firstDefined(indicators.macd())).isEqualTo(33);
    assertThat(firstDefined(indicators.macdSignal())).isEqualTo(33);
    assertThat(firstDefined(indicators.macdHistogram())).isEqualTo(33);
    assertThat(firstDefined(indicators.bbUpper())).isEqualTo(19);
    assertThat(firstDefined(indicators.bbMiddle())).isEqualTo(19);
    assertThat(firstDefined(indicators.bbLower())).isEqualTo(19);
    assertThat(firstDefined(indicators.atr14())).isEqualTo(14);
    assertThat(firstDefined(indicators.trendDirection())).isEqualTo(49);
    assertThat(firstDefined(indicators.volatilityRegime())).isEqualTo(33);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void aSeriesShorterThanEveryWarmUpHasNoValues(int length) {
    BatchIndicators indicators = ofCloses(length, i -> 100, 1);

    assertThat(indicators.ema9()).hasSize(length).containsOnlyNulls();
    assertThat(indicators.atr14()).hasSize(length).containsOnlyNulls();
    assertThat(indicators.macd()).hasSize(length).containsOnlyNulls();
    assertThat(indicators.volatilityRegime()).hasSize(length).containsOnlyNulls();
  }

  @Test
  void aSeriesWithoutCandlesIsRefused() {
    assertThatThrownBy(() -> ofCloses(0, i -> 100, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no candles");
  }

  @Test
  void bollingerBandsOfAKnownWindow() {
    // Ten closes of 9 and ten of 11: mean 10, population deviation 1.
    BatchIndicators indicators = ofCloses(20, i -> i % 2 == 0 ? 9 : 11, 1);

    assertThat(indicators.bbUpper()[19]).isEqualTo(12);
    assertThat(indicators.bbMiddle()[19]).isEqualTo(10);
    assertThat(indicators.bbLower()[19]).isEqualTo(8);
  }

  @Test
  void trendFollowsTheOrderOfTheThreeAverages() {
    assertThat(ofCloses(50, i -> 100 + i, 1).trendDirection()[49]).isEqualTo("UP");
    assertThat(ofCloses(50, i -> 100 - i, 1).trendDirection()[49]).isEqualTo("DOWN");
    assertThat(ofCloses(50, i -> 100, 1).trendDirection()[49]).isEqualTo("SIDEWAYS");
  }

  @ParameterizedTest
  @CsvSource({
    "0, EXTREME",
    "5, EXTREME",
    "6, HIGH",
    "25, HIGH",
    "26, NORMAL",
    "75, NORMAL",
    "76, LOW",
    "99, LOW"
  })
  void regimeIsTheShareOfTheLastHundredValuesThatAreNotAboveTheCurrentOne(
      int above, String expected) {
    // A true range of 10 throughout makes ATR 10, so a lower close alone makes the value higher.
    int first = 30;
    int current = first + 99;
    IntToDoubleFunction close = i -> i >= first && i < first + above ? 99 : 100;

    assertThat(ofCloses(130, close, 10).volatilityRegime()[current]).isEqualTo(expected);
  }

  @Test
  void regimeForgetsTheValueBeforeTheLastHundred() {
    String[] regime = ofCloses(150, i -> i >= 30 && i < 36 ? 99 : 100, 10).volatilityRegime();

    assertThat(regime[129]).isEqualTo("HIGH");
    assertThat(regime[130]).isEqualTo("EXTREME");
  }

  /** Bars whose close is the middle of their range. */
  private static BatchIndicators ofCloses(int length, IntToDoubleFunction close, double range) {
    double[] closes = IntStream.range(0, length).mapToDouble(close::applyAsDouble).toArray();
    double[] highs = new double[length];
    double[] lows = new double[length];
    for (int i = 0; i < length; i++) {
      highs[i] = closes[i] + range / 2;
      lows[i] = closes[i] - range / 2;
    }
    return BatchIndicators.of(highs, lows, closes);
  }

  private static int firstDefined(Object[] values) {
    return IntStream.range(0, values.length)
        .filter(i -> values[i] != null)
        .findFirst()
        .orElse(values.length);
  }

  private static List<String[]> csv(String file) throws IOException {
    return TickRecord.linesOf(SharedData.require(file)).stream()
        .map(line -> new String(line.json(), StandardCharsets.UTF_8).split(",", -1))
        .toList();
  }

  private static double[] numbers(List<String[]> lines, int column) {
    return lines.stream().mapToDouble(line -> Double.parseDouble(line[column])).toArray();
  }
}

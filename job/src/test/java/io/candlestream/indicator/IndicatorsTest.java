package io.candlestream.indicator;

import static java.lang.Double.NaN;
import static java.lang.Double.isNaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndicatorsTest {

  private static final IndicatorValues NOTHING_YET =
      new IndicatorValues(NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, null, null);

  @Property(tries = 1000)
  void equalTaLibBitForBitFromItsFirstIndexOnAndAreUndefinedBefore(@ForAll("bars") Bars bars) {
    List<IndicatorValues> expected = TaLib.indicators(bars);
    // Collected first: a statistic still empty when the law fails would hide the counterexample.
    IndicatorValues last = bars.size() < 200 ? NOTHING_YET : expected.get(bars.size() - 1);
    Statistics.label("trend after 200 bars").collect(last.trendDirection());
    Statistics.label("regime after 200 bars").collect(last.volatilityRegime());

    assertEqualApartFromBands(bars.indicators(), expected);

    Statistics.label("trend after 200 bars")
        .coverage(
            coverage -> {
              for (TrendDirection direction : TrendDirection.values()) {
                coverage.check(direction).count(count -> count > 10);
              }
            });
    Statistics.label("regime after 200 bars")
        .coverage(
            coverage -> {
              for (VolatilityRegime regime : VolatilityRegime.values()) {
                coverage.check(regime).count(count -> count > 10);
              }
            });
  }

  @Property(tries = 1000)
  void haveBandsExactlyWhereTaLibHasThem(@ForAll("bars") Bars bars) {
    Function<IndicatorValues, List<Boolean>> missing =
        values ->
            List.of(isNaN(values.bbUpper()), isNaN(values.bbMiddle()), isNaN(values.bbLower()));
    assertThat(bars.indicators().stream().map(missing))
        .containsExactlyElementsOf(TaLib.indicators(bars).stream().map(missing).toList());
  }

  @Provide
  Arbitrary<Bars> bars() {
    return RandomBars.any();
  }

  @ParameterizedTest
  @CsvSource({"1600000000, 1", "0.000020295, 0.000000001", "0.000001, 0.0000001", "1e12, 0.01"})
  void equalTaLibAtHugeAndTinyPricesThatMoveByTicks(double start, double tick) {
    int[] ticks = {0, 1, -1, 2, 0, 0, -3, 1, 1, 5, -2};
    double[] high = new double[300];
    double[] low = new double[300];
    double[] close = new double[300];
    for (int i = 0; i < close.length; i++) {
      close[i] = start + 5 * tick + ticks[i * i % ticks.length] * tick;
      high[i] = close[i] + i % 3 * tick;
      low[i] = close[i] - i % 2 * tick;
    }
    Bars bars = new Bars(high, low, close);
    assertEqualApartFromBands(bars.indicators(), TaLib.indicators(bars));
  }

  @Test
  void beginAtTheDocumentedIndexes() {
    List<IndicatorValues> values =
        Bars.flat(IntStream.range(0, 250).mapToDouble(i -> 100 + i % 7).toArray()).indicators();
    assertThat(firstIndex(values, IndicatorValues::ema9)).isEqualTo(8);
    assertThat(firstIndex(values, IndicatorValues::ema21)).isEqualTo(20);
    assertThat(firstIndex(values, IndicatorValues::ema50)).isEqualTo(49);
    assertThat(firstIndex(values, IndicatorValues::ema200)).isEqualTo(199);
    assertThat(firstIndex(values, IndicatorValues::rsi14)).isEqualTo(14);
    assertThat(firstIndex(values, IndicatorValues::macd)).isEqualTo(33);
    assertThat(firstIndex(values, IndicatorValues::macdSignal)).isEqualTo(33);
    assertThat(firstIndex(values, IndicatorValues::macdHistogram)).isEqualTo(33);
    assertThat(firstIndex(values, IndicatorValues::bbUpper)).isEqualTo(19);
    assertThat(firstIndex(values, IndicatorValues::bbMiddle)).isEqualTo(19);
    assertThat(firstIndex(values, IndicatorValues::bbLower)).isEqualTo(19);
    assertThat(firstIndex(values, IndicatorValues::atr14)).isEqualTo(14);
    assertThat(firstIndex(values, IndicatorValues::trendDirection)).isEqualTo(49);
    assertThat(firstIndex(values, IndicatorValues::volatilityRegime)).isEqualTo(33);
    assertThat(Indicators.start().values()).isEqualTo(NOTHING_YET);
  }

  @Test
  void areAValueThatAnUpdateLeavesAsItWas() {
    Indicators before = fold(Indicators.start(), 0, 300);
    IndicatorValues values = before.values();
    fold(before, 300, 600);
    assertThat(before).isEqualTo(fold(Indicators.start(), 0, 300));
    assertThat(before.values()).isEqualTo(values);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, NaN",
    "NaN, 1, 2",
    "2, NaN, 2",
    "Infinity, 1, 2",
    "3, 0, 2",
    "3, -1, 2",
    "3, 2, 1",
    "3, 2, 4"
  })
  void refuseWhatIsNoCandle(double high, double low, double close) {
    assertThatThrownBy(() -> Indicators.start().update(high, low, close))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a candle: high " + high + ", low " + low + ", close " + close);
  }

  private static Indicators fold(Indicators indicators, int from, int to) {
    Indicators folded = indicators;
    for (int i = from; i < to; i++) {
      double close = 50 + (i * 31) % 17;
      folded = folded.update(close + i % 3, close - i % 5, close);
    }
    return folded;
  }

  private static int firstIndex(
      List<IndicatorValues> values, Function<IndicatorValues, ?> indicator) {
    List<Boolean> defined =
        values.stream().map(indicator).map(value -> value != null && !value.equals(NaN)).toList();
    int first = defined.indexOf(true);
    assertThat(defined.subList(first, values.size())).doesNotContain(false);
    return first;
  }

  /** Bollinger's deviation is deliberately not TA-Lib's; its test compares it. */
  private static void assertEqualApartFromBands(
      List<IndicatorValues> actual, List<IndicatorValues> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(withoutBands(actual.get(i)))
          .as("candle %s", i)
          .isEqualTo(withoutBands(expected.get(i)));
    }
  }

  private static IndicatorValues withoutBands(IndicatorValues values) {
    return new IndicatorValues(
        values.ema9(),
        values.ema21(),
        values.ema50(),
        values.ema200(),
        values.rsi14(),
        values.macd(),
        values.macdSignal(),
        values.macdHistogram(),
        NaN,
        NaN,
        NaN,
        values.atr14(),
        values.trendDirection(),
        values.volatilityRegime());
  }
}

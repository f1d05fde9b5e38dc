package io.candlestream.indicator;

import static io.candlestream.indicator.IndicatorValues.orNaN;
import static org.assertj.core.api.Assertions.assertThat;

import com.tictactec.ta.lib.Core;
import com.tictactec.ta.lib.MAType;
import com.tictactec.ta.lib.MInteger;
import com.tictactec.ta.lib.RetCode;
import java.util.ArrayList;
import java.util.List;

/**
 * The oracle: TA-Lib's batch functions over a whole series, null before the first index that TA-Lib
 * defines. What TA-Lib has no word for, trend and regime, is computed from its values by the plain
 * definition.
 */
final class TaLib {

  private static final Core CORE = new Core();

  private TaLib() {}

  static Double[] ema(double[] close, int period) {
    return columns(
        close.length,
        (begin, count, out) -> CORE.ema(0, close.length - 1, close, period, begin, count, out[0]))[
        0];
  }

  static Double[] rsi(double[] close, int period) {
    return columns(
        close.length,
        (begin, count, out) -> CORE.rsi(0, close.length - 1, close, period, begin, count, out[0]))[
        0];
  }

  /** macd, signal and histogram. */
  static Double[][] macd(double[] close, int fast, int slow, int signal) {
    return columns(
        close.length,
        (begin, count, out) ->
            CORE.macd(
                0,
                close.length - 1,
                close,
                fast,
                slow,
                signal,
                begin,
                count,
                out[0],
                out[1],
                out[2]));
  }

  /** Upper, middle and lower band. */
  static Double[][] bollinger(double[] close, int period, double width) {
    return columns(
        close.length,
        (begin, count, out) ->
            CORE.bbands(
                0,
                close.length - 1,
                close,
                period,
                width,
                width,
                MAType.Sma,
                begin,
                count,
                out[0],
                out[1],
                out[2]));
  }

  static Double[] atr(Bars bars, int period) {
    return columns(
        bars.size(),
        (begin, count, out) ->
            CORE.atr(
                0,
                bars.size() - 1,
                bars.high(),
                bars.low(),
                bars.close(),
                period,
                begin,
                count,
                out[0]))[0];
  }

  /** All indicators of a series, after each of its candles. */
  static List<IndicatorValues> indicators(Bars bars) {
    double[] close = bars.close();
    Double[] ema9 = ema(close, 9);
    Double[] ema21 = ema(close, 21);
    Double[] ema50 = ema(close, 50);
    Double[] ema200 = ema(close, 200);
    Double[] rsi14 = rsi(close, 14);
    Double[][] macd = macd(close, 12, 26, 9);
    Double[][] bollinger = bollinger(close, 20, 2);
    Double[] atr14 = atr(bars, 14);
    List<IndicatorValues> values = new ArrayList<>();
    List<Double> volatilities = new ArrayList<>();
    for (int i = 0; i < bars.size(); i++) {
      if (atr14[i] != null) {
        volatilities.add(atr14[i] / close[i]);
      }
      values.add(
          new IndicatorValues(
              orNaN(ema9[i]),
              orNaN(ema21[i]),
              orNaN(ema50[i]),
              orNaN(ema200[i]),
              orNaN(rsi14[i]),
              orNaN(macd[0][i]),
              orNaN(macd[1][i]),
              orNaN(macd[2][i]),
              orNaN(bollinger[0][i]),
              orNaN(bollinger[1][i]),
              orNaN(bollinger[2][i]),
              orNaN(atr14[i]),
              ema50[i] == null ? null : trend(ema9[i], ema21[i], ema50[i]),
              regime(volatilities)));
    }
    return values;
  }

  /** The plain definition, in whole numbers; null before 20 values. */
  static VolatilityRegime regime(List<Double> volatilities) {
    int count = Math.min(100, volatilities.size());
    if (count < 20) {
      return null;
    }
    List<Double> recent = volatilities.subList(volatilities.size() - count, volatilities.size());
    double current = recent.get(count - 1);
    long atMost = recent.stream().filter(value -> value <= current).count();
    if (100 * atMost < 25 * count) {
      return VolatilityRegime.LOW;
    } else if (100 * atMost < 75 * count) {
      return VolatilityRegime.NORMAL;
    } else if (100 * atMost < 95 * count) {
      return VolatilityRegime.HIGH;
    } else {
      return VolatilityRegime.EXTREME;
    }
  }

  private static TrendDirection trend(double ema9, double ema21, double ema50) {
    int order = Double.compare(ema9, ema21) + Double.compare(ema21, ema50);
    return order == 2
        ? TrendDirection.UP
        : order == -2 ? TrendDirection.DOWN : TrendDirection.SIDEWAYS;
  }

  private interface BatchFunction {
    RetCode apply(MInteger begin, MInteger count, double[][] out);
  }

  private static Double[][] columns(int size, BatchFunction function) {
    Double[][] columns = new Double[3][size];
    if (size == 0) {
      return columns;
    }
    MInteger begin = new MInteger();
    MInteger count = new MInteger();
    double[][] out = new double[3][size];
    assertThat(function.apply(begin, count, out)).isEqualTo(RetCode.Success);
    for (int i = 0; i < count.value; i++) {
      for (int column = 0; column < columns.length; column++) {
        columns[column][begin.value + i] = out[column][i];
      }
    }
    return columns;
  }
}

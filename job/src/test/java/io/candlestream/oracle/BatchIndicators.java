package io.candlestream.oracle;

import com.tictactec.ta.lib.Core;
import com.tictactec.ta.lib.MInteger;
import com.tictactec.ta.lib.RetCode;

/**
 * All indicators of one instrument's whole series, each computed in one go from its beginning.
 *
 * <p>EMA, RSI, MACD and ATR are TA-Lib's own outputs. Bollinger bands are computed in two passes
 * over each window (TA-Lib's running sums lose digits). Trend and volatility regime follow their
 * definitions by brute force. Element {@code i} of every array belongs to candle {@code i} and is
 * null where the indicator is not yet defined.
 */
public record BatchIndicators(
    Double[] ema9,
    Double[] ema21,
    Double[] ema50,
    Double[] ema200,
    Double[] rsi14,
    Double[] macd,
    Double[] macdSignal,
    Double[] macdHistogram,
    Double[] bbUpper,
    Double[] bbMiddle,
    Double[] bbLower,
    Double[] atr14,
    String[] trendDirection,
    String[] volatilityRegime) {

  private static final int BOLLINGER_PERIOD = 20;
  private static final int REGIME_WINDOW = 100;
  private static final int REGIME_LEAST = 20;

  /**
   * Computes the indicators of the candles whose highs, lows and closes these are, in time order.
   */
  public static BatchIndicators of(double[] highs, double[] lows, double[] closes) {
    if (closes.length == 0) {
      throw new IllegalArgumentException("no candles: a series has at least one");
    }
    Double[] ema9 = ema(closes, 9);
    Double[] ema21 = ema(closes, 21);
    Double[] ema50 = ema(closes, 50);
    Double[][] macd = macd(closes);
    Double[][] bollinger = bollinger(closes);
    Double[] atr14 = atr(highs, lows, closes);
    return new BatchIndicators(
        ema9,
        ema21,
        ema50,
        ema(closes, 200),
        rsi(closes),
        macd[0],
        macd[1],
        macd[2],
        bollinger[0],
        bollinger[1],
        bollinger[2],
        atr14,
        trendDirection(ema9, ema21, ema50),
        volatilityRegime(atr14, closes));
  }

  private static Double[] ema(double[] closes, int period) {
    MInteger begin = new MInteger();
    MInteger count = new MInteger();
    double[] values = new double[closes.length];
    succeeded(new Core().ema(0, closes.length - 1, closes, period, begin, count, values));
    return placed(values, begin, count);
  }

  private static Double[] rsi(double[] closes) {
    MInteger begin = new MInteger();
    MInteger count = new MInteger();
    double[] values = new double[closes.length];
    succeeded(new Core().rsi(0, closes.length - 1, closes, 14, begin, count, values));
    return placed(values, begin, count);
  }

  private static Double[][] macd(double[] closes) {
    MInteger begin = new MInteger();
    MInteger count = new MInteger();
    double[] macd = new double[closes.length];
    double[] signal = new double[closes.length];
    double[] histogram = new double[closes.length];
    succeeded(
        new Core()
            .macd(0, closes.length - 1, closes, 12, 26, 9, begin, count, macd, signal, histogram));
    return new Double[][] {
      placed(macd, begin, count), placed(signal, begin, count), placed(histogram, begin, count)
    };
  }

  private static Double[] atr(double[] highs, double[] lows, double[] closes) {
    MInteger begin = new MInteger();
    MInteger count = new MInteger();
    double[] values = new double[closes.length];
    succeeded(new Core().atr(0, closes.length - 1, highs, lows, closes, 14, begin, count, values));
    return placed(values, begin, count);
  }

  private static void succeeded(RetCode code) {
    if (code != RetCode.Success) {
      throw new IllegalStateException("TA-Lib answered " + code);
    }
  }

  /** TA-Lib writes its outputs from index 0 on and says at which input the first one belongs. */
  private static Double[] placed(double[] values, MInteger begin, MInteger count) {
    Double[] placed = new Double[values.length];
    for (int i = 0; i < count.value; i++) {
      placed[begin.value + i] = values[i];
    }
    return placed;
  }

  private static Double[][] bollinger(double[] closes) {
    Double[] upper = new Double[closes.length];
    Double[] middle = new Double[closes.length];
    Double[] lower = new Double[closes.length];
    for (int last = BOLLINGER_PERIOD - 1; last < closes.length; last++) {
      int first = last - BOLLINGER_PERIOD + 1;
      double sum = 0;
      for (int i = first; i <= last; i++) {
        sum += closes[i] - closes[first];
      }
      double mean = closes[first] + sum / BOLLINGER_PERIOD;
      double squares = 0;
      for (int i = first; i <= last; i++) {
        double distance = closes[i] - mean;
        squares += distance * distance;
      }
      double deviation = Math.sqrt(squares / BOLLINGER_PERIOD);
      upper[last] = mean + 2 * deviation;
      middle[last] = mean;
      lower[last] = mean - 2 * deviation;
    }
    return new Double[][] {upper, middle, lower};
  }

  private static String[] trendDirection(Double[] ema9, Double[] ema21, Double[] ema50) {
    String[] trend = new String[ema50.length];
    for (int i = 0; i < trend.length; i++) {
      if (ema50[i] == null) {
        continue;
      }
      if (ema9[i] > ema21[i] && ema21[i] > ema50[i]) {
        trend[i] = "UP";
      } else if (ema9[i] < ema21[i] && ema21[i] < ema50[i]) {
        trend[i] = "DOWN";
      } else {
        trend[i] = "SIDEWAYS";
      }
    }
    return trend;
  }

  private static String[] volatilityRegime(Double[] atr14, double[] closes) {
    String[] regime = new String[closes.length];
    for (int current = 0; current < closes.length; current++) {
      int values = 0;
      int notAbove = 0;
      for (int i = Math.max(0, current - REGIME_WINDOW + 1); i <= current; i++) {
        if (atr14[i] != null) {
          values++;
          if (atr14[i] / closes[i] <= atr14[current] / closes[current]) {
            notAbove++;
          }
        }
      }
      if (values >= REGIME_LEAST) {
        double share = (double) notAbove / values;
        regime[current] =
            share < 0.25 ? "LOW" : share < 0.75 ? "NORMAL" : share < 0.95 ? "HIGH" : "EXTREME";
      }
    }
    return regime;
  }
}

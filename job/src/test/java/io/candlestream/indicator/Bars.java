package io.candlestream.indicator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A whole series of candles in the shape that TA-Lib takes. */
record Bars(double[] high, double[] low, double[] close) {

  /** Candles whose high and low are their close. */
  static Bars flat(double... closes) {
    return new Bars(closes, closes, closes);
  }

  int size() {
    return close.length;
  }

  /** The values after each candle, folded one by one. */
  List<IndicatorValues> indicators() {
    List<IndicatorValues> values = new ArrayList<>();
    Indicators indicators = Indicators.start();
    for (int i = 0; i < size(); i++) {
      indicators = indicators.update(high[i], low[i], close[i]);
      values.add(indicators.values());
    }
    return values;
  }

  /** The state after the last candle. */
  Indicators state() {
    Indicators indicators = Indicators.start();
    for (int i = 0; i < size(); i++) {
      indicators = indicators.update(high[i], low[i], close[i]);
    }
    return indicators;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(size() + " bars (high/low/close)");
    for (int i = 0; i < size(); i++) {
      text.append(String.format(Locale.ROOT, " %s/%s/%s", high[i], low[i], close[i]));
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bars bars
        && Arrays.equals(high, bars.high)
        && Arrays.equals(low, bars.low)
        && Arrays.equals(close, bars.close);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(new double[][] {high, low, close});
  }
}

package io.candlestream.indicator;

/**
 * Wilder's average true range, in units of the price, as TA-Lib 0.4 computes it ({@code TA_ATR},
 * unstable period 0).
 *
 * <pre>
 * range = max(high - low, |previous close - high|, |previous close - low|)   from index 1 on
 * atr   = mean of ranges 1 … period                                          at index period
 * then    (atr * (period-1) + range) / period
 * </pre>
 *
 * The first candle has no true range, for want of a previous close. The operations are TA-Lib's in
 * TA-Lib's order, so the values equal its output bit for bit.
 *
 * <p>Worked example, period 3, candles as high/low/close: 10/8/9, 11/9/10, 14/12/13, 13/12/12,
 * 12/6/7 have true ranges none, 2, 4, 1, 6 and give nothing three times, then 2.33…, then 3.55….
 *
 * @param period ranges in the first mean, at least 1
 * @param ranges true ranges taken so far, counted up to {@code period}; −1 before the first candle
 * @param previousClose the latest close; 0 before the first
 * @param accumulator the sum of the ranges while {@code ranges < period}, their average from then
 *     on
 */
public record Atr(int period, int ranges, double previousClose, double accumulator) {

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if {@code period < 1} or {@code ranges} is outside −1–{@code
   *     period}
   */
  public Atr {
    if (period < 1) {
      throw new IllegalArgumentException("ATR period must be at least 1, not " + period);
    }
    if (ranges < -1 || ranges > period) {
      throw new IllegalArgumentException(
          "ATR ranges must be within -1 and the period " + period + ", not " + ranges);
    }
  }

  /** The average of no candle yet. */
  public static Atr of(int period) {
    return new Atr(period, -1, 0.0, 0.0);
  }

  /** This average after one more candle: finite numbers, {@code low <= close <= high}. */
  public Atr update(double high, double low, double close) {
    if (ranges < 0) {
      return new Atr(period, 0, close, 0.0);
    }
    double range = trueRange(high, low);
    if (ranges == period) {
      return new Atr(period, period, close, (accumulator * (period - 1) + range) / period);
    }
    double sum = accumulator + range;
    boolean seeded = ranges + 1 == period;
    return new Atr(period, ranges + 1, close, seeded ? sum / period : sum);
  }

  /** The average; NaN before {@code period + 1} candles. */
  public double value() {
    return ranges == period ? accumulator : Double.NaN;
  }

  private double trueRange(double high, double low) {
    double gap = Math.max(Math.abs(previousClose - high), Math.abs(previousClose - low));
    return Math.max(high - low, gap);
  }
}

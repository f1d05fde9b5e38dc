package io.candlestream.indicator;

/**
 * Wilder's relative strength index, 0–100, as TA-Lib 0.4 computes it ({@code TA_RSI}, default
 * compatibility, unstable period 0).
 *
 * <pre>
 * gain = mean of the rises, loss = mean of the falls over the first {@code period} changes
 * then   gain = (gain * (period-1) + rise) / period,  loss likewise with the fall
 * rsi  = 100 * (gain / (gain + loss));  0 where |gain + loss| &lt; 0.00000001
 * </pre>
 *
 * The first value stands at index {@code period}. The operations are TA-Lib's in TA-Lib's order, so
 * the values equal its output bit for bit. That includes its rule for zero, whose limit is
 * absolute: an instrument that moves by less than 0.00000001 a candle has an RSI of 0, whichever
 * way it moves.
 *
 * <p>Worked example, period 3: closes 10, 12, 11, 14, 13 give nothing three times, then 83.33…
 * (gain 5/3, loss 1/3), then 66.66… (gain 10/9, loss 5/9).
 *
 * @param period changes in the first mean, at least 1
 * @param changes changes taken so far, counted up to {@code period}; −1 before the first close
 * @param previousClose the latest close; 0 before the first
 * @param gain the sum of the rises while {@code changes < period}, their average from then on
 * @param loss the same of the falls, as a positive number
 */
public record Rsi(int period, int changes, double previousClose, double gain, double loss) {

  /** TA-Lib's {@code TA_IS_ZERO}. */
  private static final double ZERO_BELOW = 0.00000001;

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if {@code period < 1} or {@code changes} is outside −1–{@code
   *     period}
   */
  public Rsi {
    if (period < 1) {
      throw new IllegalArgumentException("RSI period must be at least 1, not " + period);
    }
    if (changes < -1 || changes > period) {
      throw new IllegalArgumentException(
          "RSI changes must be within -1 and the period " + period + ", not " + changes);
    }
  }

  /** The index of no close yet. */
  public static Rsi of(int period) {
    return new Rsi(period, -1, 0.0, 0.0, 0.0);
  }

  /** This index after one more close, a finite number. */
  public Rsi update(double close) {
    if (changes < 0) {
      return new Rsi(period, 0, close, 0.0, 0.0);
    }
    boolean smoothing = changes == period;
    double newGain = smoothing ? gain * (period - 1) : gain;
    double newLoss = smoothing ? loss * (period - 1) : loss;
    double change = close - previousClose;
    if (change < 0) {
      newLoss -= change;
    } else {
      newGain += change;
    }
    int newChanges = smoothing ? period : changes + 1;
    if (newChanges == period) {
      newGain /= period;
      newLoss /= period;
    }
    return new Rsi(period, newChanges, close, newGain, newLoss);
  }

  /** The index, 0–100; NaN before {@code period} changes. */
  public double value() {
    if (changes < period) {
      return Double.NaN;
    }
    double total = gain + loss;
    return total < ZERO_BELOW ? 0.0 : 100.0 * (gain / total);
  }

  /**
   * The same with another value: what was stored says better than the changes that are known here
   * how much of them were rises. Without enough changes, or where they are too small to have a
   * value, it stays as it is.
   */
  Rsi withValue(double value) {
    double total = gain + loss;
    if (changes < period || total < ZERO_BELOW) {
      return this;
    }
    double rises = total * (value / 100.0);
    return new Rsi(period, changes, previousClose, rises, total - rises);
  }
}

package io.candlestream.indicator;

/**
 * Exponential moving average, as TA-Lib 0.4 computes it ({@code TA_EMA}, default compatibility).
 *
 * <pre>
 * seed  = (x[0] + … + x[period-1]) / period            at index period-1
 * ema   = (x - ema) * k + ema,  k = 2 / (period + 1)   from index period on
 * </pre>
 *
 * The operations are TA-Lib's in TA-Lib's order, so the values equal its output bit for bit. Worked
 * example, period 3, {@code k = 0.5}: inputs 1, 2, 3, 5, 4 give nothing, nothing, 2, 3.5, 3.75.
 *
 * @param period inputs in the seed, at least 1
 * @param samples inputs taken so far, counted up to {@code period}
 * @param accumulator the sum of the inputs while {@code samples < period}, the average from then on
 */
public record Ema(int period, int samples, double accumulator) {

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if {@code period < 1} or {@code samples} is outside 0–{@code
   *     period}
   */
  public Ema {
    if (period < 1) {
      throw new IllegalArgumentException("EMA period must be at least 1, not " + period);
    }
    if (samples < 0 || samples > period) {
      throw new IllegalArgumentException(
          "EMA samples must be within 0 and the period " + period + ", not " + samples);
    }
  }

  /** The average of nothing yet. */
  public static Ema of(int period) {
    return new Ema(period, 0, 0.0);
  }

  /** This average after one more input, a finite number. */
  public Ema update(double input) {
    if (samples == period) {
      double smoothing = 2.0 / (period + 1.0);
      return new Ema(period, period, (input - accumulator) * smoothing + accumulator);
    }
    double sum = accumulator + input;
    boolean seeded = samples + 1 == period;
    return new Ema(period, samples + 1, seeded ? sum / period : sum);
  }

  boolean isWarm() {
    return samples == period;
  }

  /** The average; NaN before {@code period} inputs. */
  public double value() {
    return isWarm() ? accumulator : Double.NaN;
  }
}

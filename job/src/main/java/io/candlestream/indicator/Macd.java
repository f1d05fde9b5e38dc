package io.candlestream.indicator;

/**
 * Moving average convergence/divergence, as TA-Lib 0.4 computes it ({@code TA_MACD}, default
 * compatibility).
 *
 * <pre>
 * macd      = fast EMA of the closes - slow EMA of the closes
 * signal    = EMA of macd
 * histogram = macd - signal
 *
 * 12/26/9, by index of the close:
 *   0 … 25   seed of the slow EMA
 *  14 … 25   seed of the fast EMA
 *  25 … 33   seed of the signal, from macd
 *  33 …      all three lines
 * </pre>
 *
 * Unlike two separate averages, the fast one skips the first {@code slow - fast} closes, so that
 * both are seeded at the same candle. And macd, though known earlier, is given only with its
 * signal. The operations are TA-Lib's in TA-Lib's order, so the values equal its output bit for
 * bit.
 *
 * <p>Worked example, 2/3/2: closes 10, 20, 30, 60, 30 give nothing three times, then macd 8.33…
 * (48.33… − 40), signal 6.66…, histogram 1.66…; then macd 1.11… (36.11… − 35), signal 2.962…,
 * histogram −1.851….
 *
 * @param fast the fast average of the closes
 * @param slow the slow average of the closes; its period is the longer one
 * @param signal the average of fast − slow
 */
public record Macd(Ema fast, Ema slow, Ema signal) {

  /**
   * The three lines at one candle, in units of the price.
   *
   * @param macd fast average − slow average
   * @param signal average of macd
   * @param histogram macd − signal
   */
  public record Lines(double macd, double signal, double histogram) {}

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if the fast period is not shorter than the slow one
   */
  public Macd {
    if (fast.period() >= slow.period()) {
      throw new IllegalArgumentException(
          "MACD fast period " + fast.period() + " must be shorter than slow " + slow.period());
    }
  }

  /** The lines of no close yet. */
  public static Macd of(int fastPeriod, int slowPeriod, int signalPeriod) {
    return new Macd(Ema.of(fastPeriod), Ema.of(slowPeriod), Ema.of(signalPeriod));
  }

  /** These lines after one more close, a finite number. */
  public Macd update(double close) {
    boolean fastStarted = slow.samples() >= slow.period() - fast.period();
    Ema newFast = fastStarted ? fast.update(close) : fast;
    Ema newSlow = slow.update(close);
    boolean defined = newSlow.isWarm();
    return new Macd(
        newFast, newSlow, defined ? signal.update(difference(newFast, newSlow)) : signal);
  }

  /** The lines; all of them NaN before {@code slow + signal − 1} closes. */
  public Lines lines() {
    double average = signal.value();
    double macd = signal.isWarm() ? difference(fast, slow) : Double.NaN;
    return new Lines(macd, average, macd - average);
  }

  private static double difference(Ema fast, Ema slow) {
    return fast.value() - slow.value();
  }
}

package io.candlestream.indicator;

import java.util.Optional;

/**
 * The recent volatilities of an instrument, each an average true range relative to its close, and
 * the regime that the latest of them stands for.
 *
 * <pre>
 * rank = (values &lt;= the latest, itself included) / (values in the window)
 * </pre>
 *
 * The window holds the last {@value #CAPACITY} values; there is no regime before {@value #MINIMUM}.
 * Worked example: after the values 1, 2, …, 20 the latest has rank 20/20, {@code EXTREME}; then 4.5
 * has rank 5/21 = 0.238…, {@code LOW}; then 15.5 has rank 17/22 = 0.772…, {@code HIGH}. Equal
 * values rank at the top: a window that never changed is {@code EXTREME}.
 *
 * @param volatilities the latest values, at most {@value #CAPACITY}
 */
public record VolatilityRegimeWindow(Window volatilities) {

  /** Values that the latest is ranked among, itself included. */
  public static final int CAPACITY = 100;

  /** Values before there is a regime. */
  public static final int MINIMUM = 20;

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if there are more than {@value #CAPACITY} values
   */
  public VolatilityRegimeWindow {
    if (volatilities.size() > CAPACITY) {
      throw new IllegalArgumentException(
          "volatility window holds " + volatilities.size() + " values, more than " + CAPACITY);
    }
  }

  /** The window without a value. */
  public static VolatilityRegimeWindow start() {
    return new VolatilityRegimeWindow(Window.empty());
  }

  /** This window after one more value, a finite number. */
  public VolatilityRegimeWindow update(double volatility) {
    return new VolatilityRegimeWindow(volatilities.append(volatility, CAPACITY));
  }

  /** The regime of the latest value; empty before {@value #MINIMUM} values. */
  public Optional<VolatilityRegime> regime() {
    if (volatilities.size() < MINIMUM) {
      return Optional.empty();
    }
    return Optional.of(VolatilityRegime.of(rankOfLatest()));
  }

  private double rankOfLatest() {
    int size = volatilities.size();
    return (double) volatilities.countAtMost(volatilities.get(size - 1)) / size;
  }
}

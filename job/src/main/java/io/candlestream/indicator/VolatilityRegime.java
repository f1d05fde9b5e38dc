package io.candlestream.indicator;

/** How the current volatility ranks among an instrument's own recent ones. */
public enum VolatilityRegime {
  /** Rank below 0.25. */
  LOW,
  /** Rank from 0.25 to below 0.75. */
  NORMAL,
  /** Rank from 0.75 to below 0.95. */
  HIGH,
  /** Rank from 0.95 on. */
  EXTREME;

  /**
   * The regime of a rank.
   *
   * @param rank share of the recent values that are at most the current one, itself included: above
   *     0, up to 1
   */
  public static VolatilityRegime of(double rank) {
    if (rank < 0.25) {
      return LOW;
    }
    if (rank < 0.75) {
      return NORMAL;
    }
    return rank < 0.95 ? HIGH : EXTREME;
  }
}

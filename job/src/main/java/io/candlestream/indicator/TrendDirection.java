package io.candlestream.indicator;

/** Which way the short, the middle and the long average of the closes are stacked. */
public enum TrendDirection {
  /** {@code ema_9 > ema_21 > ema_50}. */
  UP,
  /** {@code ema_9 < ema_21 < ema_50}. */
  DOWN,
  /** Any other order, equal averages included. */
  SIDEWAYS;

  /** The direction of three averages. */
  public static TrendDirection of(double ema9, double ema21, double ema50) {
    if (ema9 > ema21 && ema21 > ema50) {
      return UP;
    }
    if (ema9 < ema21 && ema21 < ema50) {
      return DOWN;
    }
    return SIDEWAYS;
  }
}

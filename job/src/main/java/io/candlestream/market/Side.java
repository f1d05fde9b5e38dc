package io.candlestream.market;

/**
 * Which side crossed the spread: the aggressor. The order of the constants is part of what ticks
 * look like on their way.
 */
public enum Side {
  BUY,
  SELL,
  /** The feed does not say. */
  UNKNOWN
}

package io.candlestream.market;

/** Which side crossed the spread: the aggressor. */
public enum Side {
  BUY,
  SELL,
  /** The feed does not say. */
  UNKNOWN
}

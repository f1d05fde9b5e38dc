package io.candlestream.market;

/** Why a trade is no tick of a candle. */
public enum RejectReason {
  /** It cannot be read as a tick at all. */
  MALFORMED,
  INVALID_SOURCE,
  INVALID_SYMBOL,
  INVALID_TRADE_ID,
  /** No number, too many digits, not above zero, or out of the configured bounds. */
  INVALID_PRICE,
  /** No number, too many digits, below zero, or out of the configured bounds. */
  INVALID_SIZE,
  /** Older than the configured age when it was produced. */
  STALE,
  /** Further ahead of the clock than configured when it was produced. */
  FUTURE,
  /** Its candle's state is dropped already. */
  LATE,
  /** Its price or size is a spike, and such are not to count. */
  ANOMALY
}

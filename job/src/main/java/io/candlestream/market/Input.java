package io.candlestream.market;

import java.util.Locale;

/** The streams that a job reads, by the names that tables, metrics and settings have for them. */
public enum Input {
  /** Trades of a market, of which candles are made. */
  TICKS,
  /** Trades of one's own. */
  FILLS,
  /** What is thought of a symbol. */
  SENTIMENT;

  /** Such as {@code ticks}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.candlestream.local.ticks;

/**
 * The simulated venues and how each writes its ticks. Their names begin with {@code sim-}, so that
 * generated ticks in a database can never be taken for, or mixed with, those of a real venue.
 */
enum Venue {
  /** Coins against money: {@code BTC-USD}. */
  SPOT("sim-spot", IdStyle.NUMBER, 0, TimeStyle.ISO, true, true),
  /** Coins against bitcoin: {@code ETH/BTC}. */
  CROSS("sim-cross", IdStyle.NUMBER, 0, TimeStyle.MICROS, true, true),
  /** Perpetual swaps, with ids that say nothing about the order: {@code BTCUSDT-PERP}. */
  PERPETUAL("sim-perp", IdStyle.UUID_AND_SEQUENCE, 0, TimeStyle.MILLIS, true, true),
  /**
   * Shares from a consolidated tape, which knows no aggressor and leaves out some ids: {@code
   * AAPL}.
   */
  STOCK("sim-stock", IdStyle.NUMBER, 0.05, TimeStyle.NANOS, false, false),
  /** Continuous futures: {@code ES.c.0}. */
  FUTURE("sim-future", IdStyle.TEXT_NUMBER, 0, TimeStyle.MILLIS, false, true);

  enum IdStyle {
    NUMBER,
    TEXT_NUMBER,
    UUID_AND_SEQUENCE
  }

  enum TimeStyle {
    MILLIS,
    MICROS,
    NANOS,
    ISO
  }

  final String source;
  final IdStyle idStyle;

  /** Share of its ticks that carry no id. */
  final double withoutId;

  final TimeStyle timeStyle;

  /** Whether prices and sizes are JSON strings, or else JSON numbers. */
  final boolean quotesDecimals;

  final boolean tellsSide;

  Venue(
      String source,
      IdStyle idStyle,
      double withoutId,
      TimeStyle timeStyle,
      boolean quotesDecimals,
      boolean tellsSide) {
    this.source = source;
    this.idStyle = idStyle;
    this.withoutId = withoutId;
    this.timeStyle = timeStyle;
    this.quotesDecimals = quotesDecimals;
    this.tellsSide = tellsSide;
  }
}

package io.candlestream.local.ticks;

import io.candlestream.local.ticks.TickForm.IdStyle;
import io.candlestream.local.ticks.TickForm.TimeStyle;

/**
 * The simulated venues and how each writes its ticks. Their names begin with {@code sim-}, so that
 * generated ticks in a database can never be taken for, or mixed with, those of a real venue.
 */
enum Venue {
  /** Coins against money: {@code BTC-USD}. */
  SPOT("sim-spot", new TickForm(IdStyle.NUMBER, 0, TimeStyle.ISO, true, true)),
  /** Coins against bitcoin: {@code ETH/BTC}. */
  CROSS("sim-cross", new TickForm(IdStyle.NUMBER, 0, TimeStyle.MICROS, true, true)),
  /** Perpetual swaps, with ids that say nothing about the order: {@code BTCUSDT-PERP}. */
  PERPETUAL("sim-perp", new TickForm(IdStyle.UUID_AND_SEQUENCE, 0, TimeStyle.MILLIS, true, true)),
  /**
   * Shares from a consolidated tape, which knows no aggressor and leaves out some ids: {@code
   * AAPL}.
   */
  STOCK("sim-stock", new TickForm(IdStyle.NUMBER, 0.05, TimeStyle.NANOS, false, false)),
  /** Continuous futures: {@code ES.c.0}. */
  FUTURE("sim-future", new TickForm(IdStyle.TEXT_NUMBER, 0, TimeStyle.MILLIS, false, true));

  final String source;
  final TickForm form;

  Venue(String source, TickForm form) {
    this.source = source;
    this.form = form;
  }
}

package io.candlestream.market;

import static io.candlestream.market.Input.FILLS;
import static io.candlestream.market.Input.SENTIMENT;
import static io.candlestream.market.Input.TICKS;

import java.util.Set;

/** Why an event does not count. */
public enum RejectReason {
  /** It cannot be read at all. */
  MALFORMED(TICKS, FILLS, SENTIMENT),
  INVALID_SOURCE(TICKS, FILLS),
  INVALID_SYMBOL(TICKS, FILLS, SENTIMENT),
  INVALID_TRADE_ID(TICKS),
  /** No number, too many digits, not above zero, or out of the configured bounds. */
  INVALID_PRICE(TICKS, FILLS),
  /** No number, too many digits, below zero, of a fill zero, or out of the configured bounds. */
  INVALID_SIZE(TICKS, FILLS),
  /** Older than the configured age when it was produced. */
  STALE(TICKS),
  /** Further ahead of the clock than configured when it was produced. */
  FUTURE(TICKS, FILLS, SENTIMENT),
  /** What it would be part of is settled already: a tick's candle is dropped. */
  LATE(TICKS, FILLS, SENTIMENT),
  /** Its price or size is a spike, and such are not to count. */
  ANOMALY(TICKS),
  INVALID_ACCOUNT(FILLS),
  INVALID_FILL_ID(FILLS),
  /** Of the price. */
  INVALID_CURRENCY(FILLS),
  /** No number, or too many digits. */
  INVALID_FEE(FILLS),
  INVALID_FEE_CURRENCY(FILLS),
  INVALID_ORDER_ID(FILLS),
  INVALID_PROVIDER(SENTIMENT),
  INVALID_ITEM_ID(SENTIMENT),
  /** No number, too many digits, or not from −1 to 1. */
  INVALID_SCORE(SENTIMENT),
  /** No number, too many digits, or below zero. */
  INVALID_MAGNITUDE(SENTIMENT),
  INVALID_TEXT_REF(SENTIMENT);

  private final Set<Input> inputs;

  RejectReason(Input... inputs) {
    this.inputs = Set.of(inputs);
  }

  /** Whether events of an input can be rejected for it. */
  public boolean isOf(Input input) {
    return inputs.contains(input);
  }
}

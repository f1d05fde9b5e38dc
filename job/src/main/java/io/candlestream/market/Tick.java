package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * One trade, as accepted by the rules.
 *
 * @param price above zero
 * @param size zero or above
 * @param side the aggressor
 * @param raw the record as it was read, of one with several trades without the others; kept for the
 *     case that the tick is rejected later, and never changed
 */
public record Tick(
    Instrument instrument, TickOrder order, Decimal price, Decimal size, Side side, byte[] raw) {

  public Tick {
    requireNonNull(instrument, "instrument");
    requireNonNull(order, "order");
    requireNonNull(side, "side");
    requireNonNull(raw, "raw");
    if (price.signum() <= 0) {
      throw new IllegalArgumentException("price is not above 0: " + price);
    }
    if (size.signum() < 0) {
      throw new IllegalArgumentException("size is below 0: " + size);
    }
  }

  /** When the trade happened, in microseconds since the epoch. */
  public long timestampMicros() {
    return order.timestampMicros();
  }

  public TradeId tradeId() {
    return order.tradeId();
  }
}

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
    Instrument instrument, TickOrder order, Decimal price, Decimal size, Side side, byte[] raw)
    implements Event {

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

  @Override
  public Input input() {
    return Input.TICKS;
  }

  @Override
  public long timestampMicros() {
    return order.timestampMicros();
  }

  @Override
  public String source() {
    return instrument.source();
  }

  @Override
  public String symbol() {
    return instrument.symbol();
  }

  @Override
  public Origin origin() {
    return order.origin();
  }

  public TradeId tradeId() {
    return order.tradeId();
  }
}

package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * A trade of one's own: an execution, as its venue reported it and as the rules accept it.
 *
 * <p>Its identity is the account, the instrument and the fill's id. The symbol is part of it, for
 * there are venues that number trades symbol by symbol, Binance for one: without it, a fill would
 * be taken for the copy of one in another symbol.
 *
 * @param account whose trade it is
 * @param fillId present
 * @param side what the account did: buy or sell
 * @param price above zero
 * @param size above zero
 * @param currency of the price
 * @param fee what the trade cost, below zero for a rebate; null where it is not told
 * @param feeCurrency in which it was paid; null exactly where the fee is
 * @param orderId the order that it is an execution of; null where it is not told
 */
public record Fill(
    Instrument instrument,
    String account,
    TradeId fillId,
    Side side,
    Decimal price,
    Decimal size,
    String currency,
    Decimal fee,
    String feeCurrency,
    String orderId,
    long timestampMicros,
    Origin origin,
    byte[] raw)
    implements Event {

  public Fill {
    requireNonNull(instrument, "instrument");
    requireNonNull(account, "account");
    requireNonNull(currency, "currency");
    requireNonNull(origin, "origin");
    requireNonNull(raw, "raw");
    if (!fillId.isPresent()) {
      throw new IllegalArgumentException("a fill without an id");
    }
    if (side == Side.UNKNOWN) {
      throw new IllegalArgumentException("a fill that neither bought nor sold");
    }
    if (price.signum() <= 0 || size.signum() <= 0) {
      throw new IllegalArgumentException(
          "price %s or size %s is not above 0".formatted(price, size));
    }
    if ((fee == null) != (feeCurrency == null)) {
      throw new IllegalArgumentException("fee %s in %s".formatted(fee, feeCurrency));
    }
  }

  @Override
  public Input input() {
    return Input.FILLS;
  }

  @Override
  public String source() {
    return instrument.source();
  }

  @Override
  public String symbol() {
    return instrument.symbol();
  }

  /** What the trade changed the position by: above zero bought, below zero sold. */
  public Decimal signedSize() {
    return side == Side.BUY ? size : size.negate();
  }
}

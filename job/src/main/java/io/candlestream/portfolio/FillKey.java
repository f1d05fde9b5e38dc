package io.candlestream.portfolio;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.TradeId;

/** The identity of a fill in an instrument. */
public record FillKey(String account, TradeId fillId) {

  public FillKey {
    requireNonNull(account, "account");
    requireNonNull(fillId, "fillId");
  }
}

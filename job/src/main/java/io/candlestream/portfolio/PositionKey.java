package io.candlestream.portfolio;

import static java.util.Objects.requireNonNull;

/**
 * Tells apart the positions in one instrument. The currency of the prices is part of it, so that
 * amounts of two currencies are never added up, whatever a feed says.
 */
public record PositionKey(String account, String currency) {

  public PositionKey {
    requireNonNull(account, "account");
    requireNonNull(currency, "currency");
  }
}

package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * What is traded where: the key of the whole pipeline.
 *
 * @param source the venue, such as {@code binance}
 * @param symbol the venue's name of what is traded, such as {@code BTCUSDT}
 */
public record Instrument(String source, String symbol) {

  public Instrument {
    requireNonNull(source, "source");
    requireNonNull(symbol, "symbol");
  }

  @Override
  public String toString() {
    return source + ":" + symbol;
  }
}

package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * What is traded where: the key of the whole pipeline. Not a record, because it is hashed many
 * times for each tick and so keeps its hash.
 */
public final class Instrument implements Serializable {

  private final String source;
  private final String symbol;
  private final int hash;

  /**
   * @param source the venue, such as {@code binance}
   * @param symbol the venue's name of what is traded, such as {@code BTCUSDT}
   */
  public Instrument(String source, String symbol) {
    this.source = requireNonNull(source, "source");
    this.symbol = requireNonNull(symbol, "symbol");
    this.hash = 31 * source.hashCode() + symbol.hashCode();
  }

  public String source() {
    return source;
  }

  public String symbol() {
    return symbol;
  }

  @Override
  public boolean equals(Object object) {
    return this == object
        || object instanceof Instrument other
            && hash == other.hash
            && symbol.equals(other.symbol)
            && source.equals(other.source);
  }

  /** Depends on the names alone: it decides which subtask an instrument belongs to. */
  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return source + ":" + symbol;
  }
}

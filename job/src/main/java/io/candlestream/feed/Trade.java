package io.candlestream.feed;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;

/**
 * A trade as its record tells it: complete, but not judged yet.
 *
 * @param source the venue
 * @param symbol the venue's name of what was traded
 * @param tradeId {@link TradeId#NONE} where the record has none; null where it is none by its shape
 * @param sequence the venue's order, where its ids carry none; null where there is none
 * @param price null where it is no decimal number, or has too many digits
 * @param size likewise
 * @param side the aggressor
 * @param timestampMicros when the trade happened, in microseconds since the epoch, 1970 to 9999
 */
public record Trade(
    String source,
    String symbol,
    TradeId tradeId,
    Long sequence,
    Decimal price,
    Decimal size,
    Side side,
    long timestampMicros) {

  public Trade {
    requireNonNull(source, "source");
    requireNonNull(symbol, "symbol");
    requireNonNull(side, "side");
  }
}

package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import io.candlestream.market.Fill;
import io.candlestream.market.TradeId;

/**
 * A fill as a position's books have it. Fills of one position count in the order of their
 * timestamps, and at the same moment in that of their ids.
 *
 * @param signedSize above zero bought, below zero sold
 * @param fee null where it is not told
 * @param feeCurrency null exactly where the fee is
 */
public record BookedFill(
    long timestampMicros,
    TradeId fillId,
    Decimal signedSize,
    Decimal price,
    Decimal fee,
    String feeCurrency)
    implements Comparable<BookedFill> {

  public static BookedFill of(Fill fill) {
    return new BookedFill(
        fill.timestampMicros(),
        fill.fillId(),
        fill.signedSize(),
        fill.price(),
        fill.fee(),
        fill.feeCurrency());
  }

  @Override
  public int compareTo(BookedFill other) {
    int order = Long.compare(timestampMicros, other.timestampMicros);
    return order != 0 ? order : fillId.compareTo(other.fillId);
  }
}

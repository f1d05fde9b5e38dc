package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * A tick's place among all ticks of its instrument, the same in whatever order they arrive: by
 * timestamp, then the venue's sequence, then trade id, then where it was read. What is present
 * comes before what is absent.
 *
 * @param timestampMicros when the trade happened, in microseconds since the epoch
 * @param sequence the venue's sequence number; null where the feed has none
 */
public record TickOrder(long timestampMicros, Long sequence, TradeId tradeId, Origin origin)
    implements Comparable<TickOrder> {

  public TickOrder {
    requireNonNull(tradeId, "tradeId");
    requireNonNull(origin, "origin");
  }

  @Override
  public int compareTo(TickOrder other) {
    int order = Long.compare(timestampMicros, other.timestampMicros);
    if (order == 0) {
      order = compareSequences(sequence, other.sequence);
    }
    if (order == 0) {
      order = tradeId.compareTo(other.tradeId);
    }
    return order != 0 ? order : origin.compareTo(other.origin);
  }

  private static int compareSequences(Long left, Long right) {
    if (left == null || right == null) {
      return Boolean.compare(left == null, right == null);
    }
    return left.compareTo(right);
  }
}

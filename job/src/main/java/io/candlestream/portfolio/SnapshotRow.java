package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;

/**
 * A position at the end of a candle; or that for some time there was none, so that there must be no
 * rows.
 *
 * @param fromMicros the start of the candle, or from when on there was none; microseconds since the
 *     epoch
 * @param untilMicros until when there was none, exclusive; 0 where there is a position
 * @param mark the candle's close; null where there is no position
 * @param ledger the books at that time
 */
public record SnapshotRow(
    Instrument instrument,
    PositionKey key,
    long fromMicros,
    long untilMicros,
    Decimal mark,
    Ledger ledger) {

  /** Of a time without end. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  public SnapshotRow {
    if (ledger.isFlat() != (mark == null)) {
      throw new IllegalArgumentException("mark %s of %s".formatted(mark, ledger));
    }
  }

  static SnapshotRow of(
      Instrument instrument, PositionKey key, long startMicros, Decimal mark, Ledger ledger) {
    return new SnapshotRow(instrument, key, startMicros, 0, mark, ledger);
  }

  static SnapshotRow none(
      Instrument instrument, PositionKey key, long fromMicros, long untilMicros, Ledger flat) {
    return new SnapshotRow(instrument, key, fromMicros, untilMicros, null, flat);
  }

  public boolean isNone() {
    return mark == null;
  }

  /** What the position was worth; below zero where it was short. */
  public Decimal marketValue() {
    return ledger.quantity().multiply(mark);
  }

  /** What closing it at the mark would have earned. */
  public Decimal unrealized() {
    return marketValue().subtract(ledger.cost());
  }
}

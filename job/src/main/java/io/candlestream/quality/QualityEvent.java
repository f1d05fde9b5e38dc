package io.candlestream.quality;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.TradeId;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;

/**
 * Something that is wrong with a tick or a feed. Kind, instrument, timestamp and identity are its
 * key: found again, by a replay or after a restart, it is the same event.
 *
 * @param timestampMicros of the tick it is about; in microseconds since the epoch
 * @param identity what tells it from others of its kind at its moment
 * @param tradeId of the tick it is about; null where that has none
 * @param details a JSON object, its numbers exact
 */
public record QualityEvent(
    QualityKind kind,
    Instrument instrument,
    long timestampMicros,
    String identity,
    String tradeId,
    String details) {

  private static final MathContext RATIO_DIGITS = new MathContext(9);

  /** So many a double keeps whatever they are. */
  private static final MathContext DIGITS_OF_A_DOUBLE = new MathContext(15);

  public QualityEvent {
    requireNonNull(kind, "kind");
    requireNonNull(instrument, "instrument");
    requireNonNull(identity, "identity");
    requireNonNull(details, "details");
  }

  /** Known by its tick. */
  public static QualityEvent priceSpike(Tick tick, Deviation deviation) {
    BigDecimal median = exactly(deviation.median());
    BigDecimal price = tick.price().toBigDecimal();
    return of(
        QualityKind.PRICE_SPIKE,
        tick.instrument(),
        tick.order(),
        Details.with("price", price)
            .and("median", median)
            .and("deviation", price.subtract(median))
            .and("mad", exactly(deviation.typical()).subtract(median).abs())
            .and("origin", place(tick.order().origin())));
  }

  /** Known by its tick. */
  public static QualityEvent sizeSpike(Tick tick, Deviation deviation) {
    BigDecimal median = exactly(deviation.median());
    BigDecimal size = tick.size().toBigDecimal();
    BigDecimal typical = exactly(deviation.typical());
    return of(
        QualityKind.SIZE_SPIKE,
        tick.instrument(),
        tick.order(),
        Details.with("size", size)
            .and("median", median)
            .and("ratio", size.divide(median, RATIO_DIGITS))
            .and("mad_ratio", typical.max(median).divide(typical.min(median), RATIO_DIGITS))
            .and("origin", place(tick.order().origin())));
  }

  /** Known by the trade after the gap, whose timestamp it has. */
  public static QualityEvent sequenceGap(Instrument instrument, String field, Gap gap) {
    return new QualityEvent(
        QualityKind.SEQUENCE_GAP,
        instrument,
        gap.nextMicros(),
        Long.toString(gap.next()),
        null,
        Details.with("field", field)
            .and("from", gap.from())
            .and("to", gap.to())
            .and("missing", new BigDecimal(gap.missing()))
            .toString());
  }

  /** Known by all that a copy says: another one that says the same is no other event. */
  public static QualityEvent conflictingDuplicate(Tick copy) {
    return new QualityEvent(
        QualityKind.CONFLICTING_DUPLICATE,
        copy.instrument(),
        copy.timestampMicros(),
        "%s %s %s %s".formatted(copy.tradeId(), copy.price(), copy.size(), copy.side()),
        copy.tradeId().toString(),
        Details.with("price", copy.price().toBigDecimal())
            .and("size", copy.size().toBigDecimal())
            .and("side", copy.side().name())
            .and("origin", place(copy.order().origin()))
            .toString());
  }

  /** Known by the last tick before the silence. */
  public static QualityEvent feedSilent(
      Instrument instrument, TickOrder last, Duration silentAfter) {
    return of(
        QualityKind.FEED_SILENT,
        instrument,
        last,
        Details.with("silent_after", silentAfter.toString()).and("origin", place(last.origin())));
  }

  /** Known by the last tick before the silence, as the event that it ends. */
  public static QualityEvent feedResumed(Instrument instrument, TickOrder last, TickOrder next) {
    return of(
        QualityKind.FEED_RESUMED,
        instrument,
        last,
        Details.with("next_timestamp_micros", next.timestampMicros())
            .and("next_trade_id", text(next.tradeId()))
            .and("next_origin", place(next.origin())));
  }

  private static QualityEvent of(
      QualityKind kind, Instrument instrument, TickOrder tick, Details details) {
    return new QualityEvent(
        kind,
        instrument,
        tick.timestampMicros(),
        tick.tradeId().isPresent() ? tick.tradeId().toString() : place(tick.origin()),
        text(tick.tradeId()),
        details.toString());
  }

  private static String text(TradeId id) {
    return id.isPresent() ? id.toString() : null;
  }

  /** Topic or file, partition, offset and item. */
  private static String place(Origin origin) {
    return "%s/%d/%d/%d"
        .formatted(origin.topic(), origin.partition(), origin.offset(), origin.item());
  }

  /** The decimal that was read as this double, if it had up to 15 digits; else the nearest. */
  static BigDecimal exactly(double value) {
    BigDecimal rounded = new BigDecimal(value, DIGITS_OF_A_DOUBLE);
    return rounded.doubleValue() == value ? rounded : BigDecimal.valueOf(value);
  }
}

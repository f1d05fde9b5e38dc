package io.candlestream.sink;

import io.candlestream.market.Instrument;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.QualityKind;
import java.util.List;

/**
 * {@code data_quality_events}: one row per event. Found again, by a replay or after a restart, it
 * is the same row, and the first stands.
 */
public final class DataQualityEvents implements Table<QualityEvent> {

  private record Key(
      QualityKind kind, Instrument instrument, long timestampMicros, String identity) {}

  @Override
  public String name() {
    return "data_quality_events";
  }

  @Override
  public Object key(QualityEvent row) {
    return new Key(row.kind(), row.instrument(), row.timestampMicros(), row.identity());
  }

  @Override
  public QualityEvent merge(QualityEvent earlier, QualityEvent later) {
    return earlier;
  }

  @Override
  public String upsert() {
    return """
    INSERT INTO data_quality_events (kind, source, symbol, "timestamp", identity, trade_id, details)
    SELECT * FROM unnest(
      ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::text[], ?::jsonb[])
    ON CONFLICT DO NOTHING
    """;
  }

  @Override
  public List<Column<QualityEvent>> columns() {
    return List.of(
        Column.key("kind", "text", row -> row.kind().name()),
        Column.key("source", "text", row -> row.instrument().source()),
        Column.key("symbol", "text", row -> row.instrument().symbol()),
        Column.key("timestamp", "timestamptz", row -> Columns.timestamp(row.timestampMicros())),
        Column.key("identity", "text", QualityEvent::identity),
        Column.of("trade_id", "text", QualityEvent::tradeId),
        Column.of("details", "jsonb", QualityEvent::details));
  }
}

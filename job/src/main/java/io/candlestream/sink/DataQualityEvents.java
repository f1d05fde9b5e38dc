package io.candlestream.sink;

import io.candlestream.market.Instrument;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.QualityKind;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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
  public void bind(List<QualityEvent> rows, PreparedStatement statement) throws SQLException {
    new Columns<>(rows, statement)
        .bind("text", row -> row.kind().name())
        .bind("text", row -> row.instrument().source())
        .bind("text", row -> row.instrument().symbol())
        .bind("timestamptz", row -> Columns.timestamp(row.timestampMicros()))
        .bind("text", QualityEvent::identity)
        .bind("text", QualityEvent::tradeId)
        .bind("jsonb", QualityEvent::details);
  }
}

package io.candlestream.sink;

import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code rejected_ticks}: one row per rejected record, whole. The row is known by where the record
 * was read, and the first verdict stands, so a replay adds nothing.
 */
public final class RejectedTicks implements Table<RejectedTick> {

  @Override
  public String name() {
    return "rejected_ticks";
  }

  @Override
  public Object key(RejectedTick row) {
    return row.origin();
  }

  @Override
  public RejectedTick merge(RejectedTick earlier, RejectedTick later) {
    return earlier;
  }

  @Override
  public int extraBytes(RejectedTick row) {
    return row.raw().length;
  }

  @Override
  public String upsert() {
    // PostgreSQL has no array of arrays of different lengths: each row's reasons travel as a text.
    return """
    INSERT INTO rejected_ticks (
      topic, partition, "offset", item, record_timestamp,
      reasons, source, symbol, "timestamp", raw)
    SELECT
      topic, partition, "offset", item, record_timestamp,
      string_to_array(reasons, ','), source, symbol, "timestamp", raw
    FROM unnest(
      ?::text[], ?::integer[], ?::bigint[], ?::integer[], ?::timestamptz[],
      ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::bytea[])
      AS rejected (
        topic, partition, "offset", item, record_timestamp,
        reasons, source, symbol, "timestamp", raw)
    ON CONFLICT DO NOTHING
    """;
  }

  @Override
  public void bind(List<RejectedTick> rows, PreparedStatement statement) throws SQLException {
    new Columns<>(rows, statement)
        .bind("text", row -> row.origin().topic())
        .bind("int4", row -> row.origin().partition())
        .bind("int8", row -> row.origin().offset())
        .bind("int4", row -> row.origin().item())
        .bind("timestamptz", row -> recordTimestamp(row.origin()))
        .bind("text", RejectedTicks::reasons)
        .bind("text", RejectedTick::source)
        .bind("text", RejectedTick::symbol)
        .bind(
            "timestamptz",
            row -> row.timestampMicros() == null ? null : Columns.timestamp(row.timestampMicros()))
        .bindBytes(RejectedTick::raw);
  }

  private static String recordTimestamp(Origin origin) {
    return Columns.timestamp(origin.recordTimestampMillis() * 1_000);
  }

  private static String reasons(RejectedTick row) {
    return row.reasons().stream().map(RejectReason::name).collect(Collectors.joining(","));
  }
}

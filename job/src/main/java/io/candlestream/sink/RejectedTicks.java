package io.candlestream.sink;

import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code rejected_ticks}: one row per rejected record, whole. The row is known by where the record
 * was read, and the first verdict stands, so a replay adds nothing.
 */
public final class RejectedTicks implements Table<Reject> {

  @Override
  public String name() {
    return "rejected_ticks";
  }

  @Override
  public Object key(Reject row) {
    return row.origin();
  }

  @Override
  public Reject merge(Reject earlier, Reject later) {
    return earlier;
  }

  @Override
  public int extraBytes(Reject row) {
    return row.raw().length;
  }

  @Override
  public String upsert() {
    // PostgreSQL has no array of arrays of different lengths: each row's reasons travel as the
    // text of one.
    return """
    INSERT INTO rejected_ticks (
      stream, topic, partition, "offset", item, record_timestamp,
      reasons, source, symbol, "timestamp", raw)
    SELECT
      stream, topic, partition, "offset", item, record_timestamp,
      reasons::text[], source, symbol, "timestamp", raw
    FROM unnest(
      ?::text[], ?::text[], ?::integer[], ?::bigint[], ?::integer[], ?::timestamptz[],
      ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::bytea[])
      AS rejected (
        stream, topic, partition, "offset", item, record_timestamp,
        reasons, source, symbol, "timestamp", raw)
    ON CONFLICT DO NOTHING
    """;
  }

  @Override
  public List<Column<Reject>> columns() {
    return List.of(
        Column.of("stream", "text", row -> row.input().word()),
        Column.key("topic", "text", row -> row.origin().topic()),
        Column.key("partition", "int4", row -> row.origin().partition()),
        Column.key("offset", "int8", row -> row.origin().offset()),
        Column.key("item", "int4", row -> row.origin().item()),
        Column.key("record_timestamp", "timestamptz", row -> recordTimestamp(row.origin())),
        Column.of("reasons", "text", RejectedTicks::reasons),
        Column.of("source", "text", Reject::source),
        Column.of("symbol", "text", Reject::symbol),
        Column.of(
            "timestamp",
            "timestamptz",
            row -> row.timestampMicros() == null ? null : Columns.timestamp(row.timestampMicros())),
        Column.of("raw", "bytea", Reject::raw));
  }

  private static Instant recordTimestamp(Origin origin) {
    return Columns.timestamp(origin.recordTimestampMillis() * 1_000);
  }

  private static String reasons(Reject row) {
    return row.reasons().stream()
        .map(RejectReason::name)
        .collect(Collectors.joining(",", "{", "}"));
  }
}

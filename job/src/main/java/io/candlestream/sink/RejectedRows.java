package io.candlestream.sink;

import java.util.List;

/**
 * {@code rejected_rows}: the rows that the database refused, of all tables, one for each key. The
 * newest version stands, and waits again if an earlier one had been resolved; but as in the table
 * that it was for, a closed candle gives way to none that is open, and a row that counts trades or
 * fills to none of fewer.
 */
final class RejectedRows implements Table<RejectedRow> {

  private record Key(String table, String key) {}

  private final boolean allowShrink;

  /**
   * @param allowShrink whether rows may lose trades or fills after all, in a deliberate rebuild
   */
  RejectedRows(boolean allowShrink) {
    this.allowShrink = allowShrink;
  }

  @Override
  public String name() {
    return "rejected_rows";
  }

  @Override
  public Object key(RejectedRow row) {
    return new Key(row.table(), row.key());
  }

  @Override
  public RejectedRow merge(RejectedRow earlier, RejectedRow later) {
    return later;
  }

  @Override
  public String upsert() {
    String sql =
        """
        INSERT INTO rejected_rows AS stored (
          table_name, key, "timestamp", content, sqlstate, constraint_name, reason)
        SELECT * FROM unnest(
          ?::text[], ?::jsonb[], ?::timestamptz[], ?::jsonb[], ?::text[], ?::text[], ?::text[])
        ON CONFLICT (table_name, key, "timestamp") DO UPDATE SET
          content = excluded.content,
          sqlstate = excluded.sqlstate,
          constraint_name = excluded.constraint_name,
          reason = excluded.reason,
          refusals = stored.refusals + 1,
          updated_at = now(),
          resolved_at = NULL
        """;
    // In this order false comes before true; a table may have neither.
    return sql
        + (allowShrink
            ? """
            WHERE coalesce((excluded.content ->> 'closed')::boolean, true)
              >= coalesce((stored.content ->> 'closed')::boolean, true)
            """
            : """
            WHERE (
              coalesce((excluded.content ->> 'closed')::boolean, true),
              coalesce(excluded.content ->> 'trades', excluded.content ->> 'fills', '0')::bigint
            ) >= (
              coalesce((stored.content ->> 'closed')::boolean, true),
              coalesce(stored.content ->> 'trades', stored.content ->> 'fills', '0')::bigint)
            """);
  }

  @Override
  public List<Column<RejectedRow>> columns() {
    return List.of(
        Column.key("table_name", "text", RejectedRow::table),
        Column.key("key", "jsonb", RejectedRow::key),
        Column.key("timestamp", "timestamptz", RejectedRow::timestamp),
        Column.of("content", "jsonb", RejectedRow::content),
        Column.of("sqlstate", "text", RejectedRow::sqlState),
        Column.of("constraint_name", "text", RejectedRow::constraint),
        Column.of("reason", "text", RejectedRow::reason));
  }
}

package io.candlestream.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rows of one table that wait in {@code rejected_rows}. Once a row goes in, what waits under
 * its key is out of date, and is marked as resolved; unless what waits is a closed candle and the
 * row an open one, or what waits has more trades or fills.
 *
 * <p>As long as none waits that costs nothing but a question at the beginning of each session.
 */
final class WaitingRows<T> {

  private static final String COUNTED =
      "coalesce(waiting.content ->> 'trades', waiting.content ->> 'fills')::bigint";

  private final String table;
  private final Layout<T> identity;
  private final boolean allowShrink;
  private boolean any;
  private Connection asked;

  /**
   * @param allowShrink whether a row of fewer trades, or fills, counts as newer
   */
  WaitingRows(String table, Layout<T> layout, boolean allowShrink) {
    this.table = table;
    this.allowShrink = allowShrink;
    identity =
        new Layout<>(
            List.of(
                Column.key("key", "jsonb", layout::key),
                Column.key("timestamp", "timestamptz", layout::time),
                Column.of("closed", "bool", value(layout, "closed")),
                Column.of("counted", "int8", allowShrink ? row -> null : counted(layout))));
  }

  /** What a row counts, of which a newer one has no fewer. */
  private static <T> Function<T, Object> counted(Layout<T> layout) {
    return value(layout, layout.named("trades").isPresent() ? "trades" : "fills");
  }

  /** A column's value, null where the table has no such column. */
  private static <T> Function<T, Object> value(Layout<T> layout, String name) {
    Optional<Column<T>> column = layout.named(name);
    return row -> column.map(one -> one.value().apply(row)).orElse(null);
  }

  /** From now on, there are some. */
  void expectSome() {
    any = true;
  }

  /** Whether there are any, by what is known since the session began. */
  boolean mayBeAny(Connection connection) throws SQLException {
    if (connection != asked) {
      any = isAny(connection);
      asked = connection;
    }
    return any;
  }

  /**
   * Marks what waits under the keys of rows, in the transaction that then writes these. In this
   * order, because a replay does the same: it locks what waits before it writes, so that of the two
   * the newer row stands.
   */
  void resolve(List<T> rows, Connection connection) throws SQLException {
    any = isAny(connection);
    if (!any) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE rejected_rows AS waiting
            SET resolved_at = now()
            FROM unnest(?::jsonb[], ?::timestamptz[], ?::boolean[], ?::bigint[])
              AS written (key, "timestamp", closed, counted)
            WHERE waiting.table_name = ?
              AND waiting.key = written.key
              AND waiting."timestamp" = written."timestamp"
              AND waiting.resolved_at IS NULL
              AND (
                coalesce(written.closed, true),
                coalesce(written.counted, %1$s, 0)
              ) >= (
                coalesce((waiting.content ->> 'closed')::boolean, true),
                coalesce(%1$s, 0))
            """
                .formatted(COUNTED))) {
      identity.bind(rows, statement);
      statement.setString(5, table);
      statement.executeUpdate();
    }
  }

  /**
   * The same for what is removed from the table: within the ranges that go, what waits must not
   * come in any more.
   *
   * @param layout of what is removed
   */
  void remove(List<T> removed, Layout<T> layout, Connection connection) throws SQLException {
    any = isAny(connection);
    if (!any) {
      return;
    }
    Layout<T> ranges =
        new Layout<>(
            List.of(
                Column.key("key", "jsonb", layout::key),
                Column.key("from", "timestamptz", layout::time),
                Column.of("until", "timestamptz", value(layout, "until")),
                Column.of("fills", "int8", allowShrink ? row -> null : value(layout, "fills"))));
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE rejected_rows AS waiting
            SET resolved_at = now()
            FROM unnest(?::jsonb[], ?::timestamptz[], ?::timestamptz[], ?::bigint[])
              AS removed (key, "from", until, fills)
            WHERE waiting.table_name = ?
              AND waiting.key - 'timestamp' = removed.key - 'timestamp'
              AND waiting."timestamp" >= removed."from"
              AND waiting."timestamp" < removed.until
              AND waiting.resolved_at IS NULL
              AND ((waiting.content ->> 'fills')::bigint <= removed.fills) IS NOT FALSE
            """)) {
      ranges.bind(removed, statement);
      statement.setString(5, table);
      statement.executeUpdate();
    }
  }

  private boolean isAny(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT EXISTS (SELECT FROM rejected_rows WHERE table_name = ? AND resolved_at IS"
                + " NULL)")) {
      statement.setString(1, table);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }
}

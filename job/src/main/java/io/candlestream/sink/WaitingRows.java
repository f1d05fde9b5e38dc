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
 * row an open one, or what waits has more trades.
 *
 * <p>As long as none waits that costs nothing but a question at the beginning of each session.
 */
final class WaitingRows<T> {

  private final String table;
  private final Layout<T> identity;
  private boolean any;
  private Connection asked;

  /**
   * @param allowShrink whether a row of fewer trades counts as newer
   */
  WaitingRows(String table, Layout<T> layout, boolean allowShrink) {
    this.table = table;
    identity =
        new Layout<>(
            List.of(
                Column.key("key", "jsonb", layout::key),
                Column.key("timestamp", "timestamptz", layout::time),
                Column.of("closed", "bool", value(layout, "closed")),
                Column.of("trades", "int8", allowShrink ? row -> null : value(layout, "trades"))));
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
              AS written (key, "timestamp", closed, trades)
            WHERE waiting.table_name = ?
              AND waiting.key = written.key
              AND waiting."timestamp" = written."timestamp"
              AND waiting.resolved_at IS NULL
              AND (
                coalesce(written.closed, true),
                coalesce(written.trades, (waiting.content ->> 'trades')::bigint, 0)
              ) >= (
                coalesce((waiting.content ->> 'closed')::boolean, true),
                coalesce((waiting.content ->> 'trades')::bigint, 0))
            """)) {
      identity.bind(rows, statement);
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

package io.candlestream.sink;

import java.sql.SQLException;
import java.time.Instant;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A row that the database refused, for whatever table.
 *
 * @param table that it was for
 * @param key its primary key there, a JSON object
 * @param timestamp the time in its key
 * @param content the whole row, a JSON object
 * @param sqlState PostgreSQL's code of the reason
 * @param constraint that it violates; null if that is not the reason
 * @param reason what the database said
 */
record RejectedRow(
    String table,
    String key,
    Instant timestamp,
    String content,
    String sqlState,
    String constraint,
    String reason) {

  static <T> RejectedRow of(String table, Layout<T> layout, T row, SQLException refusal) {
    // The message alone: what the server adds for people repeats the row.
    ServerErrorMessage said = refusal instanceof PSQLException e ? e.getServerErrorMessage() : null;
    return new RejectedRow(
        table,
        layout.key(row),
        layout.time(row),
        layout.content(row),
        refusal.getSQLState(),
        said == null ? null : said.getConstraint(),
        said == null ? refusal.getMessage() : said.getMessage());
  }
}

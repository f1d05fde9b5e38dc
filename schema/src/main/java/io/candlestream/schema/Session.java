package io.candlestream.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A connection with short ways to ask and to tell. */
final class Session implements AutoCloseable {
  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  /** What to make of the row that a result is at. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** All rows of a query. */
  <T> List<T> rows(RowReader<T> reader, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = bound(sql, parameters);
        ResultSet result = statement.executeQuery()) {
      List<T> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(reader.read(result));
      }
      return rows;
    }
  }

  /** The one value of a query, as text; null if it is null or there is none. */
  String text(String sql, Object... parameters) throws SQLException {
    List<String> values = rows(row -> row.getString(1), sql, parameters);
    return values.isEmpty() ? null : values.get(0);
  }

  boolean isTrue(String sql, Object... parameters) throws SQLException {
    return "t".equals(text(sql, parameters));
  }

  /** The number of rows that a statement changed. */
  int execute(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = bound(sql, parameters)) {
      statement.execute();
      return Math.max(0, statement.getUpdateCount());
    }
  }

  /** What belongs together, in one transaction. */
  void inTransaction(Work work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      work.run();
      connection.commit();
    } finally {
      // Does nothing after a commit.
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Something that a transaction is about. */
  interface Work {
    void run() throws SQLException;
  }

  private PreparedStatement bound(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

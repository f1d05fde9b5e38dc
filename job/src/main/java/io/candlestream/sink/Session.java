package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;

/**
 * A writer's connection to the database, opened when first needed and again after it broke. It is
 * named after job, table and subtask; on opening it ends the sessions of that name that an earlier
 * attempt left behind, so that no half-finished statement of theirs comes after ours.
 */
final class Session implements AutoCloseable {

  private static final String DRIVER = "org.postgresql.Driver";

  private final JdbcConnectionProvider provider;
  private final String name;

  Session(DatabaseConfig database, String name) {
    this.name = name;
    this.provider =
        new SimpleJdbcConnectionProvider(
            new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                .withUrl(database.url())
                .withDriverName(DRIVER)
                .withUsername(database.user())
                .withPassword(database.password().reveal())
                .withProperty("ApplicationName", name)
                .withProperty("tcpKeepAlive", "true")
                .build());
  }

  /** The open connection; a broken one is replaced. */
  Connection connection() throws SQLException {
    try {
      Connection current = provider.getConnection();
      if (current != null && !current.isClosed()) {
        return current;
      }
      Connection opened = provider.reestablishConnection();
      endEarlierSessions(opened);
      try (Statement statement = opened.createStatement()) {
        // Without a limit, or an upsert into a compressed chunk of TimescaleDB fails with 53400.
        statement.execute("SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0");
      }
      return opened;
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the PostgreSQL driver is missing in the job's jar", e);
    }
  }

  private void endEarlierSessions(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT pg_terminate_backend(pid)
            FROM pg_stat_activity
            WHERE application_name = ? AND usename = current_user AND pid <> pg_backend_pid()
            """)) {
      statement.setString(1, name);
      statement.execute();
    }
  }

  @Override
  public void close() {
    provider.closeConnection();
  }
}

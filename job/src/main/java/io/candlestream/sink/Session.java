package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;

/**
 * A writer's connection to the database, opened when first needed and again after it broke.
 *
 * <p>Its {@code application_name} says which writer it is, and since when: on opening it ends the
 * sessions that earlier attempts of the same writer left behind, so that no statement of theirs
 * comes after ours. Where a later attempt is at work, this one is over.
 */
final class Session implements Retries.Connections {

  private static final String DRIVER = "org.postgresql.Driver";

  /** As PostgreSQL's {@code object_not_in_prerequisite_state}: trying again does not help. */
  private static final String SUPERSEDED = "55000";

  /**
   * A database host that is gone without a word must not hold the task for hours, nor, once the
   * task is cancelled, until Flink gives up the whole TaskManager, after 3 minutes. The URL may say
   * otherwise.
   */
  static final Duration ANSWERS_WITHIN = Duration.ofMinutes(1);

  private final JdbcConnectionProvider provider;
  private final String writer;
  private final long startedMillis;

  /**
   * @param writer the same for every attempt of one writer, and no other's
   * @param startedMillis when this attempt began: the later one wins
   */
  Session(DatabaseConfig database, String writer, long startedMillis) {
    this.writer = writer;
    this.startedMillis = startedMillis;
    this.provider =
        new SimpleJdbcConnectionProvider(
            options(database, writer + ' ' + startedMillis)
                .withProperty("socketTimeout", Long.toString(ANSWERS_WITHIN.toSeconds()))
                .build());
  }

  /** How the database is reached. */
  static JdbcConnectionOptions.JdbcConnectionOptionsBuilder options(
      DatabaseConfig database, String applicationName) {
    return new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
        .withUrl(database.url())
        .withDriverName(DRIVER)
        .withUsername(database.user())
        .withPassword(database.password().reveal())
        .withProperty("ApplicationName", applicationName)
        .withProperty("tcpKeepAlive", "true")
        // Covers the wait for a server that takes connections and says nothing; while it waits so,
        // a task that is cancelled ends at once.
        .withProperty("loginTimeout", Long.toString(ANSWERS_WITHIN.toSeconds()));
  }

  static IllegalStateException withoutDriver(ClassNotFoundException cause) {
    return new IllegalStateException("the PostgreSQL driver is missing in the job's jar", cause);
  }

  /** The open connection; a broken one is replaced. */
  @Override
  public Connection connection() throws SQLException {
    try {
      Connection current = provider.getConnection();
      if (current != null && !current.isClosed()) {
        return current;
      }
      Connection opened = provider.reestablishConnection();
      endEarlierAttempts(opened);
      try (Statement statement = opened.createStatement()) {
        // Without a limit, or an upsert into a compressed chunk of TimescaleDB fails with 53400.
        statement.execute("SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0");
      }
      return opened;
    } catch (ClassNotFoundException e) {
      throw withoutDriver(e);
    }
  }

  /** Does work in one transaction: where it fails, nothing of it is done. */
  static <T> T inTransaction(Connection connection, Retries.Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      T result = work.on(connection);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    } catch (SQLException e) {
      try {
        connection.rollback();
        connection.setAutoCommit(true);
      } catch (SQLException broken) {
        e.addSuppressed(broken);
      }
      throw e;
    }
  }

  private void endEarlierAttempts(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH attempts AS (
              SELECT pid, substring(application_name FROM '[0-9]+$')::bigint AS started
              FROM pg_stat_activity
              WHERE application_name ~ ('^' || ? || ' [0-9]+$')
                AND usename = current_user
                AND datname = current_database()
                AND pid <> pg_backend_pid()
            )
            SELECT
              count(*) FILTER (WHERE started > ?),
              count(pg_terminate_backend(pid)) FILTER (WHERE started <= ?)
            FROM attempts
            """)) {
      statement.setString(1, writer);
      statement.setLong(2, startedMillis);
      statement.setLong(3, startedMillis);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        if (result.getLong(1) > 0) {
          throw new SQLException(
              "a later attempt of this writer is at work: " + writer, SUPERSEDED);
        }
      }
    }
  }

  @Override
  public void close() {
    provider.closeConnection();
  }
}

package io.candlestream.bench;

import io.candlestream.config.JobConfig;
import io.candlestream.schema.Edition;
import io.candlestream.schema.MigrationResult;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A new database with candlestream's schema, where nothing runs but what is measured; dropped when
 * closed.
 */
public final class BenchDatabase implements AutoCloseable {

  private final PostgresServer server;
  private final String name;

  private BenchDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  /**
   * @param server where we are superuser
   * @throws IllegalStateException if the schema comes out for another edition than community
   */
  public static BenchDatabase create(PostgresServer server) throws SQLException {
    BenchDatabase database =
        new BenchDatabase(
            server, "candlestream_bench_" + UUID.randomUUID().toString().replace("-", ""));
    server.createDatabase(database.name);
    try {
      database.migrate();
      return database;
    } catch (SQLException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private void migrate() throws SQLException {
    MigrationResult migration =
        Migrations.of(
                JobConfig.of(
                    List.of(
                        "database.url=" + url(),
                        "database.user=" + user(),
                        "database.password=" + password())))
            .migrate();
    if (migration.edition() != Edition.COMMUNITY) {
      throw new IllegalStateException(
          "the schema is of edition %s: %s"
              .formatted(migration.edition().word(), migration.reason()));
    }
    // A policy at work beside a measurement, or before it, would make it one of something else.
    execute("SELECT _timescaledb_functions.stop_background_workers()");
  }

  public String url() {
    return server.jdbcUrl(name);
  }

  public String user() {
    return server.user();
  }

  public String password() {
    return server.password();
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), user(), password());
  }

  /** Runs one statement on a connection of its own, outside transactions. */
  public void execute(String sql, Object... parameters) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = bound(connection.prepareStatement(sql), parameters)) {
      statement.execute();
    }
  }

  /** The rows of a query, column by column. */
  public List<List<Object>> query(String sql, Object... parameters) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = bound(connection.prepareStatement(sql), parameters)) {
      return rows(statement);
    }
  }

  /** The one number that a query gives. */
  public long number(String sql, Object... parameters) throws SQLException {
    return ((Number) query(sql, parameters).get(0).get(0)).longValue();
  }

  /** The texts of a query with one column. */
  List<String> texts(String sql, Object... parameters) throws SQLException {
    return query(sql, parameters).stream().map(row -> row.get(0).toString()).toList();
  }

  /** After rows were written: what a database that has been in use for a while has done. */
  public void settle() throws SQLException {
    execute("VACUUM ANALYZE");
    execute("CHECKPOINT");
  }

  static PreparedStatement bound(PreparedStatement statement, Object... parameters)
      throws SQLException {
    for (int parameter = 0; parameter < parameters.length; parameter++) {
      statement.setObject(parameter + 1, parameters[parameter]);
    }
    return statement;
  }

  static List<List<Object>> rows(PreparedStatement statement) throws SQLException {
    List<List<Object>> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery()) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<Object> row = new ArrayList<>(columns);
        for (int column = 1; column <= columns; column++) {
          row.add(result.getObject(column));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  @Override
  public void close() {
    server.dropDatabase(name);
  }
}

package io.candlestream.schema;

import io.candlestream.config.DatabaseConfig;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.postgresql.ds.PGSimpleDataSource;

/** The database to migrate: connections to it, and its errors in words that say what to do. */
final class Database {
  private final PGSimpleDataSource connections = new PGSimpleDataSource();

  /** What each session begins with; not among the connection's parameters, which poolers refuse. */
  private final String settings;

  /** User and password count even if the URL names others. */
  Database(DatabaseConfig config) {
    this(config, "");
  }

  private Database(DatabaseConfig config, String settings) {
    this.settings = settings;
    connections.setURL(config.url());
    connections.setUser(config.user());
    connections.setPassword(config.password().reveal());
    connections.setApplicationName("candlestream-schema");
  }

  /** One whose every answer comes within a time, or not at all. */
  static Database impatient(DatabaseConfig config, Duration patience) {
    Database database = new Database(config, "SET statement_timeout = " + patience.toMillis());
    // Where the server itself no longer answers.
    if (database.connections.getSocketTimeout() == 0) {
      database.connections.setSocketTimeout((int) patience.multipliedBy(2).toSeconds());
    }
    return database;
  }

  DataSource connections() {
    return connections;
  }

  String settings() {
    return settings;
  }

  /** As the role of the configuration. */
  Session connect() throws SQLException {
    return begin(new Session(connections.getConnection()), settings);
  }

  /** As a role that the one of the configuration is a member of. */
  Session connectAs(String role) throws SQLException {
    return begin(connect(), become(role));
  }

  private static Session begin(Session session, String statement) throws SQLException {
    try {
      session.execute(statement);
      return session;
    } catch (SQLException e) {
      session.close();
      throw e;
    }
  }

  /** The statement after which a session acts as another role. */
  static String become(String role) {
    return "SET ROLE \"%s\"".formatted(role.replace("\"", "\"\""));
  }

  /** As {@code host:port/database}: without parameters, which may hold secrets. */
  @Override
  public String toString() {
    return server() + "/" + name();
  }

  private String server() {
    return host() + ":" + port();
  }

  private String host() {
    return connections.getServerNames()[0];
  }

  private int port() {
    int port = connections.getPortNumbers()[0];
    return port == 0 ? 5432 : port;
  }

  private String name() {
    return Optional.ofNullable(connections.getDatabaseName()).orElse(connections.getUser());
  }

  /**
   * What went wrong without a migration, for the person who can put it right.
   *
   * @param remedy what to do about a lack of rights
   */
  SchemaException explain(SQLException failed, String remedy) {
    return switch (Optional.ofNullable(failed.getSQLState()).orElse("")) {
      case "42501" ->
          new SchemaException(
              "role %s may not do this in %s (%s): %s"
                  .formatted(connections.getUser(), this, failed.getMessage(), remedy),
              failed);
      case "55P03", "57014" ->
          new SchemaException(
              "%s does not answer in time (%s): see what blocks it in pg_stat_activity"
                  .formatted(this, failed.getMessage()),
              failed);
      default -> explain(failed);
    };
  }

  /**
   * What went wrong in a migration, for the person who can put it right.
   *
   * @param failed an error that an {@link SQLException} caused, at whatever depth
   */
  SchemaException explain(Exception failed) {
    if (failed instanceof FlywayValidateException) {
      return new SchemaException(
          "%s was migrated by a version of candlestream whose migrations differ from this one's: use that version, or a"
                  .formatted(this)
              + " later one. "
              + failed.getMessage(),
          failed);
    }
    String role = connections.getUser();
    Optional<SQLException> cause = sqlCause(failed);
    String said = cause.map(SQLException::getMessage).orElse(failed.getMessage());
    String state = cause.map(SQLException::getSQLState).orElse("");
    String message =
        switch (state) {
          case "08001", "08006" ->
              "cannot reach a PostgreSQL server at %s (%s): start it, or correct database.url"
                  .formatted(server(), network(failed));
          case "28P01" ->
              "PostgreSQL at %s refuses role %s with this password: correct database.user or database.password"
                  .formatted(server(), role);
          case "28000", "08004" ->
              "PostgreSQL at %s does not let role %s in (%s): correct database.user or database.password, or the"
                      .formatted(server(), role, said)
                  + " server's pg_hba.conf";
          case "3D000" ->
              "database %s does not exist at %s: create it with  createdb -h %s -p %d -O %s %s"
                  .formatted(name(), server(), host(), port(), role, name());
          case "42501" ->
              "role %s may not do what a migration of %s needs (%s): let the database's owner migrate, or as a superuser"
                      .formatted(role, this, said)
                  + " GRANT CREATE ON DATABASE %s TO %s; GRANT CREATE ON SCHEMA public TO %s;"
                      .formatted(name(), role, role);
          case "42P07", "42P06", "42723", "42710" ->
              "%s holds what no migration of candlestream made (%s): use a database of its own"
                  .formatted(this, said);
          case "55P03" ->
              "another migration of %s has not ended in time: wait for it, or end its session (application_name"
                      .formatted(this)
                  + " candlestream-schema in pg_stat_activity)";
          default ->
              "%s: %s%s".formatted(this, said, state.isEmpty() ? "" : " (SQLState " + state + ")");
        };
    return new SchemaException(message, failed);
  }

  /** The driver's own words are long, and name the host again. */
  private static String network(Throwable failed) {
    Throwable deepest = failed;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest instanceof UnknownHostException ? "unknown host" : deepest.getMessage();
  }

  private static Optional<SQLException> sqlCause(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return Optional.of(sql);
      }
    }
    return Optional.empty();
  }
}

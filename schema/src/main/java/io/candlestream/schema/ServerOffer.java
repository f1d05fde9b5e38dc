package io.candlestream.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What a server offers to one of its databases.
 *
 * @param edition the most it can be migrated for
 * @param evidence what was found, in words
 */
record ServerOffer(Edition edition, String evidence) {
  /** What every server offers; it need not be asked. */
  static final ServerOffer LEAST = new ServerOffer(Edition.POSTGRES, "every server is PostgreSQL");

  /** Asks the server, over a connection of its own; leaves nothing behind. */
  static ServerOffer of(Database database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      if (!isTrue(
          statement,
          "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')")) {
        return new ServerOffer(Edition.POSTGRES, "the server has no TimescaleDB");
      }
      // A setting of TimescaleDB's loader, readable by every role, unlike shared_preload_libraries
      // itself.
      if (!isTrue(
          statement,
          "SELECT current_setting('timescaledb.max_background_workers', true) IS NOT NULL")) {
        return new ServerOffer(
            Edition.POSTGRES,
            "the server has TimescaleDB, but not in its shared_preload_libraries");
      }
      return licensed(connection, statement);
    }
  }

  /**
   * The licence is unknown until the extension is loaded, which a transaction that is rolled back
   * does.
   */
  private static ServerOffer licensed(Connection connection, Statement statement)
      throws SQLException {
    connection.setAutoCommit(false);
    statement.execute("CREATE EXTENSION IF NOT EXISTS timescaledb");
    try (ResultSet found =
        statement.executeQuery(
            "SELECT current_setting('timescaledb.license'), extversion FROM pg_extension WHERE"
                + " extname = 'timescaledb'")) {
      found.next();
      String license = found.getString(1);
      String version = found.getString(2);
      connection.rollback();
      return license.equals("apache")
          ? new ServerOffer(
              Edition.APACHE, "the server has TimescaleDB %s, Apache licence".formatted(version))
          : new ServerOffer(
              Edition.COMMUNITY,
              "the server has TimescaleDB %s, Timescale licence".formatted(version));
    }
  }

  private static boolean isTrue(Statement statement, String question) throws SQLException {
    try (ResultSet answer = statement.executeQuery(question)) {
      answer.next();
      return answer.getBoolean(1);
    }
  }
}

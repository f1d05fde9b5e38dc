package io.candlestream.schema;

import java.sql.SQLException;

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
    try (Session session = database.connect()) {
      if (!session.isTrue(
          "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')")) {
        return new ServerOffer(Edition.POSTGRES, "the server has no TimescaleDB");
      }
      // A setting of TimescaleDB's loader, readable by every role, unlike shared_preload_libraries
      // itself.
      if (!session.isTrue(
          "SELECT current_setting('timescaledb.max_background_workers', true) IS NOT NULL")) {
        return new ServerOffer(
            Edition.POSTGRES,
            "the server has TimescaleDB, but not in its shared_preload_libraries");
      }
      return licensed(session);
    }
  }

  /**
   * The licence is unknown until the extension is loaded, which a transaction that is rolled back
   * does.
   */
  private static ServerOffer licensed(Session session) throws SQLException {
    session.execute("BEGIN");
    session.execute("CREATE EXTENSION IF NOT EXISTS timescaledb");
    String license = session.text("SELECT current_setting('timescaledb.license')");
    String version = Versions.timescale(session).orElseThrow();
    session.execute("ROLLBACK");
    boolean apache = license.equals("apache");
    return new ServerOffer(
        apache ? Edition.APACHE : Edition.COMMUNITY,
        "the server has TimescaleDB %s, %s licence"
            .formatted(version, apache ? "Apache" : "Timescale"));
  }
}

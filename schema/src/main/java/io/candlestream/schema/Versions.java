package io.candlestream.schema;

import java.sql.SQLException;
import java.util.Optional;

/** Which versions of the server and its extension the schema works with. */
final class Versions {
  /** {@code date_bin} and SQL functions with bodies parsed at creation came with it. */
  static final String OLDEST_POSTGRESQL = "14";

  /** The columnstore's functions got their names with it. */
  static final String OLDEST_TIMESCALEDB = "2.18";

  private Versions() {}

  /** The server's, such as {@code 15.18}. */
  static String postgresql(Session session) throws SQLException {
    return session.text("SELECT split_part(current_setting('server_version'), ' ', 1)");
  }

  /** The extension's in this database, such as {@code 2.27.2}; empty where it has none. */
  static Optional<String> timescale(Session session) throws SQLException {
    return Optional.ofNullable(
        session.text("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"));
  }

  /** The extension's in this database, else the one that the server would give to it. */
  static Optional<String> timescaleToBe(Session session) throws SQLException {
    return Optional.ofNullable(
        session.text(
            "SELECT coalesce(installed_version, default_version) FROM pg_available_extensions"
                + " WHERE name = 'timescaledb'"));
  }

  /** Whether {@code version} comes before {@code oldest}, number by number. */
  static boolean isOlder(String version, String oldest) {
    String[] numbers = version.split("[^0-9]+");
    String[] least = oldest.split("\\.");
    for (int i = 0; i < least.length; i++) {
      int number = i < numbers.length && !numbers[i].isEmpty() ? Integer.parseInt(numbers[i]) : 0;
      if (number != Integer.parseInt(least[i])) {
        return number < Integer.parseInt(least[i]);
      }
    }
    return false;
  }

  /**
   * What of a database is too old for the schema; empty if nothing is.
   *
   * @param timescale the extension's version, if the edition needs it
   */
  static Optional<String> complaint(String postgresql, Optional<String> timescale) {
    if (isOlder(postgresql, OLDEST_POSTGRESQL)) {
      return Optional.of(
          "PostgreSQL %s is older than %s: upgrade the server"
              .formatted(postgresql, OLDEST_POSTGRESQL));
    }
    return timescale
        .filter(version -> isOlder(version, OLDEST_TIMESCALEDB))
        .map(
            version ->
                "TimescaleDB %s is older than %s: ALTER EXTENSION timescaledb UPDATE, as a session's first statement"
                    .formatted(version, OLDEST_TIMESCALEDB));
  }
}

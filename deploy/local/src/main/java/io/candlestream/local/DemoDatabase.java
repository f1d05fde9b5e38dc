package io.candlestream.local;

import io.candlestream.config.ConfigException;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.Secret;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresInstallation;
import io.candlestream.servers.PostgresServer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The database that the demo writes to: one that is given, and stays, or one of a server of its
 * own, which is gone with the demo.
 *
 * @param url its JDBC URL, without user and password
 * @param origin where it comes from, in words
 * @param server the server to stop in the end, if it is ours
 */
record DemoDatabase(
    String url, String user, Secret password, String origin, Optional<PostgresServer> server)
    implements AutoCloseable {

  static final String USER_VARIABLE = "CANDLESTREAM_DB_USER";
  static final String PASSWORD_VARIABLE = "CANDLESTREAM_DB_PASSWORD";

  private static final String NAME = "candlestream";

  /**
   * A database that somebody else runs.
   *
   * @param jdbcUrl with {@code user} among its parameters, or else in the environment
   * @param environment has the password
   * @throws ConfigException if no user is named, or the URL holds a password
   */
  static DemoDatabase given(String jdbcUrl, Map<String, String> environment) {
    String user = environment.getOrDefault(USER_VARIABLE, "");
    String password = environment.getOrDefault(PASSWORD_VARIABLE, "");
    List<String> others = new ArrayList<>();
    int question = jdbcUrl.indexOf('?');
    String parameters = question < 0 ? "" : jdbcUrl.substring(question + 1);
    for (String parameter : parameters.split("&")) {
      if (parameter.startsWith("user=")) {
        user = value(parameter);
      } else if (parameter.startsWith("password=")) {
        throw new ConfigException(
            List.of(
                "--database: holds a password, which the list of processes shows; leave it out, and"
                    + " set "
                    + PASSWORD_VARIABLE));
      } else if (!parameter.isEmpty()) {
        others.add(parameter);
      }
    }
    if (user.isEmpty()) {
      throw new ConfigException(
          List.of(
              "--database: names no user; add ?user=… to the URL, or set %s and %s"
                  .formatted(USER_VARIABLE, PASSWORD_VARIABLE)));
    }
    String url =
        (question < 0 ? jdbcUrl : jdbcUrl.substring(0, question))
            + (others.isEmpty() ? "" : "?" + String.join("&", others));
    return new DemoDatabase(url, user, new Secret(password), "given", Optional.empty());
  }

  /**
   * Starts a server with a database: from this machine's PostgreSQL if it has TimescaleDB, else the
   * PostgreSQL that came with the build.
   */
  static DemoDatabase started() {
    Optional<PostgresInstallation> installation =
        PostgresInstallation.find().filter(PostgresInstallation::offersTimescale);
    return installation.isPresent()
        ? on(
            PostgresServer.installed(
                installation.get(), PostgresServer.settings(Edition.COMMUNITY)),
            "started from " + installation.get().programs())
        : on(
            PostgresServer.embedded(), "embedded; this machine has no PostgreSQL with TimescaleDB");
  }

  /** Starts the PostgreSQL that came with the build, with a database. */
  static DemoDatabase embedded() {
    return on(PostgresServer.embedded(), "embedded");
  }

  private static DemoDatabase on(PostgresServer server, String origin) {
    return new DemoDatabase(
        server.createDatabase(NAME),
        server.user(),
        new Secret(server.password()),
        origin,
        Optional.of(server));
  }

  /**
   * The settings of {@code general}, for this database.
   *
   * @throws ConfigException if the URL is not one of PostgreSQL
   */
  DatabaseConfig config(DatabaseConfig general) {
    try {
      return new DatabaseConfig(
          url,
          user,
          password,
          general.batchSize(),
          general.flushEvery(),
          general.maxRetries(),
          general.allowShrink());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of("--database: " + e.getMessage()));
    }
  }

  @Override
  public void close() {
    server.ifPresent(PostgresServer::close);
  }

  private static String value(String parameter) {
    return URLDecoder.decode(
        parameter.substring(parameter.indexOf('=') + 1), StandardCharsets.UTF_8);
  }
}

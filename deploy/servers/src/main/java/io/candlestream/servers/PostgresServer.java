package io.candlestream.servers;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real PostgreSQL server for tests and for a demo on one machine: one that came with the build,
 * one started from the machine's own installation, or one that somebody else runs.
 *
 * <p>The servers it starts listen on the loopback address only, ask for a password that nobody else
 * knows, and are gone, data and all, when they are closed or the virtual machine ends in order.
 */
public final class PostgresServer implements AutoCloseable {
  /**
   * The environment variable that names a server for tests: a JDBC URL with {@code user} and {@code
   * password} of a role that may create databases.
   */
  public static final String GIVEN_SERVER = "CANDLESTREAM_TEST_DB";

  private static final String SUPERUSER = "postgres";
  private static final String WRONG_PASSWORD = "28P01";
  private static final Duration RELOAD_DEADLINE = Duration.ofSeconds(30);
  private static final Pattern JDBC_URL =
      Pattern.compile(
          "(?<server>jdbc:postgresql://[^/?]+)/(?<database>[^?]*)(?:\\?(?<parameters>.*))?");
  private static final Map<Edition, ServerLookup> SHARED = new EnumMap<>(Edition.class);

  private final Address address;
  private final Runnable stop;
  private final Thread stopAtExit;
  private boolean closed;

  /** Where a server is, and as whom we come; database is the one to be in while making others. */
  private record Address(
      String server, String database, String parameters, String user, String password) {
    String jdbcUrl(String name) {
      return server + "/" + name + parameters;
    }
  }

  private PostgresServer(Address address, Runnable stop) {
    this.address = address;
    this.stop = stop;
    this.stopAtExit = new Thread(this::stopOnce, "stop-postgres");
    Runtime.getRuntime().addShutdownHook(stopAtExit);
  }

  /**
   * Starts the PostgreSQL that came with the build, without extensions of others; as root too.
   *
   * @throws IllegalStateException if it does not start
   */
  public static PostgresServer embedded() {
    return embedded(Map.of(), "host");
  }

  /**
   * As {@link #embedded()}, and lets in only who comes by TLS.
   *
   * @throws IllegalStateException if it does not start
   */
  public static PostgresServer embedded(ServerCertificate certificate) {
    return embedded(
        Map.of(
            "ssl", "on",
            "ssl_cert_file", certificate.chain().toString(),
            "ssl_key_file", certificate.key().toString()),
        "hostssl");
  }

  /**
   * @param connections which to let in, as {@code pg_hba.conf} calls them
   */
  private static PostgresServer embedded(Map<String, String> settings, String connections) {
    EmbeddedPostgres embedded;
    try {
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setRegisterShutdownHook(false)
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("unix_socket_directories", "");
      settings.forEach(builder::setServerConfig);
      embedded = builder.start();
    } catch (IOException e) {
      throw new IllegalStateException("cannot start the embedded PostgreSQL: " + e.getMessage(), e);
    }
    PostgresServer server =
        new PostgresServer(
            loopback("127.0.0.1:" + embedded.getPort(), newPassword()), () -> close(embedded));
    try {
      server.demandPassword(connections);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /**
   * Starts a server from an installation, in a new data directory.
   *
   * @param settings further lines of {@code postgresql.conf}
   * @throws IllegalStateException if it does not start; the message holds the end of its log
   */
  public static PostgresServer installed(PostgresInstallation installation, List<String> settings) {
    String password = newPassword();
    TemporaryCluster cluster = TemporaryCluster.start(installation, SUPERUSER, password, settings);
    return new PostgresServer(loopback(cluster.hostAndPort(), password), cluster::stop);
  }

  /**
   * The lines of {@code postgresql.conf} with which an installation that has TimescaleDB offers an
   * edition; none for {@link Edition#POSTGRES}.
   */
  public static List<String> settings(Edition edition) {
    if (edition == Edition.POSTGRES) {
      return List.of();
    }
    return List.of(
        "shared_preload_libraries = 'timescaledb'",
        "timescaledb.license = '%s'"
            .formatted(edition == Edition.COMMUNITY ? "timescale" : "apache"),
        "timescaledb.telemetry_level = off",
        // One scheduler for each database beside the jobs: the default of 8 is soon used up.
        "max_worker_processes = 48",
        "timescaledb.max_background_workers = 32");
  }

  /**
   * A server that somebody else runs. Closing it leaves it as it is, its databases too.
   *
   * @param jdbcUrl {@code jdbc:postgresql://host[:port]/database?user=…&password=…}; the database
   *     must exist
   * @throws IllegalArgumentException if the URL has another form
   */
  public static PostgresServer given(String jdbcUrl) {
    Matcher url = JDBC_URL.matcher(jdbcUrl);
    if (!url.matches() || url.group("database").isEmpty()) {
      throw new IllegalArgumentException(
          "the server's URL must read jdbc:postgresql://host[:port]/database?user=…&password=…");
    }
    String user = "";
    String password = "";
    List<String> others = new ArrayList<>();
    for (String parameter : Optional.ofNullable(url.group("parameters")).orElse("").split("&")) {
      if (parameter.startsWith("user=")) {
        user = value(parameter);
      } else if (parameter.startsWith("password=")) {
        password = value(parameter);
      } else if (!parameter.isEmpty()) {
        others.add(parameter);
      }
    }
    String parameters = others.isEmpty() ? "" : "?" + String.join("&", others);
    return new PostgresServer(
        new Address(url.group("server"), url.group("database"), parameters, user, password),
        () -> {});
  }

  /**
   * Starts, or finds, a server for tests that offers an edition: the one that {@link #GIVEN_SERVER}
   * names, else the machine's installation; for {@link Edition#POSTGRES} always the embedded one.
   * Those it starts do not wait for the disk. The caller closes it.
   *
   * @throws IllegalStateException if there is one and it does not start
   */
  public static ServerLookup offering(Edition edition) {
    if (edition == Edition.POSTGRES) {
      return ServerLookup.found(embedded(), "embedded PostgreSQL");
    }
    String given = System.getenv(GIVEN_SERVER);
    if (given != null && !given.isBlank()) {
      PostgresServer server = given(given);
      if (server.edition() == edition) {
        return ServerLookup.found(server, "the server of " + GIVEN_SERVER);
      }
      server.close();
    }
    Optional<PostgresInstallation> installation = PostgresInstallation.find();
    if (installation.isEmpty() || !installation.get().offersTimescale()) {
      return ServerLookup.missing(
          "no server of edition %s: %s, and %s names none of this edition"
              .formatted(
                  edition,
                  installation.isEmpty()
                      ? "pg_config finds no PostgreSQL server on this machine"
                      : "the PostgreSQL in %s has no TimescaleDB"
                          .formatted(installation.get().programs()),
                  GIVEN_SERVER));
    }
    List<String> settings = new ArrayList<>(settings(edition));
    settings.addAll(List.of("fsync = off", "synchronous_commit = off", "full_page_writes = off"));
    return ServerLookup.found(
        installed(installation.get(), settings), "started from " + installation.get().programs());
  }

  /**
   * As {@link #offering}, but one server for all callers in this virtual machine, which must not
   * close it: it ends with the virtual machine.
   */
  public static ServerLookup shared(Edition edition) {
    synchronized (SHARED) {
      return SHARED.computeIfAbsent(edition, PostgresServer::offering);
    }
  }

  /**
   * The role we come as: it may create databases, and is a superuser of the servers started here.
   */
  public String user() {
    return address.user();
  }

  /** The password of {@link #user()}. */
  public String password() {
    return address.password();
  }

  /** The JDBC URL of a database of this server, existing or not, without user and password. */
  public String jdbcUrl(String database) {
    return address.jdbcUrl(database);
  }

  /**
   * Creates an empty database.
   *
   * @return its JDBC URL, without user and password
   * @throws IllegalStateException if it exists or cannot be created
   */
  public String createDatabase(String name) {
    execute("CREATE DATABASE " + quoted(name));
    return jdbcUrl(name);
  }

  /**
   * Drops a database, ending the sessions in it; one that does not exist is no error.
   *
   * @throws IllegalStateException if it cannot be dropped
   */
  public void dropDatabase(String name) {
    execute("DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(quoted(name)));
  }

  /**
   * What this server offers to a new database.
   *
   * @throws IllegalStateException if it cannot be asked
   */
  public Edition edition() {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      // A setting of TimescaleDB's loader: it shows that the library is preloaded, without which
      // nothing works.
      if (!ask(
          statement,
          "SELECT current_setting('timescaledb.max_background_workers', true) IS NOT NULL"
              + " AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')")) {
        return Edition.POSTGRES;
      }
      // The licence is unknown until the extension is loaded; the transaction is rolled back, so
      // nothing stays.
      connection.setAutoCommit(false);
      statement.execute("CREATE EXTENSION IF NOT EXISTS timescaledb");
      boolean apache = ask(statement, "SELECT current_setting('timescaledb.license') = 'apache'");
      connection.rollback();
      return apache ? Edition.APACHE : Edition.COMMUNITY;
    } catch (SQLException e) {
      throw new IllegalStateException(
          "cannot ask the PostgreSQL server which edition it offers: " + e.getMessage(), e);
    }
  }

  /** Stops the server if it was started here, and removes its data. */
  @Override
  public void close() {
    stopOnce();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException ending) {
      // The virtual machine is ending: the hook runs, and finds nothing to do.
    }
  }

  private synchronized void stopOnce() {
    if (!closed) {
      closed = true;
      stop.run();
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(address.jdbcUrl(address.database()), user(), password());
  }

  private void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("%s failed: %s".formatted(sql, e.getMessage()), e);
    }
  }

  /**
   * The embedded server trusts every local user until told otherwise, which takes effect a little
   * later.
   */
  private void demandPassword(String connections) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER ROLE %s PASSWORD '%s'".formatted(SUPERUSER, password()));
      try (ResultSet file = statement.executeQuery("SHOW hba_file")) {
        file.next();
        Files.writeString(
            Path.of(file.getString(1)), connections + " all all 127.0.0.1/32 scram-sha-256\n");
      }
      statement.execute("SELECT pg_reload_conf()");
      Await.until(
          RELOAD_DEADLINE,
          this::refusesWrongPassword,
          () -> "the embedded PostgreSQL asks for no password");
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(
          "cannot protect the embedded PostgreSQL by a password: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the embedded PostgreSQL started", e);
    }
  }

  private boolean refusesWrongPassword() throws SQLException {
    try {
      DriverManager.getConnection(jdbcUrl(SUPERUSER), SUPERUSER, "not " + password()).close();
      return false;
    } catch (SQLException e) {
      if (WRONG_PASSWORD.equals(e.getSQLState())) {
        return true;
      }
      throw e;
    }
  }

  private static boolean ask(Statement statement, String question) throws SQLException {
    try (ResultSet answer = statement.executeQuery(question)) {
      answer.next();
      return answer.getBoolean(1);
    }
  }

  private static Address loopback(String hostAndPort, String password) {
    return new Address("jdbc:postgresql://" + hostAndPort, SUPERUSER, "", SUPERUSER, password);
  }

  private static void close(EmbeddedPostgres embedded) {
    try {
      embedded.close();
    } catch (IOException e) {
      throw new IllegalStateException("cannot stop the embedded PostgreSQL", e);
    }
  }

  private static String newPassword() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private static String value(String parameter) {
    return URLDecoder.decode(
        parameter.substring(parameter.indexOf('=') + 1), StandardCharsets.UTF_8);
  }

  private static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}

package io.candlestream.stack;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.Row;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.stream.Stream;

/** A migrated database without rows, on a server that all tests share; dropped when closed. */
public final class TestDatabase implements AutoCloseable {

  private static final String PASSWORD = "not-guessed";

  private final PostgresServer server;
  private final String name;
  private final List<String> logins = new ArrayList<>();

  private TestDatabase(PostgresServer server) {
    this.server = server;
    this.name = "job_test_" + UUID.randomUUID().toString().replace("-", "");
    server.createDatabase(name);
  }

  /** Of an edition; where this machine has no such server, the test is skipped. */
  public static TestDatabase offering(Edition edition, String... schemaSettings) {
    ServerLookup lookup = PostgresServer.shared(edition);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    return migrated(lookup.server().orElseThrow(), edition, schemaSettings);
  }

  private static TestDatabase migrated(
      PostgresServer server, Edition edition, String... schemaSettings) {
    TestDatabase database = new TestDatabase(server);
    List<String> settings = new ArrayList<>(database.settings());
    settings.add("schema.edition=" + edition.name().toLowerCase(Locale.ROOT));
    settings.addAll(List.of(schemaSettings));
    Migrations.of(JobConfig.of(settings)).migrate();
    return database;
  }

  public String name() {
    return name;
  }

  /** As overrides of the configuration. */
  public List<String> settings() {
    return settings(server.password());
  }

  /**
   * The same for a command line, where nothing secret may stand.
   *
   * @param directory for a file with the password
   */
  public List<String> settingsWithPasswordIn(Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("password-of-" + name), server.password());
    return settings("${file:%s}".formatted(file));
  }

  private List<String> settings(String password) {
    return List.of(
        "database.url=" + server.jdbcUrl(name),
        "database.user=" + server.user(),
        "database.password=" + password);
  }

  /** How a writer reaches it, with further overrides of the configuration. */
  public DatabaseConfig config(String... settings) {
    return JobConfig.of(Stream.concat(settings().stream(), Stream.of(settings)).toList())
        .database();
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(server.jdbcUrl(name), server.user(), server.password());
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The answer to a query as text, the columns of a row joined by a bar. */
  public List<String> query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        StringJoiner row = new StringJoiner("|");
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.add(result.getString(column));
        }
        rows.add(row.toString());
      }
      return rows;
    }
  }

  /** All candles, with the digits as stored. */
  public List<Row> candles() throws SQLException {
    try (Connection connection = connect()) {
      return Row.read(connection);
    }
  }

  /** All candles of a timeframe with indicators of their own. */
  public List<Row> candles(Timeframe timeframe) throws SQLException {
    try (Connection connection = connect()) {
      return Row.read(connection, timeframe.word());
    }
  }

  /** All candles of a symbol, where those of all are too many at once. */
  public List<Row> candles(String symbol) throws SQLException {
    try (Connection connection = connect()) {
      return Row.readSymbol(connection, symbol);
    }
  }

  /** A symbol's candles of a timeframe likewise. */
  public List<Row> candles(Timeframe timeframe, String symbol) throws SQLException {
    try (Connection connection = connect()) {
      return Row.readSymbol(connection, symbol, timeframe.word());
    }
  }

  /** Which tuple holds each candle: equal as long as nothing was written, not even the same. */
  public List<String> tuples() throws SQLException {
    return query(
        """
        SELECT symbol, source, "timestamp", tableoid, ctid, xmin FROM market_data ORDER BY 1, 2, 3
        """);
  }

  /**
   * The same for a login of its own that is a member of one role and no more; dropped at the end.
   */
  public List<String> loginOf(String role) throws SQLException {
    String login = "login_%d_%s".formatted(logins.size(), name);
    execute("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE %s".formatted(login, PASSWORD, role));
    logins.add(login);
    return List.of(settings().get(0), "database.user=" + login, "database.password=" + PASSWORD);
  }

  @Override
  public void close() {
    try {
      for (String login : logins) {
        execute("DROP ROLE " + login);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot drop a role", e);
    } finally {
      server.dropDatabase(name);
    }
  }
}

package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SchemaConfig;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** An empty database of a server that all tests share; dropped when closed. */
final class TestDatabase implements AutoCloseable {
  /** The editions whose absence the build's output has told; once is enough. */
  private static final Set<Edition> EXPLAINED = ConcurrentHashMap.newKeySet();

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final PostgresServer server;
  private final String name;

  private TestDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  /**
   * On a server that offers the edition, and no more; where this machine has none, the test is
   * skipped.
   */
  static TestDatabase offering(Edition edition) {
    ServerLookup lookup = lookup(edition);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    PostgresServer server = lookup.server().orElseThrow();
    String name = "schema_test_" + UUID.randomUUID().toString().replace("-", "");
    server.createDatabase(name);
    return new TestDatabase(server, name);
  }

  /** The server that {@link #offering} would use. */
  static ServerLookup lookup(Edition edition) {
    ServerLookup lookup =
        PostgresServer.shared(io.candlestream.servers.Edition.valueOf(edition.name()));
    if (lookup.server().isEmpty() && EXPLAINED.add(edition)) {
      System.out.println("Skipping tests: " + lookup.reason());
    }
    return lookup;
  }

  String name() {
    return name;
  }

  String url() {
    return server.jdbcUrl(name);
  }

  String user() {
    return server.user();
  }

  String password() {
    return server.password();
  }

  /** As messages name it. */
  String address() {
    return url().substring("jdbc:postgresql://".length());
  }

  Migrations migrations(SchemaConfig.Edition edition) {
    return migrations(edition, Duration.ofMinutes(1));
  }

  Migrations migrations(SchemaConfig.Edition edition, Duration interval) {
    return migrations(
        "schema.edition=" + edition.name().toLowerCase(Locale.ROOT),
        "candles.interval=" + interval.toSeconds() + "s");
  }

  /** With overrides of the configuration. */
  Migrations migrations(String... sets) {
    return Migrations.of(config(sets));
  }

  /** The configuration of a job on this database, with overrides. */
  JobConfig config(String... sets) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "database.url=" + url(),
                "database.user=" + user(),
                "database.password=" + password()));
    all.addAll(List.of(sets));
    return JobConfig.of(all);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Rows as text, columns joined by a bar. */
  List<String> rows(String query) throws SQLException {
    try (Connection connection = connect()) {
      return rows(query, connection);
    }
  }

  static List<String> rows(String query, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
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

  /** Has TimescaleDB's own workers run a policy; gives what became of it. */
  String runPolicy(String policy, String relation) throws SQLException, InterruptedException {
    String job =
        " FROM ops.jobs WHERE policy = '%s' AND relation = '%s'".formatted(policy, relation);
    execute("SELECT alter_job(job_id, next_start => now())" + job);
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      List<String> status = rows("SELECT last_status" + job + " AND last_status IS NOT NULL");
      if (!status.isEmpty()) {
        return status.get(0);
      }
      assertThat(System.nanoTime()).as("waited in vain for %s", job).isLessThan(end);
      Thread.sleep(50);
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), user(), password());
  }

  @Override
  public void close() {
    server.dropDatabase(name);
  }
}

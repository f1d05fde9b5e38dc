package io.candlestream;

import io.candlestream.config.ConfigException;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.RejectsConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.StreamConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.ingest.FileRecords;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.common.acl.AclOperation;

/**
 * Looks at everything the job needs before it starts: a mistake shows as one clear message and not
 * as a job that restarts forever.
 */
public final class Preflight {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The tables that every job writes to. */
  private static final List<String> WRITTEN =
      List.of(
          "market_data", "rejected_ticks", "rejected_rows", "data_quality_events", "job_progress");

  private static final String SETTINGS = "candlestream_settings";

  /** The one table of which rows are removed, too. */
  private static final String SNAPSHOTS = "portfolio_snapshots";

  private static final String WRITER = "candlestream_writer";

  private Preflight() {}

  /**
   * @throws ConfigException naming everything that is missing, and what to do about it
   */
  public static void check(JobConfig config) {
    List<String> problems = new ArrayList<>();
    checkSources(config, problems);
    checkDatabase(config, problems);
    throwIfAny(problems);
  }

  /**
   * The same for a job that is to start after its database will have been migrated: what that would
   * bring may be lacking.
   *
   * @throws ConfigException as {@link #check}
   */
  public static void checkBeforeMigration(JobConfig config) {
    List<String> problems = new ArrayList<>();
    checkSources(config, problems);
    inDatabase(
        config,
        problems,
        connection -> {
          if (exists(SETTINGS, connection)) {
            checkInterval(connection, config, problems);
          }
        });
    throwIfAny(problems);
  }

  private static void checkSources(JobConfig config, List<String> problems) {
    checkFormat(config.source(), problems);
    Map<Path, String> readers = new HashMap<>();
    switch (config.source().type()) {
      case KAFKA -> checkTopics("source", config.source().kafka(), problems);
      case FILES -> checkFiles(config.source(), readers, problems);
    }
    checkStream("fills", config.fills(), readers, problems);
    checkStream("sentiment", config.sentiment(), readers, problems);
    if (config.rejects().hasTopic()) {
      checkRejects(config.rejects(), config.source(), problems);
    }
  }

  /**
   * Looks at the database alone, for a job that reads no ticks.
   *
   * @throws ConfigException if it is not there or not as configured, saying what to do about it
   */
  public static void checkDatabase(JobConfig config) {
    List<String> problems = new ArrayList<>();
    checkDatabase(config, problems);
    throwIfAny(problems);
  }

  private static void throwIfAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  private static void checkFormat(SourceConfig source, List<String> problems) {
    try {
      FeedFormats.named(source.format());
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
  }

  /**
   * Whose topics or files are to be there if any are named.
   *
   * @param readers which section reads a file; filled
   */
  private static void checkStream(
      String section, StreamConfig stream, Map<Path, String> readers, List<String> problems) {
    if (stream.isOn()) {
      switch (stream.type()) {
        case KAFKA -> checkTopics(section, stream.kafka(), problems);
        case FILES -> checkPaths(section, stream.files(), readers, problems);
      }
    }
  }

  /** Whether there is a file at each path, and nobody else's; tells where not. */
  private static boolean checkPaths(
      String section, SourceConfig.Files files, Map<Path, String> readers, List<String> problems) {
    try {
      for (Path file : FileRecords.resolve(files.paths())) {
        String other = readers.putIfAbsent(file, section);
        if (other != null) {
          problems.add(
              "%s.files.paths: %s is among %s.files.paths: each stream would reject the other's lines"
                  .formatted(section, file.getPath(), other));
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      problems.add("%s.files.paths: %s".formatted(section, e.getMessage()));
      return false;
    }
  }

  private static void checkFiles(
      SourceConfig source, Map<Path, String> readers, List<String> problems) {
    if (!checkPaths("source", source.files(), readers, problems)) {
      return;
    }
    try {
      FileRecords.requireFiles(source);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    } catch (UncheckedIOException e) {
      problems.add(
          "source.files.paths: %s: %s"
              .formatted(e.getMessage(), BrokerCheck.rootOf(e).getMessage()));
    }
  }

  private static void checkTopics(String section, SourceConfig.Kafka kafka, List<String> problems) {
    BrokerCheck brokers =
        new BrokerCheck(
            section + ".kafka",
            kafka.bootstrapServers(),
            section + ".kafka.properties",
            kafka.properties());
    problems.addAll(
        brokers.problems(
            section + ".kafka.topics",
            kafka.topics(),
            AclOperation.READ,
            Optional.of(kafka.groupId())));
  }

  private static void checkRejects(
      RejectsConfig rejects, SourceConfig source, List<String> problems) {
    // With files, the brokers of source.kafka are but a default: nobody would look for them there.
    boolean areTheSources =
        rejects.bootstrapServers().isEmpty() && source.type() == SourceConfig.Type.KAFKA;
    BrokerCheck brokers =
        new BrokerCheck(
            areTheSources ? "source.kafka" : "rejects.kafka",
            rejects.brokers(source.kafka()),
            areTheSources ? "source.kafka.properties" : "rejects.kafka.properties",
            rejects.connection(source.kafka()));
    problems.addAll(
        brokers.problems(
            "rejects.topic", List.of(rejects.topic()), AclOperation.WRITE, Optional.empty()));
  }

  private static void checkDatabase(JobConfig config, List<String> problems) {
    inDatabase(config, problems, connection -> checkSchema(connection, config, problems));
  }

  private interface Question {
    void ask(Connection connection) throws SQLException;
  }

  private static void inDatabase(JobConfig config, List<String> problems, Question question) {
    DatabaseConfig database = config.database();
    Properties properties = new Properties();
    properties.setProperty("user", database.user());
    properties.setProperty("password", database.password().reveal());
    properties.setProperty("connectTimeout", Long.toString(PATIENCE.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(PATIENCE.toSeconds()));
    try (Connection connection = DriverManager.getConnection(database.url(), properties)) {
      question.ask(connection);
    } catch (SQLException e) {
      problems.add(explain(e, database));
    }
  }

  private static String explain(SQLException e, DatabaseConfig database) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String where = database.displayUrl();
    return switch (state) {
      case "28P01" ->
          "database.user: the server at %s does not let %s in; correct database.user or database.password"
              .formatted(where, database.user());
      case "28000" ->
          ("database.user: the server at %s does not let %s in: %s; correct database.user, sslmode"
                  + " in database.url, or the server's pg_hba.conf")
              .formatted(where, database.user(), e.getMessage());
      case "3D000" ->
          "database.url: there is no such database at %s; create it (createdb), then migrate it"
              .formatted(where);
      case "08001", "08006", "08004" ->
          isAway(e)
              ? "database.url: no PostgreSQL server answers at %s; start it, or correct the address"
                  .formatted(where)
              : "database.url: cannot connect to %s: %s; correct the host, sslmode or sslrootcert in it"
                  .formatted(where, reason(e));
      default -> "database: %s: %s (SQLState %s)".formatted(where, e.getMessage(), state);
    };
  }

  /** Whether there was no server to talk with. */
  private static boolean isAway(Throwable e) {
    return e != null
        && (e instanceof SocketException
            || e instanceof SocketTimeoutException
            || e instanceof UnknownHostException
            || isAway(e.getCause()));
  }

  /** TLS says what is wrong beneath what the driver says. */
  private static String reason(SQLException e) {
    return e.getCause() == null ? e.getMessage() : BrokerCheck.rootOf(e).getMessage();
  }

  private static void checkSchema(Connection connection, JobConfig config, List<String> problems)
      throws SQLException {
    String migrate =
        "run java -jar schema/target/candlestream-schema.jar migrate with the same configuration";
    List<String> tables = written(config);
    tables.add(SETTINGS);
    for (String table : tables) {
      if (!exists(table, connection)) {
        problems.add(
            "database: %s is not migrated (it has no table %s); %s"
                .formatted(config.database().displayUrl(), table, migrate));
        return;
      }
    }
    Optional<String> denied = denied(written(config), config.database(), connection);
    if (denied.isPresent()) {
      problems.add(denied.get());
      return;
    }
    checkInterval(connection, config, problems);
  }

  private static List<String> written(JobConfig config) {
    List<String> tables = new ArrayList<>(WRITTEN);
    config.timeframes().forEach(timeframe -> tables.add("indicators_" + timeframe.word()));
    if (config.fills().isOn()) {
      tables.addAll(List.of("trade_history", "portfolio_positions", SNAPSHOTS));
    }
    if (config.sentiment().isOn()) {
      tables.add("sentiment_data");
    }
    return tables;
  }

  private static void checkInterval(Connection connection, JobConfig config, List<String> problems)
      throws SQLException {
    Duration recorded = recordedInterval(connection);
    Duration configured = config.candles().interval();
    if (!configured.equals(recorded)) {
      problems.add(
          ("candles.interval: the database holds candles of %s, not of %s; correct the interval, or"
                  + " use another database")
              .formatted(recorded, configured));
    }
  }

  private static boolean exists(String table, Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?)")) {
      statement.setString(1, table);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getString(1) != null;
      }
    }
  }

  /**
   * What the role lacks, and the statement that gives it; empty if it has the rights to read and
   * write the tables.
   */
  private static Optional<String> denied(
      List<String> tables, DatabaseConfig database, Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT
              string_agg(name, ', ' ORDER BY place),
              to_regrole('%1$s') IS NOT NULL,
              to_regrole('%1$s') IS NOT NULL AND pg_has_role(to_regrole('%1$s'), 'USAGE')
            FROM unnest(?) WITH ORDINALITY AS tables (name, place)
            WHERE NOT (
              has_table_privilege(name, 'SELECT')
              AND has_table_privilege(name, 'INSERT')
              AND has_table_privilege(name, 'UPDATE')
              AND (name <> '%2$s' OR has_table_privilege(name, 'DELETE')))
            """
                .formatted(WRITER, SNAPSHOTS))) {
      statement.setArray(1, connection.createArrayOf("text", tables.toArray()));
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        String denied = result.getString(1);
        if (denied == null) {
          return Optional.empty();
        }
        boolean hasWriters = result.getBoolean(2);
        boolean isWriter = result.getBoolean(3);
        String role = '"' + database.user().replace("\"", "\"\"") + '"';
        String grantee = isWriter ? WRITER : role;
        String grants =
            hasWriters && !isWriter
                ? "GRANT %s TO %s;".formatted(WRITER, role)
                : "GRANT SELECT, INSERT, UPDATE ON %s TO %s;".formatted(denied, grantee)
                    + (denied.contains(SNAPSHOTS)
                        ? " GRANT DELETE ON %s TO %s;".formatted(SNAPSHOTS, grantee)
                        : "");
        return Optional.of(
            "database.user: %s may not select, insert and update%s in %s at %s; let the owner run  %s"
                .formatted(
                    database.user(),
                    denied.contains(SNAPSHOTS) ? ", and delete snapshots," : "",
                    denied,
                    database.displayUrl(),
                    grants));
      }
    }
  }

  private static Duration recordedInterval(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT value FROM candlestream_settings WHERE name = 'candles.interval'");
        ResultSet result = statement.executeQuery()) {
      if (!result.next()) {
        throw new SQLException("candlestream_settings has no row candles.interval; migrate again");
      }
      return Duration.parse(result.getString(1));
    }
  }
}

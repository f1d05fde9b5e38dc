package io.candlestream;

import io.candlestream.config.ConfigException;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.KafkaProperties;
import io.candlestream.config.RejectsConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.ingest.FileTicks;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Looks at everything the job needs before it starts: a mistake shows as one clear message and not
 * as a job that restarts forever.
 */
public final class Preflight {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Preflight() {}

  /**
   * @throws ConfigException naming everything that is missing, and what to do about it
   */
  public static void check(JobConfig config) {
    List<String> problems = new ArrayList<>();
    checkFormat(config.source(), problems);
    switch (config.source().type()) {
      case KAFKA -> checkSource(config.source().kafka(), problems);
      case FILES -> checkFiles(config.source(), problems);
    }
    if (config.rejects().hasTopic()) {
      checkRejects(config.rejects(), config.source(), problems);
    }
    checkDatabase(config, problems);
    throwIfAny(problems);
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

  private static void checkFiles(SourceConfig source, List<String> problems) {
    try {
      FileTicks.requireFiles(source);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    } catch (UncheckedIOException e) {
      problems.add("source.files.paths: %s: %s".formatted(e.getMessage(), rootMessage(e)));
    }
  }

  private static void checkSource(SourceConfig.Kafka kafka, List<String> problems) {
    Brokers brokers =
        new Brokers(
            "source.kafka",
            kafka.bootstrapServers(),
            "source.kafka.properties",
            kafka.properties());
    checkTopics(brokers, "source.kafka.topics", kafka.topics(), problems);
  }

  private static void checkRejects(
      RejectsConfig rejects, SourceConfig source, List<String> problems) {
    // With files, the brokers of source.kafka are but a default: nobody would look for them there.
    boolean areTheSources =
        rejects.bootstrapServers().isEmpty() && source.type() == SourceConfig.Type.KAFKA;
    Brokers brokers =
        new Brokers(
            areTheSources ? "source.kafka" : "rejects.kafka",
            rejects.brokers(source.kafka()),
            "rejects.kafka.properties",
            rejects.connection(source.kafka()));
    checkTopics(brokers, "rejects.topic", List.of(rejects.topic()), problems);
  }

  /**
   * Kafka brokers, and the keys by which a configuration says where and how to reach them.
   *
   * @param section the key above that of their address
   * @param propertiesKey the key of what else there is to say
   */
  private record Brokers(
      String section, String servers, String propertiesKey, KafkaProperties properties) {}

  /**
   * @param key the key that names the topics
   */
  private static void checkTopics(
      Brokers brokers, String key, List<String> names, List<String> problems) {
    Properties properties = new Properties();
    properties.putAll(brokers.properties().reveal());
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers.servers());
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    try (Admin admin = Admin.create(properties)) {
      Map<String, ? extends KafkaFuture<?>> topics = admin.describeTopics(names).topicNameValues();
      for (String topic : names) {
        if (!checkTopic(topic, topics.get(topic), brokers, key, problems)) {
          break;
        }
      }
    } catch (KafkaException e) {
      problems.add(
          "%s: cannot connect to %s: %s"
              .formatted(brokers.section(), brokers.servers(), rootMessage(e)));
    }
  }

  /** False if there is no broker to ask for another topic. */
  private static boolean checkTopic(
      String topic,
      KafkaFuture<?> description,
      Brokers brokers,
      String key,
      List<String> problems) {
    try {
      description.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        problems.add(
            "%s: there is no topic %s at %s; create it, or correct the name"
                .formatted(key, topic, brokers.servers()));
        return true;
      } else if (e.getCause() instanceof TimeoutException) {
        problems.add(
            ("%s.bootstrap-servers: no Kafka broker answers at %s within %d s; start it, or correct"
                    + " the address or %s")
                .formatted(
                    brokers.section(),
                    brokers.servers(),
                    PATIENCE.toSeconds(),
                    brokers.propertiesKey()));
        return false;
      } else {
        problems.add(
            "%s: cannot look up topic %s at %s: %s"
                .formatted(key, topic, brokers.servers(), rootMessage(e)));
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking up topic " + topic, e);
    }
  }

  private static void checkDatabase(JobConfig config, List<String> problems) {
    DatabaseConfig database = config.database();
    Properties properties = new Properties();
    properties.setProperty("user", database.user());
    properties.setProperty("password", database.password().reveal());
    properties.setProperty("connectTimeout", Long.toString(PATIENCE.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(PATIENCE.toSeconds()));
    try (Connection connection = DriverManager.getConnection(database.url(), properties)) {
      checkSchema(connection, config, problems);
    } catch (SQLException e) {
      problems.add(explain(e, database));
    }
  }

  private static String explain(SQLException e, DatabaseConfig database) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String where = database.displayUrl();
    return switch (state) {
      case "28P01", "28000" ->
          "database.user: the server at %s does not let %s in; correct database.user or database.password"
              .formatted(where, database.user());
      case "3D000" ->
          "database.url: there is no such database at %s; create it (createdb), then migrate it"
              .formatted(where);
      case "08001", "08006", "08004" ->
          "database.url: no PostgreSQL server answers at %s; start it, or correct the address"
              .formatted(where);
      default -> "database: %s: %s (SQLState %s)".formatted(where, e.getMessage(), state);
    };
  }

  private static void checkSchema(Connection connection, JobConfig config, List<String> problems)
      throws SQLException {
    String migrate =
        "run java -jar schema/target/candlestream-schema.jar migrate with the same configuration";
    for (String table :
        List.of(
            "market_data",
            "rejected_ticks",
            "rejected_rows",
            "data_quality_events",
            "job_progress",
            "candlestream_settings")) {
      if (!exists(table, connection)) {
        problems.add(
            "database: %s is not migrated (it has no table %s); %s"
                .formatted(config.database().displayUrl(), table, migrate));
        return;
      }
    }
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

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}

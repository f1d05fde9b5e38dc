package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.metrics.DurableCounters;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work on the database that is tried again when the database is away for a while. */
public final class Retries implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

  private final Connections connections;
  private final int most;
  private final Counter errors;

  /** Where the connection comes from. */
  interface Connections {

    /** The open connection; a new one where there is none. */
    Connection connection() throws SQLException;

    /** Gives the connection up: the next is a new one. */
    void close();
  }

  /** Something to do with a connection, from its beginning each time. */
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private Retries(Connections connections, int most, Counter errors) {
    this.connections = connections;
    this.most = most;
    this.errors = errors;
  }

  Retries(Connections connections, int most) {
    this(connections, most, new SimpleCounter());
  }

  /**
   * An operator's counter of errors of the database: connections that could not be had and work
   * that failed, whether it is tried again or fails the task. A row that is refused is none.
   */
  public static Counter errors(MetricGroup operator) {
    return operator.addGroup(DurableCounters.GROUP).counter("databaseErrors");
  }

  /** The same, with its errors counted. */
  public Retries countedBy(Counter errors) {
    return new Retries(connections, most, errors);
  }

  /** On a connection that belongs to no writer of rows, for what the database answers at once. */
  static Retries apart(DatabaseConfig database, String applicationName) {
    return apart(database, applicationName, Session.ANSWERS_WITHIN);
  }

  /** The same, for programs that read what the database may take a while to find. */
  public static Retries reading(DatabaseConfig database, String applicationName) {
    return apart(database, applicationName, Duration.ofMinutes(10));
  }

  /**
   * The same.
   *
   * @param answersWithin how long a statement may take; within a task well below the 3 minutes
   *     after which Flink gives up a TaskManager with a task that was cancelled and has not ended
   */
  public static Retries apart(
      DatabaseConfig database, String applicationName, Duration answersWithin) {
    return new Retries(
        Apart.with(
            Session.options(database, applicationName)
                .withProperty("socketTimeout", Long.toString(answersWithin.toSeconds()))),
        database.maxRetries());
  }

  /**
   * For work that takes as long as it takes, on a connection that belongs to no writer.
   *
   * @param most how often it is tried again
   */
  public static Retries patient(DatabaseConfig database, String applicationName, int most) {
    return new Retries(Apart.with(Session.options(database, applicationName)), most);
  }

  /** Reads all that work reads from one snapshot of the database. */
  public static <T> T asOfOneMoment(Connection connection, Work<T> work) throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    return Session.inTransaction(connection, work);
  }

  private record Apart(JdbcConnectionProvider provider) implements Connections {

    static Apart with(JdbcConnectionOptions.JdbcConnectionOptionsBuilder options) {
      return new Apart(new SimpleJdbcConnectionProvider(options.build()));
    }

    @Override
    public Connection connection() throws SQLException {
      try {
        return provider.getOrEstablishConnection();
      } catch (ClassNotFoundException e) {
        throw Session.withoutDriver(e);
      }
    }

    @Override
    public void close() {
      provider.closeConnection();
    }
  }

  /**
   * @param what is done, for the message of a failure
   * @throws IOException if it fails for good, or still after as many retries as are configured
   */
  public <T> T run(String what, Work<T> work) throws IOException, InterruptedException {
    Duration backoff = FIRST_BACKOFF;
    for (int retries = 0; ; retries++) {
      try {
        return work.on(connections.connection());
      } catch (SQLException e) {
        connections.close();
        errors.inc();
        if (!isTransient(e) || retries >= most) {
          throw new IOException("cannot %s after %d retries".formatted(what, retries), e);
        }
        LOG.warn("Cannot {}, trying again in {} ms: {}", what, backoff.toMillis(), e.getMessage());
        Thread.sleep(backoff.toMillis());
        backoff = backoff.multipliedBy(2);
        backoff = backoff.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff;
      }
    }
  }

  /**
   * Whether the same statement may succeed later: the connection, a deadlock or lock,
   * serialization, resources, a timeout, a shutdown or failover of the server.
   */
  static boolean isTransient(SQLException e) {
    String state = e.getSQLState();
    if (state == null) {
      return false;
    }
    return switch (state.substring(0, 2)) {
      case "08", "40", "53" -> true;
      case "57" -> state.startsWith("57P") || state.equals("57014");
      default -> state.equals("55P03") || state.equals("25006");
    };
  }

  @Override
  public void close() {
    connections.close();
  }
}

package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection for work that is tried again when the database is away for a while. */
public final class Retries implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

  private final JdbcConnectionProvider provider;
  private final int most;

  /** Something to do with a connection, from its beginning each time. */
  public interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  public Retries(DatabaseConfig config, String applicationName) {
    this.most = config.maxRetries();
    this.provider =
        new SimpleJdbcConnectionProvider(
            new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                .withUrl(config.url())
                .withDriverName("org.postgresql.Driver")
                .withUsername(config.user())
                .withPassword(config.password().reveal())
                .withProperty("ApplicationName", applicationName)
                .withProperty("tcpKeepAlive", "true")
                .build());
  }

  /**
   * @param what is done, for the message of a failure
   * @throws IOException if it fails for good, or still after as many retries as are configured
   */
  public <T> T run(String what, Work<T> work) throws IOException, InterruptedException {
    Duration backoff = FIRST_BACKOFF;
    for (int retries = 0; ; retries++) {
      try {
        return work.with(provider.getOrEstablishConnection());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("the PostgreSQL driver is missing in the job's jar", e);
      } catch (SQLException e) {
        provider.closeConnection();
        if (!UpsertWriter.isTransient(e) || retries >= most) {
          throw new IOException("cannot %s after %d retries".formatted(what, retries), e);
        }
        LOG.warn("Cannot {}, trying again in {}: {}", what, backoff, e.getMessage());
        Thread.sleep(backoff.toMillis());
        backoff = backoff.multipliedBy(2);
        backoff = backoff.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff;
      }
    }
  }

  @Override
  public void close() {
    provider.closeConnection();
  }
}

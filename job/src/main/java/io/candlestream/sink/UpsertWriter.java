package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.metrics.DurableCounters;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One subtask's writer: collects rows, and writes them when enough, old enough, or asked to. */
final class UpsertWriter<T> implements SinkWriter<T> {

  private static final Logger LOG = LoggerFactory.getLogger(UpsertWriter.class);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
  private static final int HISTOGRAM_WINDOW = 1_000;
  private static final long MAX_BATCH_BYTES = 8 << 20;

  private final Table<T> table;
  private final Session session;
  private final DatabaseConfig database;
  private final ProcessingTimeService time;
  private final Counter written;
  private final Counter unchanged;
  private final Histogram flushMillis;

  private final Map<Object, T> batch = new LinkedHashMap<>();
  private long batchBytes;

  UpsertWriter(
      Table<T> table,
      Session session,
      DatabaseConfig database,
      ProcessingTimeService time,
      MetricGroup metrics) {
    this.table = table;
    this.session = session;
    this.database = database;
    this.time = time;
    MetricGroup group = metrics.addGroup(DurableCounters.GROUP).addGroup("table", table.name());
    written = group.counter("rowsWritten");
    unchanged = group.counter("rowsUnchanged");
    flushMillis =
        group.histogram("flushMillis", new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    scheduleFlush();
  }

  private void scheduleFlush() {
    time.registerTimer(
        time.getCurrentProcessingTime() + database.flushEvery().toMillis(),
        timestamp -> {
          flush(false);
          scheduleFlush();
        });
  }

  @Override
  public void write(T row, Context context) throws IOException, InterruptedException {
    batch.merge(table.key(row), row, table::merge);
    batchBytes += table.extraBytes(row);
    if (batch.size() >= database.batchSize() || batchBytes >= MAX_BATCH_BYTES) {
      flush(false);
    }
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    List<T> rows = new ArrayList<>(batch.values());
    int changed = upsertWithRetries(rows);
    batch.clear();
    batchBytes = 0;
    written.inc(changed);
    unchanged.inc(rows.size() - changed);
    flushMillis.update(Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  private int upsertWithRetries(List<T> rows) throws IOException, InterruptedException {
    Duration backoff = FIRST_BACKOFF;
    for (int retries = 0; ; retries++) {
      try {
        return upsert(rows);
      } catch (SQLException e) {
        session.close();
        if (!isTransient(e) || retries >= database.maxRetries()) {
          throw new IOException(
              "cannot write %d rows to %s after %d retries"
                  .formatted(rows.size(), table.name(), retries),
              e);
        }
        LOG.warn(
            "Writing {} rows to {} failed, trying again in {} ms: {}",
            rows.size(),
            table.name(),
            backoff.toMillis(),
            e.getMessage());
        Thread.sleep(backoff.toMillis());
        backoff = backoff.multipliedBy(2);
        backoff = backoff.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff;
      }
    }
  }

  private int upsert(List<T> rows) throws SQLException {
    Connection connection = session.connection();
    try (PreparedStatement statement = connection.prepareStatement(table.upsert())) {
      table.bind(rows, statement);
      return statement.executeUpdate();
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
    session.close();
  }
}

package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.metrics.DurableCounters;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subtask's writer: collects rows, and writes them when enough, old enough, or asked to.
 *
 * <p>Rows that the database refuses go to {@code rejected_rows} in the same flush, so that a
 * checkpoint leaves none behind; the others are written. Any other error fails the task.
 */
final class UpsertWriter<T> implements SinkWriter<T> {

  private static final Logger LOG = LoggerFactory.getLogger(UpsertWriter.class);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
  private static final int HISTOGRAM_WINDOW = 1_000;
  private static final long MAX_BATCH_BYTES = 8 << 20;

  private final Table<T> table;
  private final Layout<T> layout;
  private final WaitingRows<T> waiting;
  private final RejectedRows rejectedRows;
  private final Session session;
  private final DatabaseConfig database;
  private final ProcessingTimeService time;
  private final Counter written;
  private final Counter unchanged;
  private final Counter refused;
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
    layout = new Layout<>(table.columns());
    waiting = new WaitingRows<>(table.name(), layout, database.allowShrink());
    rejectedRows = new RejectedRows(database.allowShrink());
    this.session = session;
    this.database = database;
    this.time = time;
    MetricGroup group = metrics.addGroup(DurableCounters.GROUP).addGroup("table", table.name());
    written = group.counter("rowsWritten");
    unchanged = group.counter("rowsUnchanged");
    refused = group.counter("rowsRefused");
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
    keep(Bisection.write(List.copyOf(batch.values()), this::write));
    batch.clear();
    batchBytes = 0;
    flushMillis.update(Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  /** Writes rows, all of them or none; returns why the database refuses one of them, if it does. */
  private Optional<SQLException> write(List<T> rows) throws IOException, InterruptedException {
    try {
      int changed = withRetries(rows.size(), table.name(), connection -> upsert(rows, connection));
      written.inc(changed);
      unchanged.inc(rows.size() - changed);
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e.refusal);
    }
  }

  private int upsert(List<T> rows, Connection connection) throws SQLException {
    if (!waiting.mayBeAny(connection)) {
      return upsert(table, layout, rows, connection);
    }
    return Session.inTransaction(
        connection,
        transaction -> {
          waiting.resolve(rows, transaction);
          return upsert(table, layout, rows, transaction);
        });
  }

  private static <R> int upsert(
      Table<R> table, Layout<R> layout, List<R> rows, Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(table.upsert())) {
      layout.bind(rows, statement);
      return statement.executeUpdate();
    }
  }

  private void keep(List<Bisection.Refused<T, SQLException>> rows)
      throws IOException, InterruptedException {
    if (rows.isEmpty()) {
      return;
    }
    List<RejectedRow> entries =
        rows.stream()
            .map(one -> RejectedRow.of(table.name(), layout, one.row(), one.reason()))
            .toList();
    try {
      withRetries(
          entries.size(),
          rejectedRows.name(),
          connection ->
              upsert(rejectedRows, new Layout<>(rejectedRows.columns()), entries, connection));
    } catch (RefusedException e) {
      throw new IOException(
          "the database refuses %d rows of %s, and refuses to keep them in %s"
              .formatted(entries.size(), table.name(), rejectedRows.name()),
          e.refusal);
    }
    waiting.expectSome();
    refused.inc(entries.size());
    LOG.warn(
        "{} rows of {} were refused and are in {}; the first because of: {}",
        entries.size(),
        table.name(),
        rejectedRows.name(),
        entries.get(0).reason());
  }

  /** The database refuses a row of a statement, and nothing else is wrong. */
  private static final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final SQLException refusal;

    RefusedException(SQLException refusal) {
      super(refusal);
      this.refusal = refusal;
    }
  }

  private int withRetries(int rows, String into, Session.Work work)
      throws RefusedException, IOException, InterruptedException {
    Duration backoff = FIRST_BACKOFF;
    for (int retries = 0; ; retries++) {
      boolean connected = false;
      try {
        Connection connection = session.connection();
        connected = true;
        return work.on(connection);
      } catch (SQLException e) {
        // A session that is refused, for a setting in the URL for one, says nothing about rows.
        if (connected && isRefusal(e)) {
          throw new RefusedException(e);
        }
        session.close();
        if (!isTransient(e) || retries >= database.maxRetries()) {
          throw new IOException(
              "cannot write %d rows to %s after %d retries".formatted(rows, into, retries), e);
        }
        LOG.warn(
            "Writing {} rows to {} failed, trying again in {} ms: {}",
            rows,
            into,
            backoff.toMillis(),
            e.getMessage());
        Thread.sleep(backoff.toMillis());
        backoff = backoff.multipliedBy(2);
        backoff = backoff.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff;
      }
    }
  }

  /** Whether the database refuses a value or a row: a value that cannot be, or a constraint. */
  static boolean isRefusal(SQLException e) {
    String state = e.getSQLState();
    return state != null && (state.startsWith("22") || state.startsWith("23"));
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

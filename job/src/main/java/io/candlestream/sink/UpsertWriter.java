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
import java.util.stream.Collectors;
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

  private static final int HISTOGRAM_WINDOW = 1_000;
  private static final long MAX_BATCH_BYTES = 8 << 20;

  private final Table<T> table;
  private final Upsert<T> upsert;
  private final Optional<Table.Removal<T>> removal;
  private final WaitingRows<T> waiting;
  private final RejectedRows rejectedRows;
  private final Upsert<RejectedRow> rejectedRowsUpsert;
  private final Retries retries;
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
    upsert = Upsert.of(table);
    removal = table.removal();
    waiting = new WaitingRows<>(table.name(), upsert.layout(), database.allowShrink());
    rejectedRows = new RejectedRows(database.allowShrink());
    rejectedRowsUpsert = Upsert.of(rejectedRows);
    retries = new Retries(session, database.maxRetries()).countedBy(Retries.errors(metrics));
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
    keep(
        Bisection.write(
            remove(batch.values().stream().sorted(table.order()).toList()), this::write));
    batch.clear();
    batchBytes = 0;
    flushMillis.update(Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  /** Carries out what is to be removed; returns the rows proper. */
  private List<T> remove(List<T> batch) throws IOException, InterruptedException {
    if (removal.isEmpty()) {
      return batch;
    }
    Table.Removal<T> removing = removal.get();
    Map<Boolean, List<T>> parts =
        batch.stream().collect(Collectors.partitioningBy(removing.concerns()));
    List<T> removed = parts.get(true);
    if (!removed.isEmpty()) {
      Layout<T> layout = new Layout<>(removing.columns());
      Upsert<T> statement = new Upsert<>(removing.statement().apply(removed), layout);
      retries.run(
          "remove rows of " + table.name(),
          connection -> {
            written.inc(
                execute(
                    statement,
                    removed,
                    transaction -> waiting.remove(removed, layout, transaction),
                    connection));
            return null;
          });
    }
    return parts.get(false);
  }

  /** Writes rows, all of them or none; returns why the database refuses one of them, if it does. */
  private Optional<SQLException> write(List<T> rows) throws IOException, InterruptedException {
    return attempt(
        rows.size(),
        table.name(),
        connection -> {
          int changed =
              execute(upsert, rows, transaction -> waiting.resolve(rows, transaction), connection);
          written.inc(changed);
          unchanged.inc(rows.size() - changed);
        });
  }

  /**
   * Executes a statement; returns the number of rows that it changed.
   *
   * @param resolving marks what waits for these rows, in the same transaction, if anything may
   */
  private int execute(Upsert<T> statement, List<T> rows, Writing resolving, Connection connection)
      throws SQLException {
    if (!waiting.mayBeAny(connection)) {
      return statement.execute(rows, connection);
    }
    return Session.inTransaction(
        connection,
        transaction -> {
          resolving.on(transaction);
          return statement.execute(rows, transaction);
        });
  }

  /** A table's statement, made once. */
  private record Upsert<R>(String sql, Layout<R> layout) {

    static <R> Upsert<R> of(Table<R> table) {
      return new Upsert<>(table.upsert(), new Layout<>(table.columns()));
    }

    /** Returns the number of rows that it changed. */
    int execute(List<R> rows, Connection connection) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        layout.bind(rows, statement);
        return statement.executeUpdate();
      }
    }
  }

  private void keep(List<Bisection.Refused<T, SQLException>> rows)
      throws IOException, InterruptedException {
    if (rows.isEmpty()) {
      return;
    }
    List<RejectedRow> entries =
        rows.stream()
            .map(one -> RejectedRow.of(table.name(), upsert.layout(), one.row(), one.reason()))
            .toList();
    Optional<SQLException> refusal =
        attempt(
            entries.size(),
            rejectedRows.name(),
            connection -> rejectedRowsUpsert.execute(entries, connection));
    if (refusal.isPresent()) {
      throw new IOException(
          "the database refuses %d rows of %s, and refuses to keep them in %s"
              .formatted(entries.size(), table.name(), rejectedRows.name()),
          refusal.get());
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

  private interface Writing {
    void on(Connection connection) throws SQLException;
  }

  /**
   * Tries until the rows are written, or the database refuses one of them. A session that is
   * refused, for a setting in the URL for one, says nothing about rows, and is an error.
   */
  private Optional<SQLException> attempt(int rows, String into, Writing writing)
      throws IOException, InterruptedException {
    return retries.run(
        "write %d rows to %s".formatted(rows, into),
        connection -> {
          try {
            writing.on(connection);
            return Optional.empty();
          } catch (SQLException e) {
            if (isRefusal(e)) {
              return Optional.of(e);
            }
            throw e;
          }
        });
  }

  /** Whether the database refuses a value or a row: a value that cannot be, or a constraint. */
  static boolean isRefusal(SQLException e) {
    String state = e.getSQLState();
    return state != null && (state.startsWith("22") || state.startsWith("23"));
  }

  @Override
  public void close() {
    retries.close();
  }
}

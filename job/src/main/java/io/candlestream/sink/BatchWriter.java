package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.metrics.DurableCounters;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches, one after another.
 *
 * <p>Rows that the database refuses go to {@code rejected_rows}; the others are written. Any other
 * error fails the batch.
 */
final class BatchWriter<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

  private static final int HISTOGRAM_WINDOW = 1_000;

  /**
   * A batch as it is written.
   *
   * @param removed what says that rows must go; written first
   * @param rows no two of one key
   * @param parameters of the statement that writes all rows
   */
  record Batch<T>(List<T> removed, List<T> rows, List<BinaryArray> parameters) {}

  private final Table<T> table;
  private final Upsert<T> upsert;
  private final Optional<Table.Removal<T>> removal;
  private final WaitingRows<T> waiting;
  private final RejectedRows rejectedRows;
  private final Upsert<RejectedRow> rejectedRowsUpsert;
  private final Retries retries;
  private final Counter written;
  private final Counter unchanged;
  private final Counter refused;
  private final Histogram flushMillis;

  BatchWriter(Table<T> table, Session session, DatabaseConfig database, MetricGroup metrics) {
    this.table = table;
    upsert = Upsert.of(table);
    removal = table.removal();
    waiting = new WaitingRows<>(table.name(), upsert.layout(), database.allowShrink());
    rejectedRows = new RejectedRows(database.allowShrink());
    rejectedRowsUpsert = Upsert.of(rejectedRows);
    retries = new Retries(session, database.maxRetries()).countedBy(Retries.errors(metrics));
    MetricGroup group = metrics.addGroup(DurableCounters.GROUP).addGroup("table", table.name());
    written = group.counter("rowsWritten");
    unchanged = group.counter("rowsUnchanged");
    refused = group.counter("rowsRefused");
    flushMillis =
        group.histogram("flushMillis", new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
  }

  /** Makes rows ready to be written; while another batch is, if need be. */
  Batch<T> prepare(Collection<T> collected) {
    Map<Boolean, List<T>> parts =
        collected.stream()
            .sorted(table.order())
            .collect(
                Collectors.partitioningBy(
                    row -> removal.isPresent() && removal.get().concerns().test(row)));
    List<T> rows = parts.get(false);
    return new Batch<>(parts.get(true), rows, upsert.layout().parameters(rows));
  }

  void write(Batch<T> batch) throws IOException, InterruptedException {
    long start = System.nanoTime();
    if (!batch.removed().isEmpty()) {
      remove(batch.removed(), removal.orElseThrow());
    }
    keep(Bisection.write(batch.rows(), span -> write(span, batch)));
    flushMillis.update(Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  /** Carries out what is to be removed. */
  private void remove(List<T> removed, Table.Removal<T> removing)
      throws IOException, InterruptedException {
    Layout<T> layout = new Layout<>(removing.columns());
    Upsert<T> statement = new Upsert<>(removing.statement().apply(removed), layout);
    retries.run(
        "remove rows of " + table.name(),
        connection -> {
          written.inc(
              execute(
                  statement,
                  layout.parameters(removed),
                  transaction -> waiting.remove(removed, layout, transaction),
                  connection));
          return null;
        });
  }

  /** Writes rows, all of them or none; returns why the database refuses one of them, if it does. */
  private Optional<SQLException> write(List<T> rows, Batch<T> batch)
      throws IOException, InterruptedException {
    List<BinaryArray> parameters =
        rows.size() == batch.rows().size() ? batch.parameters() : upsert.layout().parameters(rows);
    return attempt(
        rows.size(),
        table.name(),
        connection -> {
          int changed =
              execute(
                  upsert,
                  parameters,
                  transaction -> waiting.resolve(rows, transaction),
                  connection);
          written.inc(changed);
          unchanged.inc(rows.size() - changed);
        });
  }

  /**
   * Executes a statement; returns the number of rows that it changed.
   *
   * @param resolving marks what waits for these rows, in the same transaction, if anything may
   */
  private int execute(
      Upsert<T> statement, List<BinaryArray> parameters, Writing resolving, Connection connection)
      throws SQLException {
    if (!waiting.mayBeAny(connection)) {
      return statement.execute(parameters, connection);
    }
    return Session.inTransaction(
        connection,
        transaction -> {
          resolving.on(transaction);
          return statement.execute(parameters, transaction);
        });
  }

  /** A table's statement, made once. */
  private record Upsert<R>(String sql, Layout<R> layout) {

    static <R> Upsert<R> of(Table<R> table) {
      return new Upsert<>(table.upsert(), new Layout<>(table.columns()));
    }

    /** Returns the number of rows that it changed. */
    int execute(List<BinaryArray> parameters, Connection connection) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        BinaryArray.bind(parameters, statement);
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
            connection ->
                rejectedRowsUpsert.execute(
                    rejectedRowsUpsert.layout().parameters(entries), connection));
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

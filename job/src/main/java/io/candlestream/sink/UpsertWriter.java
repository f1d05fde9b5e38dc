package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;

/**
 * One subtask's writer: collects rows, and has them written when enough, old enough, or asked to.
 *
 * <p>A batch is written in the background, while the next is collected and made ready: the task
 * waits for the database where that takes longer, and before a checkpoint, which leaves no row
 * behind. What fails in the background fails the task.
 */
final class UpsertWriter<T> implements SinkWriter<T> {

  private static final long MAX_BATCH_BYTES = 8 << 20;

  private final Table<T> table;
  private final BatchWriter<T> writer;
  private final DatabaseConfig database;
  private final ProcessingTimeService time;
  private final ExecutorService background;

  private final Map<Object, T> batch = new LinkedHashMap<>();
  private long batchBytes;

  /** The batch that was handed over last. */
  private Future<?> underWay = CompletableFuture.completedFuture(null);

  UpsertWriter(
      Table<T> table,
      Session session,
      DatabaseConfig database,
      ProcessingTimeService time,
      MetricGroup metrics) {
    this.table = table;
    this.writer = new BatchWriter<>(table, session, database, metrics);
    this.database = database;
    this.time = time;
    this.background =
        Executors.newSingleThreadExecutor(new ExecutorThreadFactory(table.name() + " writer"));
    scheduleFlush();
  }

  private void scheduleFlush() {
    time.registerTimer(
        time.getCurrentProcessingTime() + database.flushEvery().toMillis(),
        timestamp -> {
          handOver();
          scheduleFlush();
        });
  }

  @Override
  public void write(T row, Context context) throws IOException, InterruptedException {
    batch.merge(table.key(row), row, table::merge);
    batchBytes += table.extraBytes(row);
    if (batch.size() >= database.batchSize() || batchBytes >= MAX_BATCH_BYTES) {
      handOver();
    }
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    handOver();
    awaitWritten();
  }

  /** Has what was collected written, as soon as the batch before it is. */
  private void handOver() throws IOException, InterruptedException {
    if (batch.isEmpty()) {
      if (underWay.isDone()) {
        awaitWritten();
      }
      return;
    }
    BatchWriter.Batch<T> next = writer.prepare(batch.values());
    awaitWritten();
    underWay =
        background.submit(
            () -> {
              writer.write(next);
              return null;
            });
    batch.clear();
    batchBytes = 0;
  }

  /**
   * Waits for the batch that was handed over last.
   *
   * @throws IOException if it could not be written
   */
  void awaitWritten() throws IOException, InterruptedException {
    try {
      underWay.get();
    } catch (ExecutionException e) {
      ExceptionUtils.rethrowIOException(e.getCause());
    }
  }

  /** Ends without the rows that are not written yet, but not in the middle of a statement. */
  @Override
  public void close() {
    background.shutdownNow();
    try {
      background.awaitTermination(Session.ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.close();
  }
}

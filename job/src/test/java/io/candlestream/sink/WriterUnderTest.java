package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;

/** A writer whose clock stands still until it is moved, and whose counters can be read. */
final class WriterUnderTest<T> implements AutoCloseable {

  /** Each writer begins later than those before. */
  private static final AtomicLong CLOCK = new AtomicLong();

  private final TestProcessingTimeService time = new TestProcessingTimeService();
  private final Metrics metrics = new Metrics();
  private final UpsertWriter<T> writer;

  WriterUnderTest(Table<T> table, DatabaseConfig database) {
    this(table, database, "candlestream test " + table.name());
  }

  WriterUnderTest(Table<T> table, DatabaseConfig database, String session) {
    writer =
        new UpsertWriter<>(
            table,
            new Session(database, session, CLOCK.incrementAndGet()),
            database,
            time,
            metrics);
  }

  void write(T row) throws Exception {
    writer.write(row, null);
  }

  /** As Flink does before a checkpoint. */
  void flush() throws Exception {
    writer.flush(false);
  }

  /** Waits for what is being written; writes nothing more. */
  void awaitWritten() throws Exception {
    writer.awaitWritten();
  }

  /** Writes rows and flushes, so that they are one batch if they fit into one. */
  void writeBatch(List<T> rows) throws Exception {
    for (T row : rows) {
      write(row);
    }
    flush();
  }

  void passMillis(long millis) throws Exception {
    time.advance(millis);
  }

  long rowsWritten() {
    return metrics.counter("rowsWritten").getCount();
  }

  long rowsUnchanged() {
    return metrics.counter("rowsUnchanged").getCount();
  }

  long rowsRefused() {
    return metrics.counter("rowsRefused").getCount();
  }

  long databaseErrors() {
    return metrics.counter("databaseErrors").getCount();
  }

  @Override
  public void close() {
    writer.close();
  }

  /** One counter to a name, whatever the group. */
  private static final class Metrics extends UnregisteredMetricsGroup {

    private final Map<String, Counter> counters = new HashMap<>();

    @Override
    public Counter counter(String name) {
      return counters.computeIfAbsent(name, super::counter);
    }

    @Override
    public MetricGroup addGroup(String name) {
      return this;
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
      return this;
    }
  }
}

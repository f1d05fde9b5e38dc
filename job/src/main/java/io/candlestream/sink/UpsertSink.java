package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Writes rows to a PostgreSQL table, at least once and with no effect the second time. Rows of one
 * key within a batch are merged; a batch is one statement and one transaction, unless the database
 * refuses a row of it.
 */
public final class UpsertSink<T> implements Sink<T> {

  private final Table<T> table;
  private final DatabaseConfig database;

  public UpsertSink(Table<T> table, DatabaseConfig database) {
    this.table = table;
    this.database = database;
  }

  @Override
  public SinkWriter<T> createWriter(WriterInitContext context) throws IOException {
    // 16 digits of the job's id tell jobs apart, and leave room: PostgreSQL keeps 63 characters.
    String writer =
        "candlestream %.16s %s %d"
            .formatted(
                context.getJobInfo().getJobId(),
                table.name(),
                context.getTaskInfo().getIndexOfThisSubtask());
    return new UpsertWriter<>(
        table,
        new Session(database, writer, System.currentTimeMillis()),
        database,
        context.getProcessingTimeService(),
        context.metricGroup());
  }
}

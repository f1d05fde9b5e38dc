package io.candlestream.sink;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.market.Intervals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * {@code job_progress}: how far the job had come at its last checkpoint.
 *
 * <p>What it takes are timestamps of ticks, now and then; what counts is the watermark. What was
 * before a watermark here was before it at every other sink, and these have written all of it when
 * a checkpoint is complete. Watermarks that follow the machine's clock, while all input is silent,
 * do not count: where the input goes on is not known then. It has to be the only one of its kind in
 * the job, with parallelism 1.
 */
public final class JobProgress implements Sink<Long>, SupportsCommitter<Long> {

  private static final String UPSERT =
      """
      INSERT INTO job_progress AS stored (job, stored_until)
      VALUES (?, ?::timestamptz)
      ON CONFLICT (job) DO UPDATE SET stored_until = excluded.stored_until, updated_at = now()
      """;

  private final String job;
  private final long outOfOrdernessMicros;
  private final DatabaseConfig database;

  /**
   * @param job the name that the job keeps over restarts
   */
  public JobProgress(String job, Intervals intervals, DatabaseConfig database) {
    this.job = job;
    this.outOfOrdernessMicros = intervals.outOfOrdernessMicros();
    this.database = database;
  }

  @Override
  public CommittingSinkWriter<Long, Long> createWriter(WriterInitContext context) {
    return new Writer();
  }

  private final class Writer implements CommittingSinkWriter<Long, Long> {

    private long newestMicros = Long.MIN_VALUE;
    private long watermarkMillis = Long.MIN_VALUE;

    @Override
    public void write(Long timestampMicros, Context context) {
      newestMicros = Math.max(newestMicros, timestampMicros);
    }

    @Override
    public void writeWatermark(Watermark watermark) {
      // At the end of all input it says no time any more.
      if (watermark.getTimestamp() != Long.MAX_VALUE) {
        watermarkMillis = watermark.getTimestamp();
      }
    }

    @Override
    public Collection<Long> prepareCommit() {
      if (newestMicros == Long.MIN_VALUE || watermarkMillis == Long.MIN_VALUE) {
        return List.of();
      }
      return List.of(Math.min((watermarkMillis + 1) * 1_000, newestMicros - outOfOrdernessMicros));
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }

  @Override
  public Committer<Long> createCommitter(CommitterInitContext context) {
    return new Recorder(
        Retries.apart(database, "candlestream job_progress")
            .countedBy(Retries.errors(context.metricGroup())));
  }

  private final class Recorder implements Committer<Long> {

    private final Retries retries;

    Recorder(Retries retries) {
      this.retries = retries;
    }

    @Override
    public void commit(Collection<CommitRequest<Long>> requests)
        throws IOException, InterruptedException {
      for (CommitRequest<Long> request : requests) {
        retries.run(
            "record how far the job is",
            connection -> {
              try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
                statement.setString(1, job);
                statement.setString(2, Columns.timestamp(request.getCommittable()).toString());
                return statement.executeUpdate();
              }
            });
      }
    }

    @Override
    public void close() {
      retries.close();
    }
  }

  @Override
  public SimpleVersionedSerializer<Long> getCommittableSerializer() {
    return new Micros();
  }

  private static final class Micros implements SimpleVersionedSerializer<Long> {

    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Long micros) {
      return ByteBuffer.allocate(Long.BYTES).putLong(micros).array();
    }

    @Override
    public Long deserialize(int version, byte[] serialized) {
      return ByteBuffer.wrap(serialized).getLong();
    }
  }
}

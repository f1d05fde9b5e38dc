package io.candlestream.bench.speed;

import io.candlestream.indicator.CandleRow;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.JobInfoImpl;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.concurrent.NeverCompleteFuture;

/** What Flink tells a sink's only writer; no timer of its ever fires. */
final class WriterContext implements WriterInitContext {

  private final JobInfo job = new JobInfoImpl(new JobID(), "bench");

  @Override
  public JobInfo getJobInfo() {
    return job;
  }

  @Override
  public TaskInfo getTaskInfo() {
    return new TaskInfoImpl("sink", 1, 0, 1, 0);
  }

  @Override
  public OptionalLong getRestoredCheckpointId() {
    return OptionalLong.empty();
  }

  @Override
  public SinkWriterMetricGroup metricGroup() {
    return UnregisteredMetricsGroup.createSinkWriterMetricGroup();
  }

  @Override
  public ProcessingTimeService getProcessingTimeService() {
    return new ProcessingTimeService() {
      @Override
      public long getCurrentProcessingTime() {
        return System.currentTimeMillis();
      }

      @Override
      public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
        return new NeverCompleteFuture(Long.MAX_VALUE);
      }
    };
  }

  @Override
  public boolean isObjectReuseEnabled() {
    return false;
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    throw new UnsupportedOperationException();
  }

  @Override
  public MailboxExecutor getMailboxExecutor() {
    throw new UnsupportedOperationException();
  }

  @Override
  public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
    throw new UnsupportedOperationException();
  }

  /** Asked for by Flink's JdbcSink, which copies rows only where objects are reused. */
  @Override
  @SuppressWarnings("unchecked")
  public <T> TypeSerializer<T> createInputSerializer() {
    return (TypeSerializer<T>)
        TypeInformation.of(CandleRow.class).createSerializer(new SerializerConfigImpl());
  }
}

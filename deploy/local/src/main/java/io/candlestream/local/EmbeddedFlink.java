package io.candlestream.local;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job, running on a Flink inside this process, with Flink's web UI. */
public final class EmbeddedFlink implements AutoCloseable {

  private static final Duration CANCELLATION_PATIENCE = Duration.ofSeconds(30);

  private final Configuration configuration;
  private final JobMetrics metrics;
  private final JobClient job;
  private final CompletableFuture<JobExecutionResult> result;

  private EmbeddedFlink(Configuration configuration, JobMetrics metrics, JobClient job) {
    this.configuration = configuration;
    this.metrics = metrics;
    this.job = job;
    this.result = job.getJobExecutionResult();
  }

  /**
   * Flink's configuration for a run in this process.
   *
   * @param directory holds {@code config.yaml}
   * @param overrides laid over it
   */
  public static Configuration configuration(Path directory, Map<String, String> overrides) {
    Configuration configuration = GlobalConfiguration.loadConfiguration(directory.toString());
    // As many slots as the job is parallel, unless someone insists: the file's number is a
    // cluster's.
    configuration.removeConfig(TaskManagerOptions.NUM_TASK_SLOTS);
    configuration.addAll(Configuration.fromMap(overrides));
    return configuration;
  }

  /**
   * Starts Flink, and a job on it; returns when the job has been taken on. The web UI is on the
   * configured port if that is free, else on any that is.
   *
   * @param name the job's, for the web UI
   * @param topology defines it
   */
  public static EmbeddedFlink start(
      Configuration configuration, String name, Consumer<StreamExecutionEnvironment> topology)
      throws Exception {
    int port = freePort(configuration.get(RestOptions.PORT));
    configuration.set(RestOptions.PORT, port);
    configuration.set(RestOptions.BIND_PORT, Integer.toString(port));
    JobMetrics metrics = JobMetrics.reportedUnder(configuration);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(configuration);
    topology.accept(env);
    return new EmbeddedFlink(configuration, metrics, env.executeAsync(name));
  }

  public String webUi() {
    return "http://localhost:" + configuration.get(RestOptions.PORT);
  }

  /** Says where to look at it, and where its checkpoints are. */
  void introduce(PrintWriter out) {
    out.printf("Web UI       %s%n", webUi());
    out.printf("Checkpoints  %s%n", checkpoints());
    out.flush();
  }

  JobCounts counts() {
    return metrics.counts();
  }

  /** What of the files is still to be read; empty before the job has found them, or has none. */
  Optional<FilesLeft> filesLeft() {
    return metrics.filesLeft();
  }

  /**
   * What the job says when it has ended.
   *
   * @throws ExecutionException if it has failed or was cancelled
   */
  JobExecutionResult result() throws ExecutionException, InterruptedException {
    return result.get();
  }

  /** What a counter in the job's state shows, over all its subtasks. */
  public long count(String counter) {
    return metrics.count(counter);
  }

  /** The directory of this job's checkpoints; empty where they are not kept in files. */
  private String checkpoints() {
    String directory = configuration.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
    return directory == null ? "" : directory + "/" + job.getJobID();
  }

  /**
   * Waits for the job to end.
   *
   * @return whether it has, within the time
   * @throws ExecutionException if it has failed or was cancelled
   */
  public boolean awaitEnd(Duration atMost) throws ExecutionException, InterruptedException {
    try {
      result.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  /**
   * Cancels the job if it is running, and waits until it has stopped.
   *
   * @throws IllegalStateException if it has not stopped in time
   */
  @Override
  public void close() {
    if (result.isDone()) {
      return;
    }
    try {
      job.cancel().get(CANCELLATION_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      result
          .handle((ended, cancelled) -> null)
          .get(CANCELLATION_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the job cannot be cancelled", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the job was being cancelled", e);
    }
  }

  /** The wanted port if it is free, else any that is. */
  private static int freePort(int wanted) {
    try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException taken) {
      if (wanted == 0) {
        throw new IllegalStateException("this machine has no free port for the web UI", taken);
      }
      return freePort(0);
    }
  }
}

package io.candlestream.bench.speed;

import io.candlestream.bench.Backlog;
import io.candlestream.local.JobMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;

/** A Flink cluster inside this process that runs one job after another. */
final class SessionCluster implements AutoCloseable {

  private final Path directory;
  private final Configuration configuration;
  private final JobMetrics metrics;
  private final MiniCluster cluster;

  private SessionCluster(
      Path directory, Configuration configuration, JobMetrics metrics, MiniCluster cluster) {
    this.directory = directory;
    this.configuration = configuration;
    this.metrics = metrics;
    this.cluster = cluster;
  }

  /**
   * Starts one for jobs that are as parallel as this machine, or as the settings say.
   *
   * @param settings laid over Flink's configuration as it is delivered
   */
  static SessionCluster start(Map<String, String> settings) throws Exception {
    Path directory = Files.createTempDirectory("candlestream-bench-");
    Configuration configuration = Backlog.flink(directory, settings);
    int parallelism =
        configuration
            .getOptional(CoreOptions.DEFAULT_PARALLELISM)
            .orElse(Runtime.getRuntime().availableProcessors());
    configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    // Nothing of it is lost but all at once, and a machine that sleeps for a while is no failure.
    configuration.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofDays(1));
    JobMetrics metrics = JobMetrics.reportedUnder(configuration);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumSlotsPerTaskManager(parallelism)
                .build());
    cluster.start();
    return new SessionCluster(directory, configuration, metrics, cluster);
  }

  /**
   * Runs a job to its end.
   *
   * @param settings of this job alone, laid over the cluster's
   * @throws org.apache.flink.runtime.client.JobExecutionException if it fails
   */
  void run(Map<String, String> settings, Consumer<StreamExecutionEnvironment> topology)
      throws Exception {
    metrics.forget();
    Configuration ofJob = new Configuration(configuration);
    settings.forEach(ofJob::setString);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(ofJob);
    topology.accept(env);
    cluster.executeJobBlocking(env.getStreamGraph().getJobGraph());
  }

  /** What a counter in the state of the last job shows, over all its subtasks. */
  long count(String counter) {
    return metrics.count(counter);
  }

  @Override
  public void close() throws IOException {
    cluster.closeAsync().join();
    FileUtils.deleteDirectory(directory.toFile());
  }
}

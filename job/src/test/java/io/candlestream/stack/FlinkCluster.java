package io.candlestream.stack;

import io.candlestream.Pipeline;
import io.candlestream.Sinks;
import io.candlestream.Sources;
import io.candlestream.config.JobConfig;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.past.StoredCandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Flink cluster in this process for the tests of one class, configured as the project ships it.
 * Jobs that a test leaves running are cancelled at its end.
 */
final class FlinkCluster implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

  private static final Path SHIPPED_CONFIGURATION = Path.of("..", "conf", "flink");
  private static final int SLOTS = 4;

  private final Map<String, String> settings;
  private final List<JobRun> jobs = new ArrayList<>();
  private Path directory;
  private Configuration configuration;
  private InMemoryReporter metrics;
  private MiniCluster cluster;
  private int taskManager;

  FlinkCluster() {
    this(Map.of("metrics.reporters", "mini_cluster_resource_reporter"));
  }

  /**
   * @param settings of Flink, laid over the project's; by default, no metrics are served
   */
  FlinkCluster(Map<String, String> settings) {
    this.settings = Map.copyOf(settings);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    directory = Files.createTempDirectory("flink-cluster-");
    configuration = GlobalConfiguration.loadConfiguration(SHIPPED_CONFIGURATION.toString());
    configuration.addAll(
        Configuration.fromMap(
            Map.of(
                "rest.port", "0",
                "execution.checkpointing.dir", directory.toUri().toString(),
                "execution.checkpointing.savepoint-dir", directory.toUri().toString(),
                // A few thousand ticks are to see many watermarks.
                "pipeline.auto-watermark-interval", "1ms",
                // Input that ends waits for one more checkpoint.
                "execution.checkpointing.interval", "300ms",
                "execution.checkpointing.min-pause", "0ms",
                // A job that fails again and again is to fail for good, and to say why.
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "3",
                "restart-strategy.fixed-delay.delay", "100ms")));
    metrics = InMemoryReporter.createWithRetainedMetrics();
    metrics.addToConfiguration(configuration);
    configuration.addAll(Configuration.fromMap(settings));
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .build());
    cluster.start();
  }

  /** Starts the job without state. */
  JobRun start(JobConfig config, int parallelism) throws Exception {
    return start(env -> Pipeline.define(env, config), parallelism, SavepointRestoreSettings.none());
  }

  /** Starts the job from a savepoint. */
  JobRun restore(JobConfig config, int parallelism, String savepoint) throws Exception {
    return start(
        env -> Pipeline.define(env, config),
        parallelism,
        SavepointRestoreSettings.forPath(savepoint));
  }

  /** Starts the job from a savepoint of one that had more operators: their state is given up. */
  JobRun restoreLess(JobConfig config, int parallelism, String savepoint) throws Exception {
    return start(
        env -> Pipeline.define(env, config),
        parallelism,
        SavepointRestoreSettings.forPath(savepoint, true));
  }

  /** Starts a topology without state. */
  JobRun start(Consumer<StreamExecutionEnvironment> topology, int parallelism) throws Exception {
    return start(topology, parallelism, SavepointRestoreSettings.none());
  }

  /**
   * Starts a topology from a savepoint.
   *
   * @param settings of Flink, beyond those of the cluster
   */
  JobRun restore(
      Consumer<StreamExecutionEnvironment> topology,
      int parallelism,
      String savepoint,
      Map<String, String> settings)
      throws Exception {
    return start(
        env -> {
          env.configure(Configuration.fromMap(settings));
          topology.accept(env);
        },
        parallelism,
        SavepointRestoreSettings.forPath(savepoint));
  }

  /** Reads files to their end, with a checkpoint and a failure after some of their records. */
  JobRun runWithFailure(JobConfig config, int records) throws Exception {
    var source =
        new InterruptedSource<>(
            FileRecords.source(config.source().files().paths(), TickDecoders.of(config)), records);
    JobRun job =
        start(
            env ->
                Pipeline.define(
                    env,
                    config,
                    Sources.of(config).withTicks(source),
                    StoredCandles.opener(config),
                    Sinks.of(config.database())),
            1);
    source.awaitPause();
    job.checkpoint();
    source.fail();
    job.awaitEnd();
    return job;
  }

  private JobRun start(
      Consumer<StreamExecutionEnvironment> topology, int parallelism, SavepointRestoreSettings from)
      throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    topology.accept(env);
    JobGraph graph = env.getStreamGraph().getJobGraph();
    graph.setSavepointRestoreSettings(from);
    cluster.submitJob(graph).get();
    JobRun job = new JobRun(graph.getJobID(), cluster, metrics);
    jobs.add(job);
    return job;
  }

  /** Ends the only task manager, as a crash would, and with it every running task. */
  void loseTaskManager() throws Exception {
    cluster.terminateTaskManager(taskManager).get();
  }

  /** Starts a task manager in place of the lost one. */
  void replaceTaskManager() throws Exception {
    cluster.startTaskManager();
    taskManager++;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    for (JobRun job : jobs) {
      job.cancel();
    }
    jobs.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    cluster.close();
    FileUtils.deleteDirectory(directory.toFile());
  }
}

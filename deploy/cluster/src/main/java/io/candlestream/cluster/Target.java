package io.candlestream.cluster;

import io.candlestream.local.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.RestOptions;
import picocli.CommandLine.Option;

/** Options that say what is submitted, and where. */
final class Target {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job's configuration, with any of the keys of conf/job.yaml.")
  private Path config;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The job; by default job/target/candlestream-job.jar.")
  private Path jar;

  @Option(
      names = "--cluster",
      paramLabel = "URL",
      description =
          "Flink's REST interface; by default rest.address and rest.port of Flink's configuration.")
  private URI cluster;

  @Option(
      names = "--flink-conf",
      paramLabel = "DIRECTORY",
      description = "Where Flink's config.yaml is; by default conf/flink.")
  private Path flinkConf;

  @Option(
      names = "--deployments",
      paramLabel = "DIRECTORY",
      description = {
        "Remembers what was submitted, jars and configurations included; by default",
        "deploy/cluster/deployments."
      })
  private Path deployments;

  @Option(
      names = "--ignore-unclaimed-state",
      description = "Drop state of stations that the job does not have any more.")
  private boolean ignoresUnclaimedState;

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      defaultValue = "PT3M",
      description = "How long the job may take until it runs and has committed; ${DEFAULT-VALUE}.")
  private Duration patience;

  Deployments deployments() {
    return new Deployments(
        deployments == null ? Program.home().resolve("deploy/cluster/deployments") : deployments);
  }

  FlinkRest rest() {
    return new FlinkRest(URI.create(cluster()));
  }

  String cluster() {
    if (cluster != null) {
      return cluster.toString();
    }
    Configuration flink = GlobalConfiguration.loadConfiguration(conf().toString());
    return "http://%s:%d".formatted(flink.get(RestOptions.ADDRESS), flink.get(RestOptions.PORT));
  }

  FlinkClient client(Deployments kept) {
    return new FlinkClient(FlinkJars.ofBuild(Program.home()), conf(), kept, Map.of());
  }

  Duration patience() {
    return patience;
  }

  Path config() {
    return config;
  }

  /** What the options name, as a job that was not submitted yet; copies are kept. */
  Deployment deployment(Deployments kept, Program.Options options, String savepoint)
      throws IOException {
    return new Deployment(
        newJob(),
        cluster(),
        kept.keep(jar == null ? Program.home().resolve("job/target/candlestream-job.jar") : jar),
        kept.keep(config),
        options.sets,
        options.flink,
        savepoint,
        ignoresUnclaimedState);
  }

  static String newJob() {
    return new JobID().toHexString();
  }

  private Path conf() {
    return (flinkConf == null ? Program.flinkConfiguration() : flinkConf).toAbsolutePath();
  }
}

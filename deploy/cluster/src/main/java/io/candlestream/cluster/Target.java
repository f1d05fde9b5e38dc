package io.candlestream.cluster;

import io.candlestream.local.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
      description = "The job's jar; by default job/target/candlestream-job.jar.")
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
      description =
          "Remembers what was submitted, jars and configurations included; by default"
              + " deploy/cluster/deployments.")
  private Path deployments;

  @Option(
      names = "--ignore-unclaimed-state",
      description = "Drop state of stations that the job does not have any more.")
  private boolean ignoresUnclaimedState;

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      defaultValue = "3m",
      converter = DurationOption.class,
      description =
          "How long the job may take until it runs and has committed; by default ${DEFAULT-VALUE}.")
  private Duration patience;

  Deployments deployments() {
    return new Deployments(
        deployments == null ? Program.home().resolve("deploy/cluster/deployments") : deployments);
  }

  FlinkRest rest() {
    return new FlinkRest(URI.create(cluster()));
  }

  /**
   * The address of the cluster's REST interface.
   *
   * @throws SubmitException if the option is none
   */
  String cluster() {
    if (cluster == null) {
      Configuration flink = GlobalConfiguration.loadConfiguration(conf().toString());
      return "http://%s:%d".formatted(flink.get(RestOptions.ADDRESS), flink.get(RestOptions.PORT));
    }
    if (!List.of("http", "https").contains(String.valueOf(cluster.getScheme()))
        || cluster.getHost() == null
        || cluster.getPort() < 0
        || cluster.getPath().length() > 1) {
      throw new SubmitException(
          "--cluster: %s is no address such as http://localhost:8081".formatted(cluster));
    }
    return "%s://%s:%d".formatted(cluster.getScheme(), cluster.getHost(), cluster.getPort());
  }

  FlinkClient client(Deployments kept) {
    return new FlinkClient(FlinkJars.ofBuild(Program.home()), conf(), kept, Map.of());
  }

  Duration patience() {
    return patience;
  }

  /**
   * What the options name, as a job that was not submitted yet; copies are kept.
   *
   * @throws SubmitException if a file is missing, or a secret is among the options
   */
  Deployment deployment(Deployments kept, Program.Options options, String savepoint)
      throws IOException {
    for (String key : options.flink.keySet()) {
      if (GlobalConfiguration.isSensitive(key)) {
        throw new SubmitException(
            ("--flink %s: holds a secret, and the list of processes shows command lines; write it"
                    + " into the config.yaml of a directory of your own, and name that by"
                    + " --flink-conf")
                .formatted(key));
      }
    }
    return new Deployment(
        newId(),
        cluster(),
        kept.keep(jar == null ? Program.home().resolve("job/target/candlestream-job.jar") : jar),
        kept.keep(config),
        options.sets,
        options.flink,
        savepoint,
        ignoresUnclaimedState);
  }

  /** An id as Flink gives them, to a job or to a trigger: 16 random bytes. */
  static String newId() {
    return new JobID().toHexString();
  }

  private Path conf() {
    return (flinkConf == null ? Program.flinkConfiguration() : flinkConf).toAbsolutePath();
  }
}

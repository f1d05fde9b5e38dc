package io.candlestream.cluster;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks at jobs and submits them, each in a process of its own: the jar brings its own versions of
 * everything. Passwords are in the environment, which the process inherits.
 */
final class FlinkClient {

  private static final String JOB = "io.candlestream.CandlestreamJob";

  private final FlinkJars jars;
  private final Path conf;
  private final Deployments deployments;
  private final Map<String, String> environment;

  /**
   * @param conf the directory of the {@code config.yaml} that jobs are submitted with
   * @param environment variables beyond those of this process
   */
  FlinkClient(FlinkJars jars, Path conf, Deployments deployments, Map<String, String> environment) {
    this.jars = jars;
    this.conf = conf;
    this.deployments = deployments;
    this.environment = environment;
  }

  /**
   * Looks at all that a job needs before it is submitted; its database may still have to be
   * migrated.
   *
   * @throws SubmitException with what is wrong
   */
  void check(Deployment deployment) throws IOException, InterruptedException {
    List<String> arguments = arguments(deployment);
    arguments.add("--check");
    run(
        jars.program(conf, deployments.kept(deployment.jar()), JOB, arguments),
        "the job cannot start");
  }

  /**
   * Submits a job under the id of its deployment, and does not wait for its end.
   *
   * @throws SubmitException with what is wrong
   */
  void submit(Deployment deployment) throws IOException, InterruptedException {
    URI cluster = URI.create(deployment.cluster());
    List<String> line = new ArrayList<>(List.of("run", "--detached", "--target", "remote"));
    line.add("-Drest.address=" + cluster.getHost());
    line.add("-Drest.port=" + cluster.getPort());
    if (cluster.getScheme().equals("https")) {
      line.add("-Dsecurity.ssl.rest.enabled=true");
    }
    // A second submission of the same job is refused by the cluster.
    line.add("-D$internal.pipeline.job-id=" + deployment.job());
    deployment.flink().forEach((key, value) -> line.add("-D%s=%s".formatted(key, value)));
    if (deployment.savepoint() != null) {
      line.addAll(List.of("--fromSavepoint", deployment.savepoint()));
      if (deployment.ignoresUnclaimedState()) {
        line.add("--allowNonRestoredState");
      }
    }
    line.add(deployments.kept(deployment.jar()).toString());
    line.addAll(arguments(deployment));
    run(
        jars.client(conf, line),
        deployment.savepoint() == null
            ? "the job is not submitted"
            : "the job is not submitted, to go on from " + deployment.savepoint());
  }

  private List<String> arguments(Deployment deployment) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--config=" + deployments.kept(deployment.config()));
    deployment.sets().forEach(set -> arguments.add("--set=" + set));
    return arguments;
  }

  private void run(List<String> command, String failure) throws IOException, InterruptedException {
    Path output = Files.createTempFile("candlestream-client-", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("FLINK_CONF_DIR", conf.toString());
      if (builder.start().waitFor() != 0) {
        String cause = deployments.aboutOriginals(withOurOptions(cause(Files.readString(output))));
        throw new SubmitException(
            failure + (cause.contains("\n") ? ":" + System.lineSeparator() : ": ") + cause);
      }
    } finally {
      Files.delete(output);
    }
  }

  /** Flink's advice names an option of its own client, which the scripts call otherwise. */
  static String withOurOptions(String message) {
    return message.replace("--allowNonRestoredState", "--ignore-unclaimed-state");
  }

  /**
   * What the last exception in an output says, over all its lines; the output as it is, if there is
   * none.
   */
  private static String cause(String output) {
    List<String> message = new ArrayList<>();
    boolean inMessage = false;
    for (String line : output.lines().toList()) {
      if (line.startsWith("Exception in thread ") || line.startsWith("Caused by: ")) {
        message.clear();
        message.add(
            line.replaceFirst(
                "^(Exception in thread \"[^\"]*\" |(Caused by: )+)([\\w.$]+: )?", ""));
        inMessage = true;
      } else if (line.startsWith("\tat ") || line.startsWith("\t... ")) {
        inMessage = false;
      } else if (inMessage) {
        message.add(line);
      }
    }
    return message.isEmpty() ? output.strip() : String.join(System.lineSeparator(), message);
  }
}

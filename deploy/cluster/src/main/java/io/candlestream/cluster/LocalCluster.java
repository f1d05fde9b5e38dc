package io.candlestream.cluster;

import io.candlestream.local.Program;
import io.candlestream.servers.ServerProcess;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Starts and stops a Flink cluster of several processes on this machine. */
@Command(
    name = "local-cluster.sh",
    description = {
      "A Flink session cluster of several processes on this machine, for those without containers.",
      "It is configured by conf/flink/config.yaml, and reachable from this machine only."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class LocalCluster implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      scope = ScopeType.INHERIT,
      description = "For logs and the processes' numbers; by default deploy/cluster/run.")
  private Path directory;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  @Spec private CommandSpec spec;

  private LocalCluster() {}

  public static void main(String[] args) {
    Program.main(new LocalCluster(), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return Program.run(new LocalCluster(), out, err, args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command: start, stop or status.");
  }

  @Command(description = "Starts what does not run yet, and waits until it is up.")
  int start(
      @Option(
              names = "--task-managers",
              paramLabel = "N",
              defaultValue = "1",
              description = "How many TaskManagers there are to be; ${DEFAULT-VALUE} by default.")
          int taskManagers,
      @Option(
              names = "--flink",
              paramLabel = "KEY=VALUE",
              description = "Overrides a key of conf/flink/config.yaml; repeatable.")
          Map<String, String> flink)
      throws Exception {
    StandaloneCluster cluster = cluster();
    if (cluster.jobManager().isEmpty()) {
      cluster.configure(Program.flinkConfiguration(), flink == null ? Map.of() : flink);
      cluster.startJobManager();
    } else if (flink != null) {
      throw new ParameterException(
          spec.commandLine(), "The cluster runs already: stop it, to change its configuration.");
    }
    for (int running = cluster.taskManagers().size(); running < taskManagers; running++) {
      cluster.startTaskManager();
    }
    return status();
  }

  @Command(description = "Ends all its processes, and with them the jobs: first stop those.")
  int stop() throws Exception {
    cluster().stop();
    spec.commandLine().getOut().println("The cluster has ended.");
    return 0;
  }

  @Command(description = "Shows its processes; fails if there is no JobManager.")
  int status() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    StandaloneCluster cluster = cluster();
    if (cluster.jobManager().isEmpty()) {
      out.println("The cluster does not run.");
      return Program.FAILED;
    }
    out.printf("Web UI          %s%n", cluster.rest().address());
    print(List.of(cluster.jobManager().orElseThrow()), out);
    print(cluster.taskManagers(), out);
    return 0;
  }

  private static void print(List<ServerProcess> processes, PrintWriter out) {
    for (ServerProcess process : processes) {
      out.printf("%-15s process %d, %s%n", process.name(), process.pid(), process.log());
    }
    out.flush();
  }

  private StandaloneCluster cluster() {
    return new StandaloneCluster(
        FlinkJars.ofBuild(Program.home()),
        (directory == null ? Program.home().resolve("deploy/cluster/run") : directory)
            .toAbsolutePath());
  }
}

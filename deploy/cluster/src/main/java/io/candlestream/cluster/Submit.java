package io.candlestream.cluster;

import io.candlestream.local.Program;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Submits the job to a Flink cluster, and sees it arrive. */
@Command(
    name = "submit.sh",
    sortOptions = false,
    description = {
      "Submits the job to a Flink session cluster, and waits until it runs and has committed.",
      "It remembers what it has submitted, for upgrade.sh to go on from."
    })
public final class Submit implements Callable<Integer> {

  @Mixin private Target target;

  @Option(
      names = "--from",
      paramLabel = "SAVEPOINT",
      description = "A savepoint or retained checkpoint to go on from.")
  private String savepoint;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private Submit() {}

  public static void main(String[] args) {
    Program.main(new Submit(), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return Program.run(new Submit(), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    FlinkRest rest = target.rest();
    rest.get("/overview");
    Deployments deployments = target.deployments();
    Deployment deployment = target.deployment(deployments, options, savepoint);
    FlinkClient client = target.client(deployments);
    client.check(deployment);
    deployments.write(deployment);
    client.submit(deployment);
    out.printf("Job        %s%n", deployment.job());
    out.printf("Web UI     %s/#/job/running/%s%n", rest.address(), deployment.job());
    out.flush();
    Arrival.await(new ClusterJob(rest, deployment.job()), target.patience());
    out.println("It runs, and has committed.");
    return 0;
  }
}

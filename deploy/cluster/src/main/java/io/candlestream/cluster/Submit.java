package io.candlestream.cluster;

import io.candlestream.local.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
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

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    FlinkRest rest = target.rest();
    Deployments deployments = target.deployments();
    deployments.lock();
    ClusterJob job;
    try {
      Deployment deployment = target.deployment(deployments, options, savepoint);
      job = new ClusterJob(rest, deployment.job());
      requireThatNothingIsUnfinished(deployments);
      requireThatNoneHasItsConfiguration(deployment, rest, deployments, out);
      submit(deployment, job, deployments);
    } finally {
      deployments.removeUnused();
    }
    out.printf("Job        %s%n", job.id());
    out.printf("Web UI     %s/#/job/running/%s%n", rest.address(), job.id());
    out.flush();
    Arrival.await(job, target.patience());
    out.println("It runs, and has committed.");
    return 0;
  }

  private void submit(Deployment deployment, ClusterJob job, Deployments deployments)
      throws IOException, InterruptedException {
    deployments.write(deployment);
    try {
      job.submit(deployment, target.client(deployments));
    } catch (SubmitException refused) {
      deployments.forget(deployment);
      throw refused;
    }
  }

  /** Else the upgrade would go on later, beside the job that is submitted now. */
  private void requireThatNothingIsUnfinished(Deployments deployments) throws IOException {
    Optional<UpgradeRecord> unfinished =
        deployments.unfinishedUpgrades().stream()
            .filter(upgrade -> upgrade.isAt(target.cluster()))
            .findFirst();
    if (unfinished.isPresent()) {
      throw new SubmitException(
          ("an upgrade of job %s was interrupted: run upgrade.sh again, which goes on with it; or"
                  + " give it up by deleting %s, which says where its savepoint is")
              .formatted(unfinished.get().from(), deployments.file(unfinished.get())));
    }
  }

  private static void requireThatNoneHasItsConfiguration(
      Deployment deployment, FlinkRest rest, Deployments deployments, PrintWriter out)
      throws IOException, InterruptedException {
    for (Map.Entry<String, String> live : ClusterJob.live(rest).entrySet()) {
      Optional<Deployment> other = deployments.deployment(live.getKey());
      if (other.isEmpty()) {
        continue;
      }
      if (other.get().hasConfigurationOf(deployment)) {
        throw new SubmitException(
            "job %s has this configuration already, and is %s; upgrade.sh replaces it"
                .formatted(live.getKey(), live.getValue()));
      }
      out.printf(
          "Beside     %s, of another configuration; upgrade.sh would replace it%n", live.getKey());
    }
  }
}

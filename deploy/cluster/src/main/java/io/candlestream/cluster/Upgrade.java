package io.candlestream.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.local.Program;
import io.candlestream.servers.Await;
import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Replaces a running job by another version or configuration of it, by way of a savepoint.
 *
 * <p>Each step is written down before it is taken, so that an upgrade that was interrupted anywhere
 * goes on where it was when it is run again.
 */
@Command(
    name = "upgrade.sh",
    sortOptions = false,
    description = {
      "Upgrades a job that submit.sh has submitted: looks at the new jar and the schema, stops the",
      "job with a savepoint, migrates the database, starts the new jar from the savepoint, and"
          + " waits",
      "until it runs and has committed. If it does not, the old jar is started from the same",
      "savepoint. An upgrade that was interrupted goes on when it is run again."
    })
public final class Upgrade implements Callable<Integer> {

  @Mixin private Target target;

  @Option(
      names = "--schema-jar",
      paramLabel = "FILE",
      description = "Migrates the database; by default schema/target/candlestream-schema.jar.")
  private Path schemaJar;

  @Option(
      names = "--job",
      paramLabel = "ID",
      description = "The job; by default the only one that runs and was submitted by submit.sh.")
  private String job;

  @Option(
      names = "--savepoints",
      paramLabel = "DIRECTORY",
      description = {
        "Where the savepoint goes; by default execution.checkpointing.savepoint-dir of the cluster."
      })
  private String savepoints;

  @Option(
      names = "--stop-within",
      paramLabel = "DURATION",
      defaultValue = "PT10M",
      description = "How long the savepoint may take; ${DEFAULT-VALUE}.")
  private Duration stopWithin;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private Deployments deployments;
  private FlinkRest rest;
  private FlinkClient client;
  private PrintWriter out;

  private Upgrade() {}

  public static void main(String[] args) {
    Program.main(new Upgrade(), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return Program.run(new Upgrade(), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    deployments = target.deployments();
    rest = target.rest();
    client = target.client(deployments);

    List<UpgradeRecord> unfinished = deployments.unfinishedUpgrades(target.cluster());
    UpgradeRecord upgrade;
    if (unfinished.isEmpty()) {
      Deployment old = running();
      Deployment next = target.deployment(deployments, options, null);
      if (next.again(null, null).equals(old.again(null, null))) {
        say("Job %s runs this already.", old.job());
        return 0;
      }
      client.check(next);
      schema(next, "migrate", "--dry-run");
      upgrade = begin(old, next);
    } else {
      upgrade = unfinished.get(0);
      say("The upgrade of job %s that was begun goes on.", upgrade.from());
    }
    return goOn(upgrade);
  }

  private int goOn(UpgradeRecord begun) throws IOException, InterruptedException {
    UpgradeRecord upgrade = begun.isStopped() ? begun : stop(begun);
    say("Savepoint  %s", upgrade.savepoint());
    if (!upgrade.isTakenBack()) {
      long stopped = System.nanoTime();
      try {
        schema(upgrade.to(), "migrate");
        start(upgrade.to());
        deployments.write(upgrade.finished());
        say(
            "It runs, and has committed, %.1f s after the savepoint.",
            (System.nanoTime() - stopped) / 1e9);
        return 0;
      } catch (SubmitException failed) {
        say("The upgrade failed: %s", failed.getMessage());
        upgrade = takeBack(upgrade);
      }
    }
    start(upgrade.back());
    deployments.write(upgrade.finished());
    say("The old version runs again, from the savepoint, and has committed.");
    return Program.FAILED;
  }

  /** The job to be upgraded. */
  private Deployment running() throws IOException, InterruptedException {
    List<Deployment> running = new ArrayList<>();
    for (JsonNode one : rest.get("/jobs").path("jobs")) {
      String id = one.path("id").asText();
      if (one.path("status").asText().equals("RUNNING") && (job == null || job.equals(id))) {
        deployments.deployment(id).ifPresent(running::add);
      }
    }
    if (running.size() == 1) {
      return running.get(0);
    }
    if (job != null) {
      ClusterJob named = new ClusterJob(rest, job);
      throw new SubmitException(
          "job %s cannot be upgraded: %s"
              .formatted(
                  job,
                  deployments.deployment(job).isEmpty()
                      ? "it is not one that submit.sh has submitted (%s knows nothing of it)"
                          .formatted(deployments.directory())
                      : "it does not run, but is %s; what it had, submit.sh starts with --from %s"
                          .formatted(
                              named.status().orElse("unknown to the cluster"),
                              named.lastCheckpoint().orElse("and its newest checkpoint"))));
    }
    throw new SubmitException(
        running.isEmpty()
            ? "no job that submit.sh has submitted runs at %s; submit it".formatted(rest.address())
            : "several jobs run at %s: say which by --job: %s"
                .formatted(
                    rest.address(),
                    String.join(", ", running.stream().map(Deployment::job).toList())));
  }

  private UpgradeRecord begin(Deployment old, Deployment next)
      throws IOException, InterruptedException {
    String directory = savepoints == null ? configuredSavepoints() : savepoints;
    UpgradeRecord upgrade =
        new UpgradeRecord(
            old.job(),
            next,
            // Like a job's, a trigger's id is 16 random bytes.
            Target.newJob(),
            directory + (directory.endsWith("/") ? "" : "/") + "upgrade-of-" + old.job(),
            null,
            null,
            false);
    deployments.write(upgrade);
    return upgrade;
  }

  private String configuredSavepoints() throws IOException, InterruptedException {
    for (JsonNode entry : rest.get("/jobmanager/config")) {
      if (entry.path("key").asText().equals("execution.checkpointing.savepoint-dir")) {
        return entry.path("value").asText();
      }
    }
    throw new SubmitException(
        "the cluster has no execution.checkpointing.savepoint-dir: say where by --savepoints");
  }

  private UpgradeRecord stop(UpgradeRecord upgrade) throws IOException, InterruptedException {
    ClusterJob old = new ClusterJob(rest, upgrade.from());
    say("Stopping job %s with a savepoint below %s", old.id(), upgrade.savepointDirectory());
    List<String> found = new ArrayList<>();
    boolean stoppedInTime =
        Await.isTrueWithin(
            stopWithin,
            ClusterJob.BETWEEN_LOOKS,
            () -> {
              savepoint(upgrade, old).ifPresent(found::add);
              return !found.isEmpty();
            });
    if (!stoppedInTime) {
      throw new SubmitException(
          "the savepoint is not complete within %d s; run this again to go on waiting for it"
              .formatted(stopWithin.toSeconds()));
    }
    UpgradeRecord stopped = upgrade.stopped(found.get(0));
    deployments.write(stopped);
    return stopped;
  }

  /** Empty as long as it is being written; asked for if it was not, or not by this JobManager. */
  private Optional<String> savepoint(UpgradeRecord upgrade, ClusterJob old)
      throws IOException, InterruptedException {
    ClusterJob.Savepoint savepoint = old.savepoint(upgrade.trigger());
    if (savepoint.failure().isPresent()) {
      deployments.write(upgrade.finished());
      throw new SubmitException(
          "job %s was not stopped: %s".formatted(old.id(), savepoint.failure().get()));
    }
    if (savepoint.isKnown()) {
      return savepoint.isOver() ? savepoint.location() : Optional.empty();
    }
    if (old.hasEnded() || old.status().isEmpty()) {
      Optional<String> left =
          old.lastSavepoint()
              .filter(path -> path.contains(upgrade.from()))
              .or(() -> find(upgrade.savepointDirectory()));
      if (left.isEmpty()) {
        deployments.write(upgrade.finished());
        throw new SubmitException(
            "job %s has ended, and left no savepoint below %s"
                .formatted(old.id(), upgrade.savepointDirectory()));
      }
      return left;
    }
    old.stop(upgrade.trigger(), upgrade.savepointDirectory());
    return Optional.empty();
  }

  /** For a cluster that has forgotten: a complete savepoint has its metadata. */
  private static Optional<String> find(String directory) {
    URI address = URI.create(directory);
    if (!"file".equals(address.getScheme()) || !Files.isDirectory(Path.of(address.getPath()))) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(Path.of(address.getPath()))) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .map(file -> file.getParent().toUri().toString())
          .max(String::compareTo);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for a savepoint in " + directory, e);
    }
  }

  /** Submits a job unless that was done before, and waits until it has proved itself. */
  private void start(Deployment deployment) throws IOException, InterruptedException {
    ClusterJob started = new ClusterJob(rest, deployment.job());
    deployments.write(deployment);
    if (started.status().isEmpty()) {
      client.submit(deployment);
    }
    say("Job        %s", deployment.job());
    Arrival.await(started, target.patience());
  }

  private UpgradeRecord takeBack(UpgradeRecord upgrade) throws IOException, InterruptedException {
    ClusterJob failed = new ClusterJob(rest, upgrade.to().job());
    if (failed.status().isPresent() && !failed.hasEnded()) {
      failed.cancel();
      if (!Await.isTrueWithin(target.patience(), ClusterJob.BETWEEN_LOOKS, failed::hasEnded)) {
        throw new IllegalStateException(
            "after %d s job %s is not cancelled"
                .formatted(target.patience().toSeconds(), failed.id()));
      }
    }
    UpgradeRecord takenBack =
        upgrade.takenBackTo(
            deployments
                .deployment(upgrade.from())
                .orElseThrow()
                .again(Target.newJob(), upgrade.savepoint()));
    deployments.write(takenBack);
    return takenBack;
  }

  /** A command of the schema's jar on the database of a job. */
  private void schema(Deployment deployment, String... command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Jdk.program("java"));
    line.add("-jar");
    line.add(
        (schemaJar == null
                ? Program.home().resolve("schema/target/candlestream-schema.jar")
                : schemaJar)
            .toString());
    line.addAll(List.of(command));
    line.add("--config=" + deployments.kept(deployment.config()));
    deployment.sets().forEach(set -> line.add("--set=" + set));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new SubmitException("the schema is not in order: " + said.strip());
    }
    said.lines().forEach(this::say);
  }

  private void say(String format, Object... values) {
    out.printf(format + "%n", values);
    out.flush();
  }
}

package io.candlestream.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.local.Program;
import io.candlestream.servers.Await;
import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
      "Upgrades a job that submit.sh has submitted: looks at the new jar and the schema, stops the"
          + " job with a savepoint, migrates the database, starts the new jar from the savepoint,"
          + " and waits until it runs and has committed. If it does not, the old jar is started"
          + " from the same savepoint. An upgrade that was interrupted goes on when it is run"
          + " again."
    })
public final class Upgrade implements Callable<Integer> {

  @Mixin private Target target;

  @Option(
      names = "--job",
      paramLabel = "ID",
      description = "The job; by default the only one that runs and was submitted by submit.sh.")
  private String job;

  @Option(
      names = "--even-if-unchanged",
      description =
          "Also replace a job that is this already, to have it read its passwords anew, for one.")
  private boolean evenIfUnchanged;

  @Option(
      names = "--schema-jar",
      paramLabel = "FILE",
      description = "Migrates the database; by default schema/target/candlestream-schema.jar.")
  private Path schemaJar;

  @Option(
      names = "--migrate-set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key of the job's configuration for the migration alone, where the job's user"
              + " may not migrate: database.user=…; repeatable.")
  private List<String> migrateSets = List.of();

  @Option(
      names = "--savepoints",
      paramLabel = "DIRECTORY",
      description =
          "Where the savepoint goes; by default execution.checkpointing.savepoint-dir of the"
              + " cluster.")
  private String savepoints;

  @Option(
      names = "--stop-within",
      paramLabel = "DURATION",
      defaultValue = "10m",
      converter = DurationOption.class,
      description = "How long the savepoint may take; by default ${DEFAULT-VALUE}.")
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

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    deployments = target.deployments();
    rest = target.rest();
    client = target.client(deployments);
    deployments.lock();

    Deployment next = target.deployment(deployments, options, null);
    try {
      Optional<UpgradeRecord> unfinished = unfinished();
      if (unfinished.isPresent()) {
        say("The upgrade of job %s that was interrupted goes on.", unfinished.get().from());
        if (goOn(unfinished.get()) == Program.FAILED) {
          return Program.FAILED;
        }
        job = unfinished.get().to().job();
      }
      Deployment old = running();
      boolean isUnchanged = next.doesTheSameAs(old);
      if (isUnchanged && (unfinished.isPresent() || !evenIfUnchanged)) {
        say("Job %s runs this already.", old.job());
        return 0;
      }
      return goOn(begin(old, next));
    } finally {
      deployments.removeUnused();
    }
  }

  /** The upgrade of this cluster, or of the job that is named, to go on with. */
  private Optional<UpgradeRecord> unfinished() throws IOException {
    List<UpgradeRecord> unfinished =
        deployments.unfinishedUpgrades().stream()
            .filter(upgrade -> upgrade.isAt(target.cluster()))
            .filter(upgrade -> job == null || upgrade.concerns(job))
            .toList();
    if (unfinished.size() > 1) {
      throw new SubmitException(
          "several upgrades were interrupted: say which is to go on by --job: "
              + String.join(", ", unfinished.stream().map(UpgradeRecord::from).toList()));
    }
    return unfinished.stream().findFirst();
  }

  /** The job to be upgraded. */
  private Deployment running() throws IOException, InterruptedException {
    List<Deployment> live = new ArrayList<>();
    for (String id : ClusterJob.live(rest).keySet()) {
      if (job == null || job.equals(id)) {
        deployments.deployment(id).ifPresent(live::add);
      }
    }
    if (live.isEmpty()) {
      throw new SubmitException(job == null ? noneRuns() : doesNotRun(new ClusterJob(rest, job)));
    }
    if (live.size() > 1) {
      throw new SubmitException(
          "several jobs run at %s: say which by --job: %s"
              .formatted(
                  rest.address(), String.join(", ", live.stream().map(Deployment::job).toList())));
    }
    ClusterJob only = new ClusterJob(rest, live.get(0).job());
    if (!only.runs()) {
      throw new SubmitException(
          "job %s does not run in all its parts, and so cannot be stopped with a savepoint%s"
              .formatted(
                  only.id(),
                  only.lastFailure().map(failure -> "; it failed last by " + failure).orElse("")));
    }
    return live.get(0);
  }

  private String noneRuns() throws IOException {
    // Those of this cluster were gone on with.
    return deployments.unfinishedUpgrades().stream()
        .findFirst()
        .map(
            elsewhere ->
                "no job runs at %s, but an upgrade at %s was interrupted; go on with it by --cluster %2$s"
                    .formatted(rest.address(), elsewhere.to().cluster()))
        .orElse(
            "no job runs at %s that %s knows; submit.sh submits one"
                .formatted(rest.address(), deployments.directory()));
  }

  private String doesNotRun(ClusterJob named) throws IOException, InterruptedException {
    if (deployments.deployment(named.id()).isEmpty()) {
      return "job %s is not one that submit.sh has submitted: %s does not know it"
          .formatted(named.id(), deployments.directory());
    }
    return "job %s does not run, but is %s; submit.sh goes on from where it was with --from %s"
        .formatted(
            named.id(),
            named.status().orElse("unknown to the cluster"),
            named.lastState().orElse("its newest savepoint or checkpoint"));
  }

  /** Looks at all that the upgrade needs, and writes down that it begins; changes nothing yet. */
  private UpgradeRecord begin(Deployment old, Deployment next)
      throws IOException, InterruptedException {
    String trigger = Target.newId();
    SavepointDirectory directory =
        SavepointDirectory.below(
            savepoints == null ? configuredSavepoints() : savepoints, old.job(), trigger);
    Migration migration =
        new Migration(
            deployments.keep(
                schemaJar == null
                    ? Program.home().resolve("schema/target/candlestream-schema.jar")
                    : schemaJar),
            migrateSets);
    client.check(next);
    schema(next, migration, "migrate", "--dry-run");
    UpgradeRecord upgrade = UpgradeRecord.begun(old, next, migration, trigger, directory.path());
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

  /**
   * Goes on from where an upgrade was, to its end.
   *
   * @return the exit code
   */
  private int goOn(UpgradeRecord begun) throws IOException, InterruptedException {
    try {
      return toTheEnd(begun);
    } catch (IOException interruption) {
      say("The upgrade is interrupted. Run this again: it goes on with it.");
      throw interruption;
    }
  }

  private int toTheEnd(UpgradeRecord begun) throws IOException, InterruptedException {
    UpgradeRecord upgrade = begun.isStopped() ? begun : stop(begun);
    say("Savepoint  %s", upgrade.savepoint());
    if (!upgrade.isTakenBack()) {
      try {
        upgrade = migrate(upgrade);
        start(upgrade.to());
        deployments.write(upgrade.finished());
        say(
            "It runs, and has committed, %.1f s after the savepoint.",
            (System.currentTimeMillis() - upgrade.stoppedAtMillis()) / 1e3);
        return 0;
      } catch (SubmitException failed) {
        say("The upgrade failed: %s", failed.getMessage());
        upgrade = takeBack(upgrade);
      }
    }
    return startOld(upgrade);
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
    UpgradeRecord stopped = upgrade.stopped(found.get(0), System.currentTimeMillis());
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
    Optional<String> status = old.status();
    if (status.isPresent() && !ClusterJob.ENDED.contains(status.get())) {
      old.stop(upgrade.trigger(), upgrade.savepointDirectory());
      return Optional.empty();
    }
    SavepointDirectory directory = new SavepointDirectory(upgrade.savepointDirectory());
    Optional<String> left = old.lastSavepoint().filter(directory::holds);
    if (left.isEmpty()) {
      left = directory.newest();
    }
    if (left.isEmpty()) {
      deployments.write(upgrade.finished());
      throw new SubmitException(
          ("job %s is %s, and no savepoint is found below %s; if there is one, or else from %s,"
                  + " start it again by submit.sh --from")
              .formatted(
                  old.id(),
                  status.orElse("unknown to the cluster"),
                  upgrade.savepointDirectory(),
                  old.lastState().orElse("its newest checkpoint")));
    }
    return left;
  }

  private UpgradeRecord migrate(UpgradeRecord upgrade) throws IOException, InterruptedException {
    if (upgrade.isMigrated()) {
      return upgrade;
    }
    schema(upgrade.to(), upgrade.migration(), "migrate");
    UpgradeRecord migrated = upgrade.migrated();
    deployments.write(migrated);
    return migrated;
  }

  /** Submits a job unless that was done before, and waits until it has proved itself. */
  private void start(Deployment deployment) throws IOException, InterruptedException {
    deployments.write(deployment);
    ClusterJob started = new ClusterJob(rest, deployment.job());
    started.submit(deployment, client);
    say("Job        %s", deployment.job());
    Arrival.await(started, target.patience());
  }

  /** Ends the new job, for the old one to run again. */
  private UpgradeRecord takeBack(UpgradeRecord upgrade) throws IOException, InterruptedException {
    ClusterJob failed = new ClusterJob(rest, upgrade.to().job());
    if (failed.status().isPresent() && !failed.hasEnded()) {
      failed.cancel();
      if (!Await.isTrueWithin(target.patience(), ClusterJob.BETWEEN_LOOKS, failed::hasEnded)) {
        throw new SubmitException(
            "job %s is not cancelled within %d s; run this again to go on"
                .formatted(failed.id(), target.patience().toSeconds()));
      }
    }
    return takenBack(upgrade);
  }

  private UpgradeRecord takenBack(UpgradeRecord upgrade) throws IOException {
    UpgradeRecord takenBack =
        upgrade.takenBackTo(
            deployments
                .deployment(upgrade.from())
                .orElseThrow()
                .again(Target.newId(), upgrade.savepoint()));
    deployments.write(takenBack);
    return takenBack;
  }

  private int startOld(UpgradeRecord takenBack) throws IOException, InterruptedException {
    UpgradeRecord upgrade = takenBack;
    ClusterJob before = new ClusterJob(rest, upgrade.back().job());
    if (before.hasEnded() && before.completedCheckpoints() == 0) {
      // An id is good for one job, and that one came to nothing.
      upgrade = takenBack(upgrade);
    }
    try {
      start(upgrade.back());
    } catch (SubmitException failed) {
      throw new SubmitException(
          ("the old version does not run again either: %s%nIts savepoint is %s; once the cause is"
                  + " removed, run this again")
              .formatted(failed.getMessage(), upgrade.savepoint()));
    }
    deployments.write(upgrade.finished());
    say("The old version runs again, from the savepoint, and has committed.");
    return Program.FAILED;
  }

  /** A command of the schema's jar on the database of a job. */
  private void schema(Deployment deployment, Migration migration, String... command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(Jdk.program("java"), "-jar", deployments.kept(migration.jar()).toString()));
    line.addAll(List.of(command));
    line.add("--config=" + deployments.kept(deployment.config()));
    deployment.sets().forEach(set -> line.add("--set=" + set));
    migration.sets().forEach(set -> line.add("--set=" + set));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new SubmitException(
          "the schema is not in order: " + deployments.aboutOriginals(said.strip()));
    }
    said.lines().forEach(out::println);
  }

  private void say(String format, Object... values) {
    out.printf(format + "%n", values);
    out.flush();
  }
}

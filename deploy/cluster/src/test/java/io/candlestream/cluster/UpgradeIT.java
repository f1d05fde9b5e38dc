package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.local.Program;
import io.candlestream.servers.Edition;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are submitted and upgraded under load, on a cluster of several processes. */
class UpgradeIT {

  private static final String WITHOUT_QUALITY =
      "quality: {price-spike: {enabled: false}, conflicting-duplicate: false}";

  @RegisterExtension static final Scene SCENE = new Scene(Edition.POSTGRES, Map.of());

  @TempDir private Path directory;

  /**
   * With stations that the old job did not have, and a migration that the job's own user may not
   * do.
   */
  @Test
  void anUpgradeLosesNothingAndDoublesNothing(Run run) throws Exception {
    run.feed(300);
    String asWriter = "--set=database.user=" + writer(run);
    Run.Said submitted =
        run.command(Submit.class, "--config=" + run.config(WITHOUT_QUALITY), asWriter);
    assertThat(submitted.exitCode()).as(submitted.text()).isZero();
    String first = run.running();
    run.awaitMoreRows();

    Run.Said upgraded =
        run.command(
            Upgrade.class,
            "--config=" + run.config(),
            asWriter,
            "--schema-jar=" + schemaWith("ALTER TABLE market_data ADD COLUMN of_next_release text"),
            "--migrate-set=database.user=" + Stack.USER);

    assertThat(upgraded.exitCode()).as(upgraded.text()).isZero();
    assertThat(run.query("SELECT count(of_next_release) FROM market_data")).isEqualTo("0");
    assertThat(run.running()).isNotEqualTo(first);
    run.followRunning();
    run.assertComplete();
    SCENE.survived("Upgraded: " + lastLine(upgraded), "1×");

    Run.Said again = run.command(Upgrade.class, "--config=" + run.config(), asWriter);
    assertThat(again)
        .isEqualTo(new Run.Said(0, "Job %s runs this already.%n".formatted(run.running())));
  }

  /** As some of the savepoint's state is of stations that the new job does not have. */
  @Test
  void anUpgradeThatFailsLeavesTheOldJobAtWork(Run run) throws Exception {
    run.feed(300).submit(Map.of());
    run.awaitMoreRows();

    Run.Said upgraded = run.command(Upgrade.class, "--config=" + run.config(WITHOUT_QUALITY));

    assertTakenBack(upgraded, "--ignore-unclaimed-state");
    run.followRunning();
    run.assertComplete();
    SCENE.survived("Upgrade that fails, taken back", "1×");
  }

  @Test
  @OnlyInTheWholeSet
  void aMigrationThatFailsLeavesTheOldJobAtWork(Run run) throws Exception {
    run.feed(300).submit(Map.of());
    run.awaitMoreRows();

    Run.Said upgraded =
        run.command(
            Upgrade.class,
            "--config=" + run.config(),
            "--even-if-unchanged",
            "--schema-jar=" + schemaWith("SELECT 1 / 0"));

    assertTakenBack(upgraded, "division by zero");
    run.followRunning();
    run.assertComplete();
    SCENE.survived("Upgrade whose migration fails, taken back", "1×");
  }

  /** How far an upgrade is, as everybody can see. */
  private enum Step {
    BEGUN,
    STOPPED,
    MIGRATED,
    /** Whose client lives on when it dies. */
    SUBMITTING,
    SUBMITTED,
    TAKEN_BACK,
    OLD_JOB_SUBMITTED;

    static final List<Step> OF_ONE_THAT_SUCCEEDS =
        List.of(BEGUN, STOPPED, MIGRATED, SUBMITTING, SUBMITTED);
    static final List<Step> OF_ONE_THAT_FAILS = List.of(values());

    boolean isReached(UpgradeRecord upgrade, Process program, FlinkRest cluster) throws Exception {
      return switch (this) {
        case BEGUN -> true;
        case STOPPED -> upgrade.isStopped();
        case MIGRATED -> upgrade.isMigrated();
        case SUBMITTING -> upgrade.isMigrated() && program.descendants().findAny().isPresent();
        case SUBMITTED -> new ClusterJob(cluster, upgrade.to().job()).status().isPresent();
        case TAKEN_BACK -> upgrade.isTakenBack();
        case OLD_JOB_SUBMITTED ->
            upgrade.isTakenBack()
                && new ClusterJob(cluster, upgrade.back().job()).status().isPresent();
      };
    }
  }

  @Test
  @OnlyInTheWholeSet
  void anUpgradeThatIsKilledAtEachStepGoesOn(Run run) throws Exception {
    run.feed(300).submit(Map.of());
    run.awaitMoreRows();
    String[] command = {"--config=" + run.config(), "--even-if-unchanged"};
    String first = run.running();

    for (Step step : Step.OF_ONE_THAT_SUCCEEDS) {
      killAt(step, run, command);
    }
    Run.Said upgraded = run.command(Upgrade.class, command);

    assertThat(upgraded.exitCode()).as(upgraded.text()).isZero();
    assertThat(run.running()).isNotEqualTo(first);
    run.followRunning();
    run.assertComplete();
    SCENE.survived("Upgrade killed at each step", Step.OF_ONE_THAT_SUCCEEDS.size() + "×");
  }

  @Test
  @OnlyInTheWholeSet
  void anUpgradeThatFailsAndIsKilledAtEachStepIsTakenBack(Run run) throws Exception {
    run.feed(300).submit(Map.of());
    run.awaitMoreRows();
    String config = "--config=" + run.config(WITHOUT_QUALITY);

    for (Step step : Step.OF_ONE_THAT_FAILS) {
      killAt(step, run, config);
    }
    Run.Said upgraded = run.command(Upgrade.class, config);

    assertThat(upgraded.exitCode()).as(upgraded.text()).isEqualTo(1);
    run.followRunning();
    run.assertComplete();
    SCENE.survived(
        "Upgrade that fails killed at each step, taken back", Step.OF_ONE_THAT_FAILS.size() + "×");
  }

  /** Runs an upgrade, or goes on with it, until it has taken a step, and no further. */
  private void killAt(Step step, Run run, String... arguments) throws Exception {
    Path output = directory.resolve(step + ".out");
    Process program = run.startCommand(Upgrade.class, output, arguments);
    run.await(
        step.toString(),
        () -> {
          assertThat(program.isAlive()).as(step + ": " + Files.readString(output)).isTrue();
          List<UpgradeRecord> upgrades = run.deployments().unfinishedUpgrades();
          return !upgrades.isEmpty()
              && step.isReached(upgrades.get(0), program, SCENE.stack().flink().rest());
        });
    // Itself, and none of those that it has started.
    program.destroyForcibly();
    assertThat(program.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(run.deployments().unfinishedUpgrades()).as(step + " is too late").isNotEmpty();
    assertThat(run.allRunning()).as("jobs after " + step).hasSizeLessThan(2);
  }

  private static void assertTakenBack(Run.Said upgraded, String because) {
    assertThat(upgraded.exitCode()).as(upgraded.text()).isEqualTo(1);
    assertThat(upgraded.text())
        .contains("The upgrade failed: ", because)
        .endsWith(
            "The old version runs again, from the savepoint, and has committed.%n".formatted());
  }

  private static String lastLine(Run.Said said) {
    return said.text().lines().reduce("", (all, last) -> last);
  }

  /** A user who may do what the job does, and not migrate. */
  private static String writer(Run run) throws Exception {
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE ROLE upgrade_writer LOGIN PASSWORD '%s' IN ROLE candlestream_writer"
              .formatted(Stack.PASSWORD));
    }
    return "upgrade_writer";
  }

  /** The schema's jar with one more migration. */
  private Path schemaWith(String sql) throws Exception {
    Path jar =
        Files.copy(
            Program.home().resolve("schema/target/candlestream-schema.jar"),
            directory.resolve("next-schema.jar"));
    try (FileSystem content = FileSystems.newFileSystem(jar)) {
      Files.writeString(content.getPath("db/migration/V1000__of_the_next_release.sql"), sql);
    }
    return jar;
  }
}

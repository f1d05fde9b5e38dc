package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import io.candlestream.servers.ServerProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes of Flink that die, and state that is lost. */
class FlinkFaultsIT {

  @RegisterExtension
  static final Scene SCENE =
      new Scene(Edition.POSTGRES, Map.of("high-availability.type", "zookeeper"));

  /** Each time, ticks were counted that no checkpoint holds. */
  @Test
  void taskManagersMayBeKilledAtAnyTime(Run run) throws Exception {
    int times = Faults.times(1, 20);
    run.feed(500).submit(Map.of());
    Random random = new Random(7);
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
      run.await(
          "ticks that no checkpoint holds",
          () -> run.counted().orElse(0L) > SCENE.stack().kafka().committed(run.name()));

      ServerProcess killed = SCENE.stack().flink().taskManagers().get(0);
      killed.kill();
      SCENE.stack().flink().startTaskManager();
    }
    run.awaitMoreRows();
    run.assertComplete();
    assertThat(run.restarts()).isGreaterThanOrEqualTo(times);
    SCENE.survived("TaskManager killed, with ticks in flight", times + "×");
  }

  @Test
  void theJobManagerMayBeKilled(Run run) throws Exception {
    int times = Faults.times(1, 5);
    run.feed(500).submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      SCENE.stack().flink().jobManager().orElseThrow().kill();
      SCENE.stack().flink().startJobManager();
      run.await("the job's return", () -> run.clusterJob().runs());
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("JobManager killed, highly available", times + "×");
  }

  /**
   * The database has done the COMMIT, the writer does not know, and the checkpoint waits for it.
   */
  @Test
  @OnlyInTheWholeSet
  void aKillBetweenCommitAndCheckpointChangesNothing(Run run) throws Exception {
    int times = 10;
    run.feed(500).submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      SCENE.stack().postgresProxy().holdAnswers();
      run.await("a checkpoint that waits", () -> run.checkpointsUnderWay() > 0);
      SCENE.stack().flink().taskManagers().get(0).kill();
      SCENE.stack().postgresProxy().release();
      SCENE.stack().flink().startTaskManager();
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("TaskManager killed between COMMIT and checkpoint", times + "×");
  }

  @Test
  @OnlyInTheWholeSet
  void aJobMayBeScaledUpAndDown(Run run) throws Exception {
    run.feed(500).submit(Map.of("parallelism.default", "1"));
    for (String parallelism : List.of("2", "1")) {
      run.awaitMoreRows();
      run.submitFrom(run.stopWithSavepoint(), Map.of("parallelism.default", parallelism));
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Rescaled from savepoints: parallelism 1, 2, 1", "2×");
  }

  @Test
  @OnlyInTheWholeSet
  void whatIsNotThereIsNoFreshStart(Run run) throws Exception {
    run.feed(500).submit(Map.of());
    run.awaitMoreRows();
    Path savepoint = Path.of(URI.create(run.stopWithSavepoint()));
    String rows = run.query("SELECT count(*) FROM market_data");

    Path missing = savepoint.resolveSibling("missing");
    assertFailsLoudly(missing, run);

    Path metadata = savepoint.resolve("_metadata");
    byte[] whole = Files.readAllBytes(metadata);
    Files.write(metadata, Arrays.copyOf(whole, whole.length / 2));
    assertFailsLoudly(savepoint, run);
    assertThat(run.query("SELECT count(*) FROM market_data")).isEqualTo(rows);

    Files.write(metadata, whole);
    run.submitFrom(savepoint.toUri().toString(), Map.of());
    run.assertComplete();
    SCENE.survived("Savepoint missing or corrupt: refused, and none lost", "2×");
  }

  private static void assertFailsLoudly(Path savepoint, Run run) throws Exception {
    Run.Said said =
        run.command(Submit.class, "--config=" + run.config(), "--from=" + savepoint.toUri());
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    assertThat(said.text()).contains(savepoint.toString());
    assertThat(run.allRunning()).as("jobs that began afresh").isEmpty();
  }
}

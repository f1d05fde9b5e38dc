package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import io.candlestream.servers.ServerProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes of Flink that die, and state that is lost. */
class FlinkFaultsIT {

  private static Stack stack;
  private Run run;
  private long begun;

  @BeforeAll
  static void start() throws Exception {
    stack =
        Stack.start(
            Edition.POSTGRES,
            Map.of(
                "high-availability.type",
                "zookeeper",
                "high-availability.zookeeper.quorum",
                "127.0.0.1:" + Stack.freePort(),
                "high-availability.zookeeper.client.session-timeout",
                "4000",
                "high-availability.storageDir",
                Files.createTempDirectory("candlestream-ha-").toUri().toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    begun = System.nanoTime();
    run = Run.on(stack).feed(20, 500, 60);
  }

  @AfterEach
  void end() throws Exception {
    if (run != null) {
      run.close();
    }
  }

  /** Each time, ticks were counted that no checkpoint holds. */
  @Test
  void taskManagersMayBeKilledAtAnyTime() throws Exception {
    int times = Faults.times(1, 20);
    run.submit(Map.of());
    Random random = new Random(7);
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
      run.await(
          "ticks that no checkpoint holds",
          () -> run.counted().orElse(0L) > stack.kafka().committed(run.name()));

      ServerProcess killed = stack.flink().taskManagers().get(0);
      killed.kill();
      stack.flink().startTaskManager();
    }
    run.awaitMoreRows();
    run.assertComplete();
    assertThat(run.restarts()).isGreaterThanOrEqualTo(times);
    survived("TaskManager killed, with ticks in flight", times);
  }

  @Test
  void theJobManagerMayBeKilled() throws Exception {
    int times = Faults.times(1, 5);
    run.submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      stack.flink().jobManager().orElseThrow().kill();
      stack.flink().startJobManager();
      run.await("the job's return", () -> run.clusterJob().runs());
    }
    run.awaitMoreRows();
    run.assertComplete();
    survived("JobManager killed, highly available", times);
  }

  /**
   * The database has done the COMMIT, the writer does not know, and the checkpoint waits for it.
   */
  @Test
  @OnlyInTheWholeSet
  void aKillBetweenCommitAndCheckpointChangesNothing() throws Exception {
    int times = Faults.times(1, 10);
    run.submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      stack.postgresProxy().holdAnswers();
      run.await("a checkpoint that waits", () -> run.clusterJob().checkpointsUnderWay() > 0);
      stack.flink().taskManagers().get(0).kill();
      stack.postgresProxy().release();
      stack.flink().startTaskManager();
    }
    run.awaitMoreRows();
    run.assertComplete();
    survived("TaskManager killed between COMMIT and checkpoint", times);
  }

  @Test
  @OnlyInTheWholeSet
  void whatIsNotThereIsNoFreshStart() throws Exception {
    run.submit(Map.of());
    run.awaitMoreRows();
    Path savepoint = Path.of(URI.create(run.stopWithSavepoint()));
    String rows = run.query("SELECT count(*) FROM market_data");

    Path missing = savepoint.resolveSibling("missing");
    assertFailsLoudly(missing);

    Path metadata = savepoint.resolve("_metadata");
    byte[] whole = Files.readAllBytes(metadata);
    Files.write(metadata, Arrays.copyOf(whole, whole.length / 2));
    assertFailsLoudly(savepoint);
    assertThat(run.query("SELECT count(*) FROM market_data")).isEqualTo(rows);

    Files.write(metadata, whole);
    run.submitFrom(savepoint.toUri().toString(), Map.of());
    run.assertComplete();
    survived("Savepoint missing or corrupt: refused, and none lost", 2);
  }

  private void assertFailsLoudly(Path savepoint) throws Exception {
    String before = run.clusterJob().id();
    Run.Said said =
        run.command(Submit.class, "--config=" + run.config(), "--from=" + savepoint.toUri());
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    assertThat(said.text()).contains(savepoint.toString());
    assertThat(run.clusterJob().id()).isEqualTo(before);
  }

  private void survived(String fault, int times) throws Exception {
    Faults.survived(fault, times + "×", run, Duration.ofNanos(System.nanoTime() - begun));
  }
}

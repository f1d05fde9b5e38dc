package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import io.candlestream.servers.Freezing;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Databases that crash, hang, are in others' hands, or are far away. */
class DatabaseFaultsIT {

  @RegisterExtension static final Scene SCENE = new Scene(Edition.POSTGRES, Map.of());

  @Test
  void theServerMayCrash(Run run) throws Exception {
    int times = Faults.times(1, 10);
    run.feed(500).submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      SCENE.stack().postgres().crash();
      SCENE.stack().postgres().startAgain();
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("PostgreSQL stopped, immediate", times + "×");
  }

  /** The job waits, and what it holds meanwhile is bounded. */
  @Test
  @OnlyInTheWholeSet
  void theServerMayFreeze(Run run) throws Exception {
    int seconds = 60;
    run.feed(500).submit(Map.of());
    run.awaitMoreRows();
    List<ProcessHandle> server = SCENE.stack().postgres().processes();
    long mostHeap = 0;
    try {
      Freezing.freeze(server);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() < end) {
        mostHeap = Math.max(mostHeap, run.heapOfTaskManagers());
        TimeUnit.MILLISECONDS.sleep(200);
      }
      assertThat(run.isBackPressured()).isTrue();
    } finally {
      Freezing.thaw(server);
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived(
        "PostgreSQL frozen; heap at most %d MB".formatted(mostHeap >> 20), seconds + " s");
  }

  /** Its tasks end by themselves, before Flink would give up the TaskManager with all its jobs. */
  @Test
  @OnlyInTheWholeSet
  void aJobMayBeCancelledWhileTheServerHangs(Run run) throws Exception {
    run.feed(500).submit(Map.of());
    run.awaitMoreRows();
    List<ProcessHandle> server = SCENE.stack().postgres().processes();
    Duration time;
    try {
      Freezing.freeze(server);
      // A statement has been given up, so that now the login of a new connection waits.
      run.await("an error", () -> run.databaseErrors() > 0);
      long begun = System.nanoTime();
      run.clusterJob().cancel();
      run.await("the job's end", () -> run.clusterJob().hasEnded());
      time = Duration.ofNanos(System.nanoTime() - begun);
    } finally {
      Freezing.thaw(server);
    }
    assertThat(time).isLessThan(Duration.ofSeconds(90));
    SCENE.survived(
        "Job cancelled while PostgreSQL is frozen: ends after %d s".formatted(time.toSeconds()),
        "1×");
  }

  /** A batch is one statement that commits itself. */
  @Test
  void theAnswerToACommitMayBeLost(Run run) throws Exception {
    int times = Faults.times(1, 30);
    run.feed(500).submit(Map.of());
    for (int time = 0; time < times; time++) {
      run.awaitMoreRows();
      SCENE.stack().postgresProxy().loseAnswersTo("INSERT INTO market_data", 1);
      run.await("a lost answer", () -> SCENE.stack().postgresProxy().answersToLose() == 0);
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Answer to a batch lost that was committed", times + "×");
  }

  /** Rows locked in another order, and the whole table for longer than a writer waits. */
  @Test
  @OnlyInTheWholeSet
  void anotherSessionMayBeInTheWay(Run run) throws Exception {
    int deadlocks = 20;
    run.showingOpenCandles().feed(500).submit(Map.of());
    run.awaitMoreRows();
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> lockRowsUntil(deadlocks, run));
    other.get(5, TimeUnit.MINUTES);
    assertThat(deadlocks(run)).isGreaterThanOrEqualTo(deadlocks);
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE market_data IN ACCESS EXCLUSIVE MODE");
      TimeUnit.SECONDS.sleep(30);
      connection.rollback();
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Deadlocks with another session, then the table locked", deadlocks + "×");
  }

  private static int deadlocks(Run run) throws SQLException {
    return run.number(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = '%s'".formatted(run.name()));
  }

  /**
   * First a candle that is written soon again, but hardly as the first of its batch, so that a
   * writer waits for it; then those that this has written before.
   */
  private static void lockRowsUntil(int enough, Run run) {
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // So that it is the writer who finds the deadlock, and gives way.
      statement.execute("SET deadlock_timeout = '10s'");
      connection.commit();
      while (deadlocks(run) < enough) {
        statement.execute(
            """
            SELECT FROM market_data WHERE NOT closed
            ORDER BY "timestamp" DESC, trades DESC OFFSET 5 LIMIT 1
            FOR UPDATE
            """);
        run.await("a writer that waits", () -> writersThatWait(run) > 0);
        statement.execute(
            """
            SELECT FROM market_data
            WHERE "timestamp" > (SELECT max("timestamp") - INTERVAL '10 seconds' FROM market_data)
            FOR UPDATE
            """);
        connection.rollback();
      }
    } catch (Exception e) {
      throw new IllegalStateException("the other session has failed", e);
    }
  }

  private static int writersThatWait(Run run) throws SQLException {
    return run.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  }

  @Test
  @OnlyInTheWholeSet
  void theWayThereMayBeSlowOrHalfOpen(Run run) throws Exception {
    run.feed(500).submit(Map.of());
    run.awaitMoreRows();
    int seconds = 90;
    run.endure(SCENE.stack().postgresProxy(), Duration.ofMillis(100), Duration.ofSeconds(seconds));
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Way to PostgreSQL slow, then silent", seconds + " s");
  }
}

package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

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

  @RegisterExtension static final Scene SCENE = new Scene(500, Map.of());

  @Test
  void theServerMayCrash(Run run) throws Exception {
    int times = Faults.times(1, 10);
    run.submit(Map.of());
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
    int seconds = Faults.times(10, 60);
    run.submit(Map.of());
    run.awaitMoreRows();
    List<ProcessHandle> server = SCENE.stack().postgres().processes();
    Freezing.freeze(server);
    long mostHeap = 0;
    try {
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

  /** A batch is one statement that commits itself. */
  @Test
  void theAnswerToACommitMayBeLost(Run run) throws Exception {
    int times = Faults.times(1, 30);
    run.submit(Map.of());
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
    int deadlocks = Faults.times(1, 20);
    // The candles that are still open are written again and again.
    run.submit(Map.of(), "candles: {live-every: 200ms}");
    run.awaitMoreRows();
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> lockRowsUntil(deadlocks, run));
    run.await("deadlocks", () -> deadlocks(run) >= deadlocks);
    other.get(1, TimeUnit.MINUTES);
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE market_data IN ACCESS EXCLUSIVE MODE");
      TimeUnit.SECONDS.sleep(Faults.times(1, 30));
      connection.rollback();
    }
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Deadlocks with another session, then the table locked", deadlocks + "×");
  }

  private static int deadlocks(Run run) throws SQLException {
    return Integer.parseInt(
        run.query(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = '%s'".formatted(run.name())));
  }

  /** The newest candles of two instruments, the later first, as a writer never does. */
  private static void lockRowsUntil(int enough, Run run) {
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // So that it is the writer who finds the deadlock, and gives way.
      statement.execute("SET deadlock_timeout = '10s'");
      while (deadlocks(run) < enough) {
        for (String order : List.of("DESC", "ASC")) {
          statement.execute(
              """
              SELECT FROM market_data
              WHERE "timestamp" = (SELECT max("timestamp") FROM market_data)
              ORDER BY symbol %s LIMIT 1 FOR UPDATE
              """
                  .formatted(order));
          TimeUnit.MILLISECONDS.sleep(500);
        }
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the other session has failed", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the other session", e);
    }
  }

  @Test
  @OnlyInTheWholeSet
  void theWayThereMayBeSlowOrHalfOpen(Run run) throws Exception {
    run.submit(Map.of());
    run.awaitMoreRows();
    SCENE.stack().postgresProxy().slowDown(Duration.ofMillis(100));
    run.awaitMoreRows();
    SCENE.stack().postgresProxy().slowDown(Duration.ZERO);
    int seconds = Faults.times(5, 90);
    SCENE.stack().postgresProxy().hold();
    TimeUnit.SECONDS.sleep(seconds);
    SCENE.stack().postgresProxy().release();
    run.awaitMoreRows();
    run.assertComplete();
    SCENE.survived("Way to PostgreSQL slow, then silent", seconds + " s");
  }
}

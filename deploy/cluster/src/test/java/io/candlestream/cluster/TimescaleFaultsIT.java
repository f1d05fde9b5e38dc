package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What TimescaleDB does by itself while candles come in. */
@OnlyInTheWholeSet
class TimescaleFaultsIT {

  @RegisterExtension static final Scene SCENE = new Scene(Edition.COMMUNITY, Map.of());

  @Test
  void theColumnstoreAndRefreshesMayBeAtWork(Run run) throws Exception {
    int rounds = 20;
    // All candles that come in belong to chunks of the columnstore's.
    run.migrate("schema: {columnstore: {after: 1h}}");
    run.feed(20, 500, Duration.ofDays(10)).submit(Map.of());
    int runs = 0;
    for (int round = 0; round < rounds; round++) {
      run.awaitMoreRows();
      runs += runAllPolicies(run);
    }
    assertThat(
            run.query(
                """
                SELECT bool_and(is_compressed) FROM timescaledb_information.chunks
                WHERE hypertable_name = 'market_data'
                """))
        .as("all candles are in the columnstore")
        .isEqualTo("t");
    run.awaitMoreRows();
    run.assertComplete();
    runAllPolicies(run);
    assertThat(run.query("SELECT sum(trades) FROM market_data_1h"))
        .isEqualTo(run.query("SELECT sum(trades) FROM market_data"));
    SCENE.survived(
        "Columnstore and refreshes (TimescaleDB Community) during upserts of the same candles",
        runs + " runs");
  }

  /** Returns how many there are. */
  private static int runAllPolicies(Run run) throws SQLException {
    List<Integer> policies = new ArrayList<>();
    try (Connection connection = run.connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet jobs =
          statement.executeQuery(
              """
              SELECT job_id FROM timescaledb_information.jobs
              WHERE proc_name IN ('policy_compression', 'policy_refresh_continuous_aggregate')
              ORDER BY job_id
              """)) {
        while (jobs.next()) {
          policies.add(jobs.getInt(1));
        }
      }
      for (int policy : policies) {
        run(policy, statement);
      }
    }
    return policies.size();
  }

  /** One that fails, as in a deadlock with an upsert, is run again, as TimescaleDB does. */
  private static void run(int policy, Statement statement) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        statement.execute("CALL run_job(%d)".formatted(policy));
        return;
      } catch (SQLException e) {
        if (attempt == 5) {
          throw e;
        }
        System.out.printf("Policy %d, attempt %d: %s%n", policy, attempt, e.getMessage());
      }
    }
  }
}

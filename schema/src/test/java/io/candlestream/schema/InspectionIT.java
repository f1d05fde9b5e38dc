package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every fault is made for real, and told; mended, all is well again. */
class InspectionIT {
  private static final String CANDLE =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      VALUES ('A', 'x', date_bin('1 minute', now() - INTERVAL '%s', 'epoch'), 1, 1, 1, 1, 1, 0, 1, 1, 1)
      """;

  @ParameterizedTest
  @EnumSource
  void allIsWellAfterAMigrationAndACandle(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      assertThat(wrong(check(database)))
          .containsExactly(
              "migrations: 1 create settings: Pending, 2 add timescaledb: Pending, 3 create market"
                  + " data: Pending, 4 create rejected ticks: Pending, 5 create market data"
                  + " aggregates: Pending, 6 create timeframe indicators: Pending, 7 create reader"
                  + " functions: Pending, 8 create refresh candles: Pending, 9 create operations"
                  + " views: Pending, 10 create rejected rows: Pending, 11 create data quality"
                  + " events: Pending, 12 create job progress: Pending, 13 note replayed rejects:"
                  + " Pending, 14 create trade history: Pending, 15 create portfolio: Pending, 16"
                  + " create sentiment data: Pending: run migrate");

      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));

      assertThat(wrong(check(database))).isEmpty();
      assertThat(wrong(health(database))).isEmpty();
      assertThat(health(database))
          .extracting(Finding::subject)
          .containsExactly(
              "connection",
              "edition",
              "migrations",
              edition == Edition.COMMUNITY ? "jobs" : "retention",
              "refused rows",
              "freshness");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsThatWaitAreCountedAndAreNoFailure(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute(
          """
          INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason, resolved_at)
          VALUES
            ('market_data', '{"a": 1}', 'epoch', '{"a": 1}', '23514', 'any', NULL),
            ('market_data', '{"a": 2}', 'epoch', '{"a": 2}', '23514', 'any', now()),
            ('market_data', '{"a": 3}', '2024-08-08Z', '{"a": 3}', '23514', 'any', NULL),
            ('indicators_1h', '{"a": 3}', '2024-08-08Z', '{"a": 3}', '23514', 'any', NULL)
          """);

      assertThat(health(database))
          .contains(
              Finding.well(
                  "refused rows",
                  "1 of indicators_1h, 2 of market_data wait in rejected_rows: see their reason,"
                      + " remove it, and CALL replay_rejected_rows()"));
    }
  }

  @Test
  void missingAndForeignPoliciesAreNamed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute("SELECT remove_retention_policy('market_data_1h')");
      database.execute("SELECT add_retention_policy('rejected_ticks', INTERVAL '1 day')");
      database.execute(
          "SELECT alter_job(job_id, schedule_interval => '7 h') FROM ops.jobs"
              + " WHERE policy = 'columnstore' AND relation = 'market_data'");

      assertThat(wrong(check(database)))
          .containsExactly(
              "columnstore market_data: compress_after 7d, every 7h; configured are compress_after"
                  + " 7d, every 12h: run migrate",
              "retention market_data_1h: missing; configured are drop_after 365d, every 1d: run"
                  + " migrate",
              "retention rejected_ticks: drop_after 1d, every 1d; configured is none: run migrate");

      database.migrations().migrate();
      assertThat(wrong(check(database))).isEmpty();
    }
  }

  @Test
  void unsafeWindowsAreNamed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      alter(database, "refresh", "market_data_5m", "{\"start_offset\": \"29 days 1 minute\"}");
      alter(database, "refresh", "market_data_15m", "{\"start_offset\": null}");
      alter(database, "refresh", "market_data_1h", "{\"end_offset\": \"1 hour\"}");
      alter(database, "refresh", "sentiment_data_1h", "{\"start_offset\": \"360 days\"}");
      alter(database, "refresh", "sentiment_data_1d", "{\"end_offset\": \"1 day\"}");
      alter(database, "columnstore", "market_data", "{\"compress_after\": \"5 minutes\"}");

      assertThat(wrong(check(database)))
          .filteredOn(line -> !line.contains("configured are"))
          .containsExactly(
              "window of market_data_5m: a refresh reaches back 29d 1m, and candles are dropped"
                  + " after 30d: it would empty the aggregate there; at most 29d is safe: run"
                  + " migrate",
              "window of market_data_15m: a refresh reaches back without end, and candles are"
                  + " dropped after 30d: it would empty the aggregate there; at most 29d is safe:"
                  + " run migrate",
              "window of market_data_1h: a refresh ends 1h ago, while candles of the last 1h 5m 5s"
                  + " can still be corrected: run migrate",
              "window of sentiment_data_1h: a refresh reaches back 360d, and items are dropped"
                  + " after 365d: it would empty the aggregate there; at most 358d is safe: run"
                  + " migrate",
              "window of sentiment_data_1d: a refresh ends 1d ago, while items of the last 2d 1h 5s"
                  + " can still come: run migrate",
              "columnstore after lateness: candles go to the columnstore after 5m, and can be"
                  + " corrected for 5m 5s: run migrate");

      database.migrations().migrate();
      assertThat(wrong(check(database))).isEmpty();
    }
  }

  @Test
  void longerLatenessMakesTheWindowsUnsafeUntilTheNextMigrate() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();

      assertThat(wrong(Inspection.of(database.config("time.allowed-lateness=10m")).check()))
          .contains(
              "window of market_data_5m: a refresh ends 10m 5s ago, while candles of the last 15m"
                  + " 5s can still be corrected: run migrate");
    }
  }

  @Test
  void longerRetentionDoesNotBringBackWhatWasDropped() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.runPolicy("retention", "market_data");
      String[] longer = {"schema.retention.base=60d", "schema.refresh.start-offset=58d"};
      database.migrations(longer).migrate();

      assertThat(wrong(Inspection.of(database.config(longer)).check()))
          .singleElement()
          .asString()
          .startsWith(
              "dropped earlier: a refresh reaches back 58d, but candles older than 30d were"
                  + " dropped before");
    }
  }

  @Test
  void failingAndPausedJobsAreNamed() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute(CANDLE.formatted("3 days"));
      database.execute(
          "CREATE OR REPLACE FUNCTION vwap(turnover numeric, volume numeric) RETURNS numeric"
              + " LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RAISE EXCEPTION 'out of order'; END"
              + " $$");
      assertThat(database.runPolicy("refresh", "market_data_1h")).isEqualTo("Failed");
      database.execute(
          "SELECT alter_job(job_id, scheduled => false) FROM ops.jobs"
              + " WHERE policy = 'retention' AND relation = 'market_data'");

      assertThat(wrong(health(database)))
          .satisfiesExactly(
              paused ->
                  assertThat(paused).startsWith("retention market_data: paused: SELECT alter_job("),
              failing ->
                  assertThat(failing)
                      .matches(
                          "refresh market_data_1h: failed \\d+ times, and said: (?!what the"
                              + " owner).+; see ops.jobs"));
    }
  }

  @Test
  void pausedPolicyIsNamed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(
          "SELECT alter_job(job_id, scheduled => false) FROM ops.jobs"
              + " WHERE policy = 'retention' AND relation = 'market_data'");

      assertThat(wrong(check(database)))
          .singleElement()
          .asString()
          .startsWith("retention market_data: paused: SELECT alter_job(");
    }
  }

  @Test
  void jobsThatNobodyRunsAreNamed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute("SELECT _timescaledb_functions.stop_background_workers()");
      database.execute(
          "SELECT alter_job(job_id, next_start => now() - INTERVAL '90 minutes') FROM ops.jobs"
              + " WHERE policy = 'refresh' AND relation = 'market_data_1h'");

      assertThat(wrong(health(database)))
          .containsExactly(
              "refresh market_data_1h: should have run 01:30:00 ago: are TimescaleDB's background"
                  + " workers at work?");
    }
  }

  @Test
  void jobThatIsJustRunningIsWell() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY);
        Connection blocker = database.connect();
        Statement lock = blocker.createStatement()) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE _timescaledb_catalog.continuous_aggs_invalidation_threshold");
      // As in a database that was migrated long ago, whose jobs have run.
      database.execute(
          "UPDATE _timescaledb_config.bgw_job SET initial_start = now() - INTERVAL '10 days' WHERE"
              + " id >= 1000");
      database.execute(
          "SELECT alter_job(job_id, next_start => now()) FROM ops.jobs"
              + " WHERE policy = 'refresh' AND relation = 'market_data_1h'");
      String running =
          "SELECT job_id FROM timescaledb_information.job_stats WHERE job_status = 'Running'";
      while (database.rows(running).isEmpty()) {
        Thread.sleep(20);
      }

      assertThat(wrong(health(database))).noneMatch(line -> line.contains("market_data_1h"));
      assertThat(database.rows(running)).as("all the while").isNotEmpty();
      blocker.rollback();
    }
  }

  @Test
  void aggregateThatShowsNothingNewIsNamed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      String real =
          "ALTER MATERIALIZED VIEW market_data_1h SET (timescaledb.materialized_only = %s)";
      database.execute(real.formatted(true));

      assertThat(wrong(check(database)))
          .singleElement()
          .asString()
          .startsWith("real-time aggregates: market_data_1h shows nothing newer")
          .endsWith(real.formatted(false));

      database.execute(real.formatted(false));
      assertThat(wrong(check(database))).isEmpty();
    }
  }

  @Test
  void lockedTableIsToldInTime() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
        Connection blocker = database.connect();
        Statement lock = blocker.createStatement()) {
      database.migrations().migrate();
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE market_data IN ACCESS EXCLUSIVE MODE");

      assertThat(wrong(health(database)))
          .singleElement()
          .asString()
          .contains("does not answer in time")
          .contains("statement timeout");
    }
  }

  @Test
  void otherSearchPathChangesNothing() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute("ALTER DATABASE %s SET search_path = elsewhere".formatted(database.name()));

      assertThat(wrong(health(database))).isEmpty();
      assertThat(wrong(check(database))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void migrationThatIsNotOursIsNamed(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute("UPDATE candlestream_schema_history SET checksum = 7 WHERE version = '7'");

      assertThat(wrong(check(database)))
          .singleElement()
          .asString()
          .isEqualTo(
              "migrations: 7 create reader functions: was another text: use the version that"
                  + " migrated this database, or a later one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void pendingMigrationIsNamed(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute("DELETE FROM candlestream_schema_history WHERE version = '16'");

      String pending = "migrations: 16 create sentiment data: Pending: run migrate";
      assertThat(wrong(check(database))).containsExactly(pending);
      assertThat(wrong(health(database))).containsExactly(pending);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void extensionOlderThanSupportedIsNamed(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      // Without its library, sessions know no better than that the extension is this old.
      String unloaded = database.url() + "?options=-c%20timescaledb.disable_load=on";
      try (Connection connection =
              DriverManager.getConnection(unloaded, database.user(), database.password());
          Statement statement = connection.createStatement()) {
        statement.execute(
            "UPDATE pg_extension SET extversion = '2.9.3' WHERE extname = 'timescaledb'");
      }

      String old =
          "edition: TimescaleDB 2.9.3 is older than 2.18: ALTER EXTENSION timescaledb UPDATE, as a"
              + " session's first statement";
      Inspection inspection = Inspection.of(database.config("database.url=" + unloaded));
      assertThat(wrong(inspection.check())).containsExactly(old);
      assertThat(wrong(inspection.health())).containsExactly(old);
    }
  }

  @ParameterizedTest
  @EnumSource
  void staleFeedIsNamed(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      assertThat(wrong(health(database)))
          .containsExactly("freshness: no candle yet: is the job running?");

      database.execute(CANDLE.formatted("3 hours"));

      assertThat(wrong(health(database)))
          .singleElement()
          .asString()
          .matches(
              "freshness: the newest candle ended (02:59|03:00):\\d\\d ago, more than"
                  + " schema.stale-after: 15m: see ops.freshness, and whether the job runs");
      assertThat(wrong(Inspection.of(database.config("schema.stale-after=0")).health())).isEmpty();
      database.execute(CANDLE.formatted("3 minutes"));
      assertThat(wrong(health(database))).isEmpty();
    }
  }

  @Test
  void databaseThatCannotBeReachedIsUnhealthy() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      assertThat(wrong(Inspection.of(database.config("database.password=wrong")).health()))
          .singleElement()
          .asString()
          .startsWith("connection: PostgreSQL at ")
          .contains("refuses role")
          .doesNotContain("wrong:");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE", "POSTGRES"})
  void overdueRetentionIsNamedUntilMaintain(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(CANDLE.formatted("2 minutes"));
      database.execute(CANDLE.formatted("2560 days"));

      assertThat(wrong(health(database)))
          .singleElement()
          .asString()
          .startsWith(
              "retention: candles are to be dropped after 2555d, but the oldest is of 2560 days");

      Maintenance.of(database.config()).run();
      assertThat(wrong(health(database))).isEmpty();
    }
  }

  private static void alter(TestDatabase database, String policy, String relation, String settings)
      throws SQLException {
    database.execute(
        "SELECT alter_job(j.job_id, config => j.config || '%s') FROM timescaledb_information.jobs j"
                .formatted(settings)
            + " JOIN ops.jobs o USING (job_id) WHERE o.policy = '%s' AND o.relation = '%s'"
                .formatted(policy, relation));
  }

  private static List<Finding> check(TestDatabase database) {
    return Inspection.of(database.config()).check();
  }

  private static List<Finding> health(TestDatabase database) {
    return Inspection.of(database.config()).health();
  }

  private static List<String> wrong(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> !finding.isWell())
        .map(finding -> finding.subject() + ": " + finding.detail())
        .toList();
  }
}

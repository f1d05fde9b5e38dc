package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoliciesIT {
  private static final String JOBS =
      """
      SELECT policy, relation, schedule_interval, settings
      FROM ops.jobs
      WHERE relation IN (
        'market_data', 'market_data_1d', 'indicators_5m', 'rejected_ticks', 'rejected_rows', 'trade_history',
        'portfolio_snapshots', 'sentiment_data', 'sentiment_data_1h', 'sentiment_data_1d')
      ORDER BY relation, policy
      """;

  @Test
  void policiesAreThoseOfTheConfiguration() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      MigrationResult first = database.migrations().migrate();

      assertThat(first.policies()).hasSize(31);
      assertThat(database.rows(JOBS))
          .containsExactly(
              "columnstore|indicators_5m|12:00:00|{\"compress_after\": \"7 days\"}",
              "retention|indicators_5m|1 day|{\"drop_after\": \"90 days\"}",
              "columnstore|market_data|12:00:00|{\"compress_after\": \"7 days\"}",
              "retention|market_data|1 day|{\"drop_after\": \"30 days\"}",
              "columnstore|market_data_1d|12:00:00|{\"compress_after\": \"29 days\"}",
              "refresh|market_data_1d|01:00:00|{\"end_offset\": \"24:05:05\", \"start_offset\":"
                  + " \"28 days\"}",
              "retention|market_data_1d|1 day|{\"drop_after\": \"2555 days\"}",
              "columnstore|portfolio_snapshots|12:00:00|{\"compress_after\": \"7 days\"}",
              "retention|portfolio_snapshots|1 day|{\"drop_after\": \"365 days\"}",
              "columnstore|sentiment_data|12:00:00|{\"compress_after\": \"7 days\"}",
              "retention|sentiment_data|1 day|{\"drop_after\": \"365 days\"}",
              "columnstore|sentiment_data_1d|12:00:00|{\"compress_after\": \"29 days\"}",
              "refresh|sentiment_data_1d|01:00:00|{\"end_offset\": \"49:00:05\","
                  + " \"start_offset\": \"28 days\"}",
              "columnstore|sentiment_data_1h|12:00:00|{\"compress_after\": \"29 days\"}",
              "refresh|sentiment_data_1h|01:00:00|{\"end_offset\": \"26:00:05\","
                  + " \"start_offset\": \"28 days\"}",
              "columnstore|trade_history|12:00:00|{\"compress_after\": \"7 days\"}");
      assertThat(database.migrations().migrate().policies()).isEmpty();
    }
  }

  @Test
  void changedValuesTakeEffectAtTheNextMigrate() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      List<String> ids =
          database.rows("SELECT job_id FROM ops.jobs WHERE policy = 'refresh' ORDER BY 1");

      MigrationResult changed =
          database
              .migrations(
                  "schema.columnstore.after=0",
                  "schema.retention.1d=0",
                  "schema.retention.rejected-ticks=14d",
                  "schema.retention.quality-events=90d",
                  "schema.retention.rejected-rows=15d",
                  "schema.retention.trade-history=400d",
                  "schema.retention.portfolio-snapshots=0",
                  "schema.retention.sentiment-data=0",
                  "schema.refresh.start-offset=20d",
                  "schema.refresh.every.1d=30m",
                  "time.allowed-lateness=1h")
              .migrate();

      assertThat(changed.policies())
          .contains(
              "refresh market_data_1d: start_offset 20d, end_offset 1d 1h 5s, every 30m"
                  + " (was start_offset 28d, end_offset 1d 5m 5s, every 1h)",
              "retention rejected_ticks: drop_after 14d, every 1d",
              "retention data_quality_events: drop_after 90d, every 1d",
              "retention rejected_rows: drop_after 15d, every 1d",
              "retention trade_history: drop_after 400d, every 1d",
              "retention portfolio_snapshots: none (was drop_after 365d, every 1d)",
              "refresh sentiment_data_1h: start_offset 20d, end_offset 1d 2h 5s, every 1h"
                  + " (was start_offset 28d, end_offset 1d 2h 5s, every 1h)",
              "columnstore market_data: none (was compress_after 7d, every 12h)",
              "retention market_data_1d: none (was drop_after 2555d, every 1d)");
      assertThat(database.rows(JOBS))
          .containsExactly(
              "retention|indicators_5m|1 day|{\"drop_after\": \"90 days\"}",
              "retention|market_data|1 day|{\"drop_after\": \"30 days\"}",
              "refresh|market_data_1d|00:30:00|{\"end_offset\": \"25:00:05\", \"start_offset\":"
                  + " \"20 days\"}",
              "retention|rejected_rows|1 day|{\"drop_after\": \"15 days\"}",
              "retention|rejected_ticks|1 day|{\"drop_after\": \"14 days\"}",
              "refresh|sentiment_data_1d|00:30:00|{\"end_offset\": \"49:00:05\","
                  + " \"start_offset\": \"20 days\"}",
              "refresh|sentiment_data_1h|01:00:00|{\"end_offset\": \"26:00:05\","
                  + " \"start_offset\": \"20 days\"}",
              "retention|trade_history|1 day|{\"drop_after\": \"400 days\"}");
      assertThat(database.rows("SELECT job_id FROM ops.jobs WHERE policy = 'refresh' ORDER BY 1"))
          .as("changed in place, with their history")
          .isEqualTo(ids);
      assertThat(database.migrations().migrate().policies()).isNotEmpty();
      assertThat(Inspection.of(database.config()).check()).allMatch(Finding::isWell);
    }
  }

  @Test
  void whatAShorterRetentionDroppedIsRemembered() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.migrations("schema.retention.base=31d").migrate();
      assertThat(
              database.rows(
                  "SELECT dropped_before FROM retention_horizon WHERE relation ="
                      + " 'market_data'"))
          .as("it never ran")
          .containsExactly("-infinity");

      assertThat(database.runPolicy("retention", "market_data")).isEqualTo("Success");
      database.migrations("schema.retention.base=60d").migrate();

      assertThat(
              database.rows(
                  "SELECT now() - dropped_before BETWEEN INTERVAL '31 days' AND INTERVAL '31 days 1"
                      + " hour' FROM retention_horizon"
                      + " WHERE relation = 'market_data'"))
          .containsExactly("t");
      database.migrations("schema.retention.base=0").migrate();
      assertThat(
              database.rows(
                  "SELECT now() - dropped_before < INTERVAL '32 days' FROM retention_horizon WHERE"
                      + " relation = 'market_data'"))
          .as("a longer one in between moves nothing back")
          .containsExactly("t");
    }
  }

  @Test
  void whatAShorterRetentionDroppedOfSentimentIsRememberedApart() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations("schema.retention.sentiment-data=40d").migrate();
      assertThat(database.runPolicy("retention", "sentiment_data")).isEqualTo("Success");

      String[] longer = {
        "schema.retention.base=0",
        "schema.retention.5m=0",
        "schema.retention.sentiment-data=90d",
        "schema.refresh.start-offset=60d"
      };
      database.migrations(longer).migrate();

      assertThat(
              database.rows(
                  "SELECT relation, dropped_before < now() - INTERVAL '39 days' AND"
                      + " isfinite(dropped_before) FROM retention_horizon ORDER BY 1"))
          .containsExactly("market_data|f", "sentiment_data|t");
      assertThat(Inspection.of(database.config(longer)).check())
          .filteredOn(finding -> !finding.isWell())
          .singleElement()
          .satisfies(
              finding ->
                  assertThat(finding.detail())
                      .startsWith("a refresh reaches back 60d, but items older than 40d were"));
    }
  }

  /** As little as TimescaleDB lets a refresh see, which is two buckets. */
  @Test
  void shortestWindowsThatCanBeConfiguredAreTaken() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations("schema.refresh.start-offset=260000s").migrate();

      assertThat(
              database.rows(
                  "SELECT relation, settings FROM ops.jobs WHERE policy = 'refresh' AND relation"
                      + " LIKE '%\\_1d' ORDER BY 1"))
          .containsExactly(
              "market_data_1d|{\"end_offset\": \"24:05:05\", \"start_offset\": \"72:13:20\"}",
              "sentiment_data_1d|{\"end_offset\": \"49:00:05\", \"start_offset\": \"97:00:05\"}");
    }
  }

  @Test
  void policiesOfOthersAreLeftAlone() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(
          """
          SET ROLE candlestream_owner;
          CREATE MATERIALIZED VIEW market_data_4h WITH (timescaledb.continuous) AS
          SELECT time_bucket('4 hours', "timestamp") AS bucket, symbol, max(high) AS high
          FROM market_data
          GROUP BY 1, 2
          WITH NO DATA
          """);
      database.execute(
          "SELECT add_continuous_aggregate_policy('market_data_4h', NULL, INTERVAL '8 hours',"
              + " INTERVAL '1 hour')");

      database.execute(
          "SELECT alter_job(job_id, scheduled => false) FROM ops.jobs WHERE relation ="
              + " 'market_data_4h'");

      Inspection inspection = Inspection.of(database.config("schema.stale-after=0"));
      assertThat(inspection.check()).allMatch(Finding::isWell);
      assertThat(inspection.health()).allMatch(Finding::isWell);
      assertThat(database.migrations().migrate().policies()).isEmpty();
      assertThat(database.rows("SELECT policy FROM ops.jobs WHERE relation = 'market_data_4h'"))
          .containsExactly("refresh");
    }
  }

  @Test
  void secondRefreshOfAnAggregateIsNamedAndTakenAway() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(
          "SELECT add_continuous_aggregate_policy('market_data_1h', INTERVAL '400 days', INTERVAL"
              + " '30 days', INTERVAL '1 hour')");

      assertThat(Inspection.of(database.config()).check())
          .filteredOn(finding -> !finding.isWell())
          .extracting(finding -> finding.subject() + ": " + finding.detail())
          .containsExactly(
              "refresh market_data_1h: start_offset 400d, end_offset 30d, every 1h; configured is"
                  + " none: run migrate",
              "window of market_data_1h: a refresh reaches back 400d, and candles are dropped after"
                  + " 30d: it would empty the aggregate there; at most 29d is safe: run migrate");
      String[] overlapping = {"schema.retention.base=89d", "schema.refresh.start-offset=60d"};
      assertThat(database.migrations(overlapping).migrate().policies())
          .contains(
              "refresh market_data_1h: none (was start_offset 400d, end_offset 30d, every 1h)");
      assertThat(Inspection.of(database.config(overlapping)).check()).allMatch(Finding::isWell);
    }
  }

  @Test
  void retentionByAnotherMeasureIsMadeTheConfiguredOne() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute("SELECT remove_retention_policy('market_data')");
      database.execute(
          "SELECT add_retention_policy('market_data', drop_created_before => INTERVAL '5 days')");

      assertThat(database.migrations().migrate().policies())
          .containsExactly("retention market_data: drop_after 30d, every 1d (was every 1d)");
      assertThat(
              database.rows(
                  "SELECT settings FROM ops.jobs WHERE relation = 'market_data' AND policy ="
                      + " 'retention'"))
          .containsExactly("{\"drop_after\": \"30 days\"}");
    }
  }

  @Test
  void noPolicyRunsBeforeItsFirstIntervalIsOver() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();

      assertThat(
              database.rows(
                  "SELECT count(*) FROM timescaledb_information.jobs"
                      + " WHERE hypertable_schema = 'public'"
                      + " AND initial_start < now() + schedule_interval - INTERVAL '1 minute'"))
          .containsExactly("0");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE", "POSTGRES"})
  void editionsWithoutPoliciesHaveNone(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      assertThat(database.migrations().migrate().policies()).isEmpty();
      assertThat(database.rows("SELECT * FROM ops.jobs")).isEmpty();
    }
  }
}

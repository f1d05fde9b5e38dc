package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.Timeframe;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Months in the life of a database, day by day: candles come, are corrected, refreshed, moved to
 * the columnstore and dropped by the very jobs that do so in production. Their offsets, and nothing
 * else, are set as if the day were the present one.
 */
class RetentionAndRefreshIT {
  private static final Instant FIRST_DAY = Instant.parse("2024-03-01T00:00:00Z");
  private static final int DAYS = 120;
  private static final int CANDLES_OF_A_DAY = 12;

  private static final String ALL_JOBS =
      """
      SELECT job_id, config
      FROM timescaledb_information.jobs
      WHERE hypertable_schema = 'public'
      """;

  /** At noon of a day, so that each job works on a day that is half over. */
  private static final String MAKE_PRESENT =
      """
      SELECT alter_job(o.job_id, config => o.config || (
        SELECT jsonb_object_agg(key, (value::interval + (now() - '%s'::timestamptz))::text)
        FROM jsonb_each_text(o.config)
        WHERE key IN ('start_offset', 'end_offset', 'compress_after', 'drop_after')))
      FROM original_jobs o
      """;

  private static final String JOBS_IN_TURN =
      """
      SELECT job_id
      FROM ops.jobs
      ORDER BY
        CASE policy WHEN 'refresh' THEN 1 WHEN 'columnstore' THEN 2 ELSE 3 END,
        job_id
      """;

  @Test
  void monthsOfRefreshAndRetentionLoseNoAggregate() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      assertThat(windows(database)).allMatch(Finding::isWell);

      SortedMap<BaseCandle.Key, BaseCandle> everWritten = live(database);

      assertThat(
              database.rows(
                  "SELECT (min(\"timestamp\") AT TIME ZONE 'UTC')::date FROM market_data"))
          .as("the base is kept for 30 days, by the chunk")
          .containsExactly("2024-05-29");
      assertThat(
              database.rows(
                  "SELECT columnstore_chunks FROM ops.compression WHERE relation = 'market_data'"))
          .as("all but a week of it in the columnstore")
          .containsExactly("23");
      for (Timeframe timeframe : Timeframe.values()) {
        SortedMap<BaseCandle.Key, PlainAggregation.Row> stored = stored(database, timeframe);
        SortedMap<BaseCandle.Key, PlainAggregation.Row> expected =
            PlainAggregation.of(everWritten.values(), timeframe.length());
        if (timeframe == Timeframe.FIVE_MINUTES) {
          assertThat(stored.firstKey().timestamp())
              .as("this one's own retention has dropped its first chunks")
              .isAfter(FIRST_DAY)
              .isBefore(FIRST_DAY.plus(DAYS - 90, ChronoUnit.DAYS));
          expected.keySet().removeIf(key -> key.compareTo(stored.firstKey()) < 0);
        }
        assertThat(PlainAggregation.differences(expected, stored)).as(timeframe.word()).isEmpty();
      }
    }
  }

  /**
   * What the check warns of does happen: with a refresh in one batch, as releases before 2.19 do it
   * always, and later ones where little has changed.
   */
  @Test
  void windowsThatTheCheckCallsUnsafeLoseAggregates() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      database.execute(
          """
          SELECT alter_job(job_id, config => config || '{"start_offset": "60 days", "buckets_per_batch": 0}')
          FROM ops.jobs
          JOIN timescaledb_information.jobs USING (job_id)
          WHERE policy = 'refresh' AND relation = 'market_data_1h'
          """);

      assertThat(windows(database))
          .filteredOn(finding -> !finding.isWell())
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.subject()).isEqualTo("window of market_data_1h");
                assertThat(finding.detail())
                    .contains("reaches back 60d")
                    .contains("dropped after 30d")
                    .contains("at most 29d is safe");
              });
      SortedMap<BaseCandle.Key, BaseCandle> everWritten = live(database);
      SortedMap<BaseCandle.Key, PlainAggregation.Row> expected =
          PlainAggregation.of(everWritten.values(), Timeframe.ONE_HOUR.length());
      assertThat(stored(database, Timeframe.ONE_HOUR).firstKey().timestamp())
          .as("emptied as soon as the base was")
          .isAfterOrEqualTo(FIRST_DAY.plus(DAYS - 32, ChronoUnit.DAYS));
      assertThat(expected.firstKey().timestamp()).isBefore(FIRST_DAY.plus(1, ChronoUnit.DAYS));
    }
  }

  private static List<Finding> windows(TestDatabase database) {
    return Inspection.of(database.config()).check().stream()
        .filter(finding -> finding.subject().startsWith("window of"))
        .toList();
  }

  /** Runs the jobs at noon of each day; gives all that was ever written. */
  private static SortedMap<BaseCandle.Key, BaseCandle> live(TestDatabase database)
      throws SQLException {
    SortedMap<BaseCandle.Key, BaseCandle> everWritten = new TreeMap<>();
    Random random = new Random(7);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT _timescaledb_functions.stop_background_workers()");
      statement.execute("CREATE TEMPORARY TABLE original_jobs AS " + ALL_JOBS);
      for (int day = 0; day < DAYS; day++) {
        Instant noon = FIRST_DAY.plus(day, ChronoUnit.DAYS).plus(12, ChronoUnit.HOURS);
        List<BaseCandle> candles = candlesUntil(noon, random);
        BaseCandle.upsert(connection, candles);
        candles.forEach(candle -> everWritten.put(candle.key(), candle));
        statement.execute(MAKE_PRESENT.formatted(noon));
        for (String job : database.rows(JOBS_IN_TURN)) {
          statement.execute("CALL run_job(%s)".formatted(job));
        }
      }
    }
    return everWritten;
  }

  /** Of the last day, and some of the weeks before, most of which correct what is there. */
  private static List<BaseCandle> candlesUntil(Instant noon, Random random) {
    List<BaseCandle> candles = new ArrayList<>();
    for (int i = 0; i < CANDLES_OF_A_DAY; i++) {
      int minutesAgo =
          i % 4 == 0 ? 1 + random.nextInt(27 * 24 * 60) : 1 + 5 * random.nextInt(24 * 12);
      Instant timestamp = noon.minus(minutesAgo, ChronoUnit.MINUTES);
      if (!timestamp.isBefore(FIRST_DAY)) {
        candles.add(
            BaseCandle.random(
                new BaseCandle.Key(i % 2 == 0 ? "BTC" : "ETH", "x", timestamp), random));
      }
    }
    return candles;
  }

  private static SortedMap<BaseCandle.Key, PlainAggregation.Row> stored(
      TestDatabase database, Timeframe timeframe) throws SQLException {
    try (Connection connection = database.connect()) {
      return PlainAggregation.stored(connection, timeframe);
    }
  }
}

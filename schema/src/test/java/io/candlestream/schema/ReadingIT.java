package io.candlestream.schema;

import static io.candlestream.config.SchemaConfig.Edition.AUTO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What readers ask of candles, on every edition. */
class ReadingIT {

  /**
   * Seven minutes of one instrument and one of its namesake elsewhere; a gap at 00:03, no warm
   * indicators at first, and as many UP as DOWN in the first five minutes.
   */
  private static final String CANDLES =
      """
      INSERT INTO market_data (
        symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades,
        ema_9, trend_direction, volatility_regime)
      VALUES
        ('O''X"', 'a', '2024-08-08 00:00Z', 1.5, 9, 1, 2, 0.5, 0.5, 1, 2, 1, NULL, NULL, NULL),
        ('O''X"', 'a', '2024-08-08 00:01Z', 2, 3, 0.5, 2, 0.5, 0, 1, 2, 1, 1, 'UP', 'LOW'),
        ('O''X"', 'a', '2024-08-08 00:02Z', 2, 3, 1, 2, 0, 0, 0, NULL, 1, 2, 'UP', 'LOW'),
        ('O''X"', 'a', '2024-08-08 00:04Z', 2, 3, 1, 2.5, 2, 0, 5, 2.5, 4, 6, 'DOWN', 'HIGH'),
        ('O''X"', 'a', '2024-08-08 00:05Z', 7, 7, 7, 7, 3, 3, 21, 7, 1, 5, 'DOWN', 'HIGH'),
        ('O''X"', 'a', '2024-08-08 00:06Z', 8, 8, 8, 8, 3, 0, 24, 8, 1, 5, 'UP', 'HIGH'),
        ('O''X"', 'b', '2024-08-08 00:01Z', 4, 4, 4, 4, 0, 0, 0, NULL, 1, NULL, NULL, NULL)
      """;

  private static final String FIVE_MINUTES =
      """
      SELECT source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades, ema_9, trend_direction
      FROM candles('O''X"', '5m', %s)
      """;

  private static final String COLUMNS_OF_AGGREGATE =
      """
      SELECT source, bucket, open, high, low, close, volume, buy_volume, turnover, vwap, trades,
        ema_9, trend_direction, volatility_regime
      FROM market_data_5m ORDER BY source, bucket
      """;

  private static final List<String> AGGREGATE =
      List.of(
          "a|2024-08-08 00:00:00+00|1.5|9|0.5|2.5|3|0.5|7|2.333333333333333333|7|3|UP|LOW",
          "a|2024-08-08 00:05:00+00|7|8|7|8|6|3|45|7.5|2|5|DOWN|HIGH",
          "b|2024-08-08 00:00:00+00|4|4|4|4|0|0|0|null|1|null|null|null");

  @ParameterizedTest
  @EnumSource
  void aggregateSumsUpItsBaseCandles(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      assertThat(database.rows(COLUMNS_OF_AGGREGATE)).isEqualTo(AGGREGATE);

      // Real-time: seen without a refresh, as nothing is materialised yet.
      database.execute(
          "UPDATE market_data SET high = 11 WHERE \"timestamp\" = '2024-08-08 00:06Z'");
      assertThat(database.rows("SELECT high FROM market_data_1d WHERE source = 'a'"))
          .containsExactly("11");
    }
  }

  @ParameterizedTest
  @EnumSource
  void refreshLeavesTheAggregateAsTheBaseHasIt(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      database.execute("CALL refresh_candles('2024-08-08 00:03Z', '2024-08-08 00:06Z')");

      assertThat(database.rows(COLUMNS_OF_AGGREGATE)).isEqualTo(AGGREGATE);
      assertThat(database.rows("SELECT trades FROM market_data_1h WHERE source = 'a'"))
          .containsExactly("9");
    }
  }

  @Test
  void refreshStaysClearOfWhatRetentionHasDropped() throws SQLException {
    try (TestDatabase database = filled(Edition.COMMUNITY)) {
      database.execute("CALL refresh_candles('-infinity', 'infinity')");
      database.execute("DELETE FROM market_data WHERE \"timestamp\" < '2024-08-08 00:05Z'");
      database.execute("UPDATE retention_horizon SET dropped_before = '2024-08-08 00:05Z'");

      database.execute("CALL refresh_candles('-infinity', 'infinity')");

      assertThat(database.rows(COLUMNS_OF_AGGREGATE)).isEqualTo(AGGREGATE);
    }
  }

  @Test
  void refreshStaysClearOfChunksThatAreGone() throws SQLException {
    try (TestDatabase database = filled(Edition.COMMUNITY)) {
      database.execute("CALL refresh_candles('-infinity', 'infinity')");
      database.execute(
          "INSERT INTO market_data (symbol, source, \"timestamp\", open, high, low, close, volume,"
              + " buy_volume, turnover, vwap, trades)"
              + " VALUES ('N', 'a', '2024-08-20Z', 1, 1, 1, 1, 1, 1, 1, 1, 1)");
      database.execute(
          "SELECT drop_chunks('market_data', older_than => '2024-08-15Z'::timestamptz)");

      database.execute(
          """
          INSERT INTO market_data
          SELECT (jsonb_populate_record(m, '{"timestamp": "2024-08-01T00:00:00Z"}')).*
          FROM market_data m
          """);

      database.execute("CALL refresh_candles('-infinity', 'infinity')");

      assertThat(database.rows(COLUMNS_OF_AGGREGATE.replace("ORDER", "WHERE symbol <> 'N' ORDER")))
          .isEqualTo(AGGREGATE);
      assertThat(database.rows("SELECT trades FROM market_data_1d WHERE symbol = 'N'"))
          .containsExactly("1", "1");

      database.execute("SELECT drop_chunks('market_data', older_than => now())");
      database.execute("CALL refresh_candles('-infinity', 'infinity')");
      assertThat(database.rows("SELECT trades FROM market_data_1d WHERE symbol = 'N'"))
          .containsExactly("1", "1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void bucketThatIsNotOverFollowsItsBaseAfterARefresh(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      String candle =
          """
          INSERT INTO market_data
            (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
          VALUES ('A', 'x', date_bin('1 minute', now() - INTERVAL '%s', 'epoch'), 1, 1, 1, 1, 1, 0, 1, 1, 1)
          """;
      database.execute(candle.formatted("30 hours"));
      database.execute(candle.formatted("2 minutes"));

      database.execute("CALL refresh_candles(now() - INTERVAL '2 days', now())");
      database.execute(candle.formatted("1 minute"));

      for (String timeframe : List.of("5m", "15m", "1h", "1d")) {
        assertThat(database.rows("SELECT sum(trades) FROM market_data_" + timeframe))
            .as(timeframe)
            .containsExactly("3");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void candlesBeginAtOrAfterFromAndBeforeTo(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      database.execute(
          """
          INSERT INTO indicators_5m (symbol, source, "timestamp", trades, ema_9, trend_direction)
          VALUES ('O''X"', 'a', '2024-08-08 00:05Z', 3, 42, 'SIDEWAYS')
          """);
      String first =
          "a|2024-08-08 00:00:00+00|1.5|9|0.5|2.5|3|0.5|7|2.333333333333333333|7|null|null";
      String other = "b|2024-08-08 00:00:00+00|4|4|4|4|0|0|0|null|1|null|null";
      String second = "a|2024-08-08 00:05:00+00|7|8|7|8|6|3|45|7.5|2|42|SIDEWAYS";

      assertThat(fiveMinutes(database, "'2024-08-08 00:00Z', '2024-08-08 00:05:01Z'"))
          .containsExactly(first, other, second);
      assertThat(fiveMinutes(database, "'2024-08-08 00:00Z', '2024-08-08 00:05Z', 'a'"))
          .containsExactly(first);
      assertThat(fiveMinutes(database, "'2024-08-08 00:00:01Z', 'infinity'"))
          .containsExactly(second);
      assertThat(
              database.rows(
                  """
                  SELECT "timestamp", close, ema_9
                  FROM candles('O''X"', '1m', '2024-08-08 00:05Z', '2024-08-08 00:06Z')
                  """))
          .containsExactly("2024-08-08 00:05:00+00|7|5");
    }
  }

  private static List<String> fiveMinutes(TestDatabase database, String range) throws SQLException {
    return database.rows(FIVE_MINUTES.formatted(range));
  }

  @ParameterizedTest
  @EnumSource
  void latestCandlesComeNewestFirst(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      assertThat(database.rows("SELECT source, \"timestamp\" FROM latest_candles('O''X\"', 2)"))
          .containsExactly("a|2024-08-08 00:06:00+00", "a|2024-08-08 00:05:00+00");
      assertThat(
              database.rows(
                  "SELECT source, \"timestamp\" FROM latest_candles('O''X\"', source => 'b')"))
          .containsExactly("b|2024-08-08 00:01:00+00");
    }
  }

  @ParameterizedTest
  @EnumSource
  void mistakesOfACallAreNamed(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      assertRefused(
          database,
          "SELECT * FROM candles('X', '7m', now(), now())",
          "unknown timeframe '7m': one of 1m, 5m, 15m, 1h, 1d");
      assertRefused(
          database, "SELECT * FROM candles('X', '1h', NULL, now())", "none of them may be null");
      assertRefused(
          database,
          "SELECT * FROM candles('X', '1h', 'infinity', now())",
          "from infinity is after to");
      assertRefused(database, "SELECT * FROM latest_candles('X', -1)", "limit -1 is negative");
      assertRefused(database, "CALL refresh_candles(NULL, now())", "neither may be null");
    }
  }

  private static void assertRefused(TestDatabase database, String statement, String message) {
    assertThatThrownBy(() -> database.execute(statement)).hasMessageContaining(message);
  }

  @Test
  void timeframesFollowTheBaseInterval() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO, Duration.ofMinutes(5)).migrate();

      assertRefused(
          database,
          "SELECT * FROM candles('X', '1m', now(), now())",
          "unknown timeframe '1m': one of 5m, 15m, 1h, 1d");
    }
  }

  @ParameterizedTest
  @EnumSource
  void operationsViewsAreThereOnEveryEdition(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      assertThat(
              database.rows("SELECT symbol, source, \"timestamp\" FROM ops.freshness ORDER BY 2"))
          .containsExactly("O'X\"|a|2024-08-08 00:06:00+00", "O'X\"|b|2024-08-08 00:01:00+00");
      assertThat(
              database.rows(
                  "SELECT total_bytes > 0 FROM ops.storage WHERE relation = 'market_data'"))
          .containsExactly("t");
      assertThat(
              database.rows("SELECT relation FROM ops.compression WHERE relation = 'market_data'"))
          .hasSize(edition == Edition.COMMUNITY ? 1 : 0);
      for (String view : List.of("table_stats", "jobs", "slow_queries")) {
        database.rows("SELECT * FROM ops." + view);
      }
    }
  }

  private static TestDatabase filled(Edition edition) throws SQLException {
    TestDatabase database = TestDatabase.offering(edition);
    // Or refreshes would stay clear of candles this old.
    database.migrations("schema.retention.base=0").migrate();
    database.execute(CANDLES);
    return database;
  }
}

package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the accounts hold, at the newest candles. */
class PortfolioIT {

  /** An older one of each instrument first; of the same symbol elsewhere, another price. */
  private static final String CANDLES =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades, closed)
      SELECT symbol, source, t, close, close, close, close, 1, 0, close, close, 1, closed
      FROM (
        VALUES
          ('BTC', 'x', '2024-08-08 00:00Z'::timestamptz, 90.0, true),
          ('BTC', 'x', '2024-08-08 00:09Z', 110.50, true),
          ('BTC', 'y', '2024-08-08 00:10Z', 777, true),
          ('ETH', 'x', '2024-08-01 00:00Z', 20, true),
          ('ETH', 'x', '2024-08-07 00:05Z', 8, false),
          ('SOL', 'x', '2024-08-08 00:08Z', 0.000020295, true)
      ) candle (symbol, source, t, close, closed)
      """;

  /**
   * Of Ann's in USD: 2 BTC bought at 100 with fees in BNB; short 3 ETH from 10, a part of it closed
   * at a loss of 5; 1 ADA, of which there is no candle; DOT, sold again at a gain of 7. In EUR, BTC
   * again. Bob has sold all that he had, but for a crumb.
   */
  private static final String POSITIONS =
      """
      INSERT INTO portfolio_positions
        (account, source, symbol, currency, quantity, cost_total, realized_pnl, fees, fills, last_fill_at)
      VALUES
        ('ann', 'x', 'BTC', 'USD', 2.0, 200, 0, '{"BNB": 0.00075}', 2, '2024-08-08Z'),
        ('ann', 'x', 'ETH', 'USD', -3, -30, -5, '{"USD": 1.50, "BNB": 0.00025}', 3, '2024-08-08Z'),
        ('ann', 'x', 'ADA', 'USD', 1, 4, 0, '{}', 1, '2024-08-08Z'),
        ('ann', 'x', 'DOT', 'USD', 0, 0, 7.00, '{"USD": -0.25}', 2, '2024-08-08Z'),
        ('ann', 'x', 'BTC', 'EUR', 1, 95, 0, '{"USD": 0.75}', 1, '2024-08-08Z'),
        ('bob', 'x', 'BTC', 'USD', 0, 0, -12.5, '{}', 4, '2024-08-08Z'),
        ('bob', 'x', 'SOL', 'EUR', 0.000000000000000000000000000001, 0, 1e-18, '{"EUR": 1}', 9, '2024-08-08Z')
      """;

  private static final String PORTFOLIO =
      """
      SELECT
        account, currency, positions, unmarked, market_value, cost_total, unrealized_pnl, realized_pnl, fees,
        to_char(marked_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI')
      FROM ops.portfolio
      ORDER BY account, currency
      """;

  @ParameterizedTest
  @EnumSource
  void accountsAreSummedUpPerCurrencyAndNeverAcross(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      assertThat(database.rows("SELECT * FROM ops.portfolio")).isEmpty();
      database.execute(CANDLES);
      database.execute(POSITIONS);

      List<String> expected =
          List.of(
              // Nothing held: 0.00075 + 0.00025.
              "ann|BNB|0|0|0|0|0|0|0.001|null",
              "ann|EUR|1|0|110.5|95|15.5|0|0|08-08 00:09",
              // 2 x 110.5 - 3 x 8; 200 - 30; -5 + 7; 1.5 - 0.25 + 0.75. ADA counts, and has no
              // value.
              "ann|USD|3|1|197|170|27|2|2|08-07 00:05",
              "bob|EUR|1|0|0.000000000000000000000000000000000020295|0"
                  + "|0.000000000000000000000000000000000020295|0.000000000000000001|1|08-08 00:08",
              "bob|USD|0|0|0|0|0|-12.5|0|null");
      assertThat(database.rows(PORTFOLIO)).isEqualTo(expected);

      if (edition == Edition.COMMUNITY) {
        database.execute("SELECT compress_chunk(show_chunks('market_data'))");
        assertThat(database.rows(PORTFOLIO)).as("from the columnstore").isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void replayedRowOfFewerFillsGivesWay(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(POSITIONS);
      String entry =
          """
          INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason, updated_at)
          SELECT 'portfolio_positions', key, 'epoch', key || '%s', '23514', 'any', now() + INTERVAL '1 hour'
          FROM (
            SELECT to_jsonb(p) AS key
            FROM (
              SELECT account, source, symbol, currency FROM portfolio_positions WHERE account = '%s' AND symbol = '%s'
              ORDER BY currency DESC LIMIT 1
            ) p
          ) key
          """;
      String content =
          """
          {"quantity": 1, "cost_total": 1, "realized_pnl": 1, "fees": {"USD": 0.10}, "fills": %d,
           "last_fill_at": "2024-08-09T00:00:00Z"}
          """;
      database.execute(entry.formatted(content.formatted(1), "ann", "BTC"));
      database.execute(entry.formatted(content.formatted(3), "ann", "ETH"));

      database.execute("CALL replay_rejected_rows()");

      assertThat(
              database.rows(
                  "SELECT symbol, quantity, fees, fills FROM portfolio_positions WHERE account ="
                      + " 'ann' AND currency = 'USD' AND symbol IN ('BTC', 'ETH') ORDER BY 1"))
          .containsExactly("BTC|2.0|{\"BNB\": 0.00075}|2", "ETH|1|{\"USD\": 0.10}|3");
      assertThat(database.rows("SELECT count(*) FROM rejected_rows WHERE resolved_at IS NULL"))
          .containsExactly("0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void newerCandleValuesWhatIsHeldAnew(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();
      database.execute(POSITIONS);
      assertThat(database.rows(PORTFOLIO + " LIMIT 3"))
          .as("without a candle")
          .containsExactly(
              "ann|BNB|0|0|0|0|0|0|0.001|null",
              "ann|EUR|1|1|0|0|0|0|0|null",
              "ann|USD|3|3|0|0|0|2|2|null");

      database.execute(CANDLES);
      database.execute(
          """
          INSERT INTO market_data
            (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
          VALUES ('ADA', 'x', '2024-08-08 00:11Z', 1, 5, 1, 5, 1, 0, 1, 1, 2)
          """);

      assertThat(database.rows(PORTFOLIO + " OFFSET 2 LIMIT 1"))
          .containsExactly("ann|USD|3|0|202|174|28|2|2|08-07 00:05");
    }
  }
}

package io.candlestream.local;

import io.candlestream.market.Input;

/** What the demo shows of the database in the end. */
final class DemoTables {

  private static final QueryTable LATEST_CANDLES =
      new QueryTable(
          "Latest candles of the most traded instruments (SQL on market_data)",
          """
          SELECT latest.*
            FROM (SELECT symbol, source, sum(trades) AS traded
                    FROM market_data
                   GROUP BY symbol, source
                   ORDER BY traded DESC, symbol, source
                   LIMIT 10) AS busiest
           CROSS JOIN LATERAL
                 (SELECT source, symbol, "timestamp" AS "candle (UTC)",
                         open, high, low, close, volume, trades,
                         ema_9, rsi_14, trend_direction AS trend
                    FROM market_data
                   WHERE market_data.symbol = busiest.symbol AND market_data.source = busiest.source
                   ORDER BY "timestamp" DESC
                   LIMIT 1) AS latest
           ORDER BY busiest.traded DESC, busiest.symbol, busiest.source
          """);

  private static final QueryTable PORTFOLIO =
      new QueryTable(
          "Portfolio, in each currency, rounded (SQL on ops.portfolio)",
          """
          SELECT account, currency, positions, unmarked,
                 round(market_value, digits) AS "market value",
                 round(cost_total, digits) AS cost,
                 round(unrealized_pnl, digits) AS unrealized,
                 round(realized_pnl, digits) AS realized,
                 round(fees, digits) AS fees
            FROM (SELECT *,
                         CASE WHEN greatest(abs(market_value), abs(cost_total), abs(realized_pnl),
                                            abs(fees)) < 100
                              THEN 6 ELSE 2 END AS digits
                    FROM ops.portfolio) AS portfolio
           ORDER BY account, currency
          """);

  private static final QueryTable SENTIMENT =
      new QueryTable(
          "Sentiment by provider (SQL on sentiment_data)",
          """
          SELECT provider, count(*) AS items, count(DISTINCT symbol) AS symbols,
                 round(avg(score), 2) AS "mean score",
                 min(score) AS lowest, max(score) AS highest
            FROM sentiment_data
           GROUP BY provider
           ORDER BY provider
          """);

  private DemoTables() {}

  /** What has come of a stream. */
  static QueryTable of(Input input) {
    return switch (input) {
      case TICKS -> LATEST_CANDLES;
      case FILLS -> PORTFOLIO;
      case SENTIMENT -> SENTIMENT;
    };
  }
}

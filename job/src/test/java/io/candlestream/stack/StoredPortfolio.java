package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.oracle.BatchPortfolio;
import io.candlestream.oracle.BatchPortfolio.OneClose;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import io.candlestream.oracle.Row;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The portfolio's tables in a database, against what {@link BatchPortfolio} says. */
final class StoredPortfolio {

  private static final long CANDLE_MICROS = 60_000_000;
  private static final int SHOWN_DIFFERENCES = 10;

  private static final String TRADE_HISTORY =
      """
      SELECT
        account, source, symbol, fill_id, (extract(epoch FROM "timestamp") * 1000000)::bigint, side,
        trim_scale(price), trim_scale(size), currency, trim_scale(fee), fee_currency, order_id
      FROM trade_history
      """;

  private static final String POSITIONS =
      """
      SELECT
        account, source, symbol, currency,
        trim_scale(quantity), trim_scale(cost_total), trim_scale(realized_pnl),
        (
          SELECT coalesce(string_agg(key || '=' || trim_scale(value::numeric), ',' ORDER BY key COLLATE "C"), '')
          FROM jsonb_each_text(fees)
        ),
        fills
      FROM portfolio_positions
      """;

  private static final String SNAPSHOTS =
      """
      SELECT
        account, source, symbol, currency, (extract(epoch FROM "timestamp") * 1000000)::bigint,
        trim_scale(quantity), trim_scale(cost_total), trim_scale(mark), trim_scale(market_value),
        trim_scale(unrealized_pnl), trim_scale(realized_pnl), fills
      FROM portfolio_snapshots
      """;

  /** How many snapshots there are, and at how many fills and books do not balance. */
  private static final String BALANCE =
      """
      SELECT
        count(*),
        count(*) FILTER (
          WHERE s.realized_pnl + s.market_value - s.cost_total IS DISTINCT FROM s.market_value + flow.cash
        )
      FROM portfolio_snapshots s
      CROSS JOIN LATERAL (
        SELECT sum(CASE side WHEN 'sell' THEN price * size ELSE -price * size END) AS cash
        FROM trade_history t
        WHERE (t.account, t.source, t.symbol, t.currency) = (s.account, s.source, s.symbol, s.currency)
          AND t."timestamp" < s."timestamp" + INTERVAL '1 minute'
      ) flow
      """;

  private StoredPortfolio() {}

  /** All three tables are what the fills and the closed candles lead to. */
  static void assertIsThatOf(List<OneFill> fills, List<Row> candles, TestDatabase database)
      throws SQLException {
    BatchPortfolio batch = new BatchPortfolio(fills, CANDLE_MICROS);
    assertThat(difference(batch.tradeHistory(), database.query(TRADE_HISTORY)))
        .as("trade_history")
        .isEmpty();
    assertThat(difference(batch.positions(), database.query(POSITIONS)))
        .as("portfolio_positions")
        .isEmpty();
    assertThat(difference(batch.snapshots(closes(candles)), snapshots(database)))
        .as("portfolio_snapshots")
        .isEmpty();
    assertThat(
            database.query(
                """
                SELECT p.*
                FROM portfolio_positions p
                WHERE p.last_fill_at <> (
                  SELECT max(t."timestamp")
                  FROM trade_history t
                  WHERE (t.account, t.source, t.symbol, t.currency)
                    = (p.account, p.source, p.symbol, p.currency)
                )
                """))
        .as("positions whose last fill is another")
        .isEmpty();
  }

  static List<String> snapshots(TestDatabase database) throws SQLException {
    return database.query(SNAPSHOTS);
  }

  static List<OneClose> closes(List<Row> candles) {
    return candles.stream()
        .filter(Row::closed)
        .map(
            row ->
                new OneClose(
                    row.source(),
                    row.symbol(),
                    micros(row.timestamp()),
                    new BigDecimal(row.close())))
        .toList();
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /** How many snapshots there are, if the books of all of them balance with the fills' cash. */
  static long balanced(TestDatabase database) throws SQLException {
    String[] counts = database.query(BALANCE).get(0).split("\\|");
    assertThat(counts[1]).as("snapshots that do not balance, of %s", counts[0]).isEqualTo("0");
    return Long.parseLong(counts[0]);
  }

  /** Which tuple holds each row, and since when: equal as long as nothing was written. */
  static List<String> tuples(TestDatabase database) throws SQLException {
    List<String> tuples = new ArrayList<>();
    for (String table : List.of("trade_history", "portfolio_positions", "portfolio_snapshots")) {
      tuples.addAll(
          database.query(
              "SELECT tableoid, ctid, xmin, updated_at, t::text FROM %s t ORDER BY 1, 2"
                  .formatted(table)));
    }
    return tuples;
  }

  /** The first rows that are missing or unexpected; empty when there are none. */
  static String difference(List<String> expected, List<String> actual) {
    Set<String> missing = new HashSet<>(expected);
    actual.forEach(missing::remove);
    List<String> unexpected = new ArrayList<>(actual);
    unexpected.removeAll(new HashSet<>(expected));
    if (missing.isEmpty() && unexpected.isEmpty() && expected.size() == actual.size()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder("expected %d rows, found %d".formatted(expected.size(), actual.size()));
    missing.stream()
        .sorted()
        .limit(SHOWN_DIFFERENCES)
        .forEach(row -> text.append("\nmissing    ").append(row));
    unexpected.stream()
        .sorted()
        .limit(SHOWN_DIFFERENCES)
        .forEach(row -> text.append("\nunexpected ").append(row));
    return text.toString();
  }
}

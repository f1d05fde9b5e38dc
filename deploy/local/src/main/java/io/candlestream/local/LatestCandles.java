package io.candlestream.local;

import io.candlestream.config.DatabaseConfig;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The latest candle of each of the most traded instruments, from the database, as a table. */
final class LatestCandles {

  private static final String QUERY =
      """
      SELECT latest.*
        FROM (SELECT symbol, source, sum(trades) AS traded
                FROM market_data
               GROUP BY symbol, source
               ORDER BY traded DESC, symbol, source
               LIMIT 10) AS busiest
       CROSS JOIN LATERAL
             (SELECT source, symbol, "timestamp", open, high, low, close, volume, trades,
                     ema_9, rsi_14, trend_direction
                FROM market_data
               WHERE market_data.symbol = busiest.symbol AND market_data.source = busiest.source
               ORDER BY "timestamp" DESC
               LIMIT 1) AS latest
       ORDER BY busiest.traded DESC, busiest.symbol, busiest.source
      """;

  private static final List<String> HEAD =
      List.of(
          "source",
          "symbol",
          "candle (UTC)",
          "open",
          "high",
          "low",
          "close",
          "volume",
          "trades",
          "ema_9",
          "rsi_14",
          "trend");

  /** From this column on cells hold numbers, but for the last one. */
  private static final int FIRST_NUMBER = 3;

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final MathContext INDICATOR_DIGITS = new MathContext(7);

  private LatestCandles() {}

  static void print(DatabaseConfig database, PrintWriter out) throws SQLException {
    List<List<String>> table = new ArrayList<>(List.of(HEAD));
    try (Connection connection =
            DriverManager.getConnection(
                database.url(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement();
        ResultSet candles = statement.executeQuery(QUERY)) {
      while (candles.next()) {
        table.add(row(candles));
      }
    }
    out.println();
    out.println("Latest candles of the most traded instruments (SQL on market_data)");
    print(table, out);
    out.flush();
  }

  private static List<String> row(ResultSet candle) throws SQLException {
    List<String> row = new ArrayList<>();
    row.add(candle.getString("source"));
    row.add(candle.getString("symbol"));
    row.add(
        MINUTE.format(
            candle
                .getObject("timestamp", OffsetDateTime.class)
                .withOffsetSameInstant(ZoneOffset.UTC)));
    for (String column : List.of("open", "high", "low", "close", "volume")) {
      row.add(candle.getBigDecimal(column).toPlainString());
    }
    row.add(String.format(Locale.ROOT, "%,d", candle.getLong("trades")));
    row.add(indicator(candle.getBigDecimal("ema_9")));
    row.add(indicator(candle.getBigDecimal("rsi_14")));
    String trend = candle.getString("trend_direction");
    row.add(trend == null ? "" : trend);
    return row;
  }

  /** Empty before its warm-up ends. */
  private static String indicator(BigDecimal value) {
    return value == null ? "" : value.round(INDICATOR_DIGITS).toPlainString();
  }

  private static void print(List<List<String>> table, PrintWriter out) {
    int columns = HEAD.size();
    int[] widths = new int[columns];
    for (List<String> row : table) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : table) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        boolean number = column >= FIRST_NUMBER && column < columns - 1;
        String layout = "  %" + (number ? "" : "-") + widths[column] + "s";
        line.append(layout.formatted(row.get(column)));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}

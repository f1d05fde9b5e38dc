package io.candlestream.oracle;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One row of {@code market_data}, all columns but {@code created_at} and {@code updated_at}.
 *
 * <p>Decimals are plain decimal text, so that a stored {@code 1.50} is another value than {@code
 * 1.5}; two rows are equal when every text is, and every double is by its bits.
 *
 * @param timestamp the start of the candle
 * @param vwap null at volume 0
 * @param ema9 null before its warm-up ends, as every indicator is
 * @param trendDirection {@code UP}, {@code DOWN}, {@code SIDEWAYS} or null
 * @param volatilityRegime {@code LOW}, {@code NORMAL}, {@code HIGH}, {@code EXTREME} or null
 */
public record Row(
    String symbol,
    String source,
    Instant timestamp,
    String open,
    String high,
    String low,
    String close,
    String volume,
    String buyVolume,
    String turnover,
    String vwap,
    long trades,
    boolean closed,
    Double ema9,
    Double ema21,
    Double ema50,
    Double ema200,
    Double rsi14,
    Double macd,
    Double macdSignal,
    Double macdHistogram,
    Double bbUpper,
    Double bbMiddle,
    Double bbLower,
    Double atr14,
    String trendDirection,
    String volatilityRegime) {

  /** The order of every list of rows: symbol, timestamp, source. */
  public static final Comparator<Row> ORDER =
      Comparator.comparing(Row::symbol).thenComparing(Row::timestamp).thenComparing(Row::source);

  private static final int SHOWN_DIFFERENCES = 5;

  private static final String BASE =
      """
      SELECT symbol, source, "timestamp",
             open, high, low, close, volume, buy_volume, turnover, vwap, trades, closed,
             ema_9, ema_21, ema_50, ema_200, rsi_14,
             macd, macd_signal, macd_histogram,
             bb_upper, bb_middle, bb_lower, atr_14,
             trend_direction, volatility_regime
        FROM market_data
      """;

  private static final String TIMEFRAME =
      """
      SELECT candles.*, true AS closed
        FROM (SELECT DISTINCT symbol FROM market_data) instruments,
             candles(symbol, ?, '1970-01-01Z', '2100-01-01Z')
      """;

  private static final String TIMEFRAME_OF_SYMBOL =
      "SELECT *, true AS closed FROM candles(?, ?, '1970-01-01Z', '2100-01-01Z')";

  /** Reads the whole table {@code market_data}, digits exactly as stored, in {@link #ORDER}. */
  public static List<Row> read(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BASE)) {
      return read(statement);
    }
  }

  /** Reads all candles of a timeframe, with its own indicators, as readers get them. */
  public static List<Row> read(Connection connection, String timeframe) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TIMEFRAME)) {
      statement.setString(1, timeframe);
      return read(statement);
    }
  }

  /** Reads the rows of one symbol in {@code market_data}, where the whole is too much at once. */
  public static List<Row> readSymbol(Connection connection, String symbol) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BASE + "WHERE symbol = ?")) {
      statement.setString(1, symbol);
      return read(statement);
    }
  }

  /** Reads one symbol's candles of a timeframe likewise. */
  public static List<Row> readSymbol(Connection connection, String symbol, String timeframe)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TIMEFRAME_OF_SYMBOL)) {
      statement.setString(1, symbol);
      statement.setString(2, timeframe);
      return read(statement);
    }
  }

  private static List<Row> read(PreparedStatement statement) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (ResultSet table = statement.executeQuery()) {
      while (table.next()) {
        rows.add(
            new Row(
                table.getString("symbol"),
                table.getString("source"),
                table.getObject("timestamp", OffsetDateTime.class).toInstant(),
                decimal(table, "open"),
                decimal(table, "high"),
                decimal(table, "low"),
                decimal(table, "close"),
                decimal(table, "volume"),
                decimal(table, "buy_volume"),
                decimal(table, "turnover"),
                decimal(table, "vwap"),
                table.getLong("trades"),
                table.getBoolean("closed"),
                real(table, "ema_9"),
                real(table, "ema_21"),
                real(table, "ema_50"),
                real(table, "ema_200"),
                real(table, "rsi_14"),
                real(table, "macd"),
                real(table, "macd_signal"),
                real(table, "macd_histogram"),
                real(table, "bb_upper"),
                real(table, "bb_middle"),
                real(table, "bb_lower"),
                real(table, "atr_14"),
                table.getString("trend_direction"),
                table.getString("volatility_regime")));
      }
    }
    // Sorted here, not by the server: its collation may order symbols in another way.
    rows.sort(ORDER);
    return rows;
  }

  private static String decimal(ResultSet table, String column) throws SQLException {
    BigDecimal value = table.getBigDecimal(column);
    return value == null ? null : value.toPlainString();
  }

  private static Double real(ResultSet table, String column) throws SQLException {
    double value = table.getDouble(column);
    return table.wasNull() ? null : Double.valueOf(value);
  }

  /**
   * What differs between two lists in {@link #ORDER}, doubles compared by their bits: the counts
   * and the first rows that are missing, unexpected or different in a column. Empty when equal.
   */
  public static String difference(List<Row> expected, List<Row> actual) {
    return describeDifference(expected, actual, 0);
  }

  /**
   * As {@link #difference(List, List)}, but two doubles also agree when they are no further apart
   * than {@code tolerance} × max(|expected value|, |expected close|).
   *
   * @param tolerance more than 0, 1e-9 for instance
   */
  public static String difference(List<Row> expected, List<Row> actual, double tolerance) {
    if (!(tolerance > 0)) {
      throw new IllegalArgumentException("tolerance: " + tolerance + " is not above 0");
    }
    return describeDifference(expected, actual, tolerance);
  }

  private static String describeDifference(List<Row> expected, List<Row> actual, double tolerance) {
    List<String> differences = new ArrayList<>();
    int e = 0;
    int a = 0;
    while (e < expected.size() || a < actual.size()) {
      int order =
          e == expected.size()
              ? 1
              : a == actual.size() ? -1 : ORDER.compare(expected.get(e), actual.get(a));
      if (order < 0) {
        differences.add("missing    " + expected.get(e++));
      } else if (order > 0) {
        differences.add("unexpected " + actual.get(a++));
      } else {
        String columns = differingColumns(expected.get(e), actual.get(a++), tolerance);
        if (!columns.isEmpty()) {
          differences.add("different  " + expected.get(e).key() + columns);
        }
        e++;
      }
    }
    if (differences.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "%d differences; expected %d rows, found %d"
            .formatted(differences.size(), expected.size(), actual.size()));
    differences.stream().limit(SHOWN_DIFFERENCES).forEach(one -> text.append('\n').append(one));
    if (differences.size() > SHOWN_DIFFERENCES) {
      text.append("\n... and ").append(differences.size() - SHOWN_DIFFERENCES).append(" more");
    }
    return text.toString();
  }

  private static String differingColumns(Row expected, Row actual, double tolerance) {
    if (expected.equals(actual)) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (RecordComponent column : Row.class.getRecordComponents()) {
      Object wanted = expected.value(column);
      Object found = actual.value(column);
      if (!Objects.equals(wanted, found) && !expected.isNear(wanted, found, tolerance)) {
        text.append("\n             ")
            .append("%s: expected %s, found %s".formatted(column.getName(), wanted, found));
      }
    }
    return text.toString();
  }

  private boolean isNear(Object wanted, Object found, double tolerance) {
    if (wanted instanceof Double one && found instanceof Double other) {
      double scale = Math.max(Math.abs(one), Math.abs(Double.parseDouble(close)));
      return Math.abs(one - other) <= tolerance * scale && tolerance > 0;
    }
    return false;
  }

  private Object value(RecordComponent column) {
    try {
      return column.getAccessor().invoke(this);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read column " + column.getName(), e);
    }
  }

  private String key() {
    return source + " " + symbol + " " + timestamp;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(key());
    RecordComponent[] columns = Row.class.getRecordComponents();
    for (RecordComponent column : List.of(columns).subList(3, columns.length)) {
      text.append(' ').append(column.getName()).append('=').append(value(column));
    }
    return text.toString();
  }
}

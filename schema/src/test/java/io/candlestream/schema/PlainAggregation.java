package io.candlestream.schema;

import io.candlestream.config.Timeframe;
import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The higher timeframes, computed in the plainest way from base candles: what the views owe. */
final class PlainAggregation {
  /** How far a mean may be from the exact one, in parts of the mean magnitude of its values. */
  private static final double TOLERANCE = 1e-12;

  private PlainAggregation() {}

  /**
   * A row of an aggregate.
   *
   * @param means of the indicators, in their order
   * @param magnitudes mean absolute values of what went into these; empty as read from a database
   */
  record Row(Exact exact, List<Double> means, List<Double> magnitudes) {}

  /** What no rounding excuses. */
  record Exact(
      BigDecimal open,
      BigDecimal high,
      BigDecimal low,
      BigDecimal close,
      BigDecimal volume,
      BigDecimal buyVolume,
      BigDecimal turnover,
      BigDecimal vwap,
      long trades,
      String trend,
      String regime) {}

  /** The rows by their keys, whose timestamps are the buckets. */
  static SortedMap<BaseCandle.Key, Row> of(Collection<BaseCandle> candles, Duration width) {
    SortedMap<BaseCandle.Key, Row> rows = new TreeMap<>();
    candles.stream()
        .collect(Collectors.groupingBy(candle -> bucket(candle.key(), width)))
        .forEach((key, inBucket) -> rows.put(key, row(inBucket)));
    return rows;
  }

  private static BaseCandle.Key bucket(BaseCandle.Key key, Duration width) {
    long seconds = key.timestamp().getEpochSecond();
    return new BaseCandle.Key(
        key.symbol(),
        key.source(),
        Instant.ofEpochSecond(seconds - Math.floorMod(seconds, width.toSeconds())));
  }

  private static Row row(List<BaseCandle> unordered) {
    List<BaseCandle> candles =
        unordered.stream().sorted(Comparator.comparing(BaseCandle::key)).toList();
    BigDecimal volume = reduce(candles, BaseCandle::volume, BigDecimal::add);
    BigDecimal turnover = reduce(candles, BaseCandle::turnover, BigDecimal::add);
    List<Double> means = new ArrayList<>();
    List<Double> magnitudes = new ArrayList<>();
    for (int i = 0; i < BaseCandle.INDICATORS.size(); i++) {
      int indicator = i;
      List<BigDecimal> values =
          candles.stream()
              .map(candle -> candle.indicators().get(indicator))
              .filter(Objects::nonNull)
              .map(BigDecimal::new)
              .toList();
      means.add(mean(values));
      magnitudes.add(mean(values.stream().map(BigDecimal::abs).toList()));
    }
    return new Row(
        new Exact(
            candles.get(0).open(),
            reduce(candles, BaseCandle::high, BigDecimal::max),
            reduce(candles, BaseCandle::low, BigDecimal::min),
            candles.get(candles.size() - 1).close(),
            volume,
            reduce(candles, BaseCandle::buyVolume, BigDecimal::add),
            turnover,
            BaseCandle.vwap(turnover, volume),
            candles.stream().mapToLong(BaseCandle::trades).sum(),
            majority(candles.stream().map(BaseCandle::trend).toList()),
            majority(candles.stream().map(BaseCandle::regime).toList())),
        means,
        magnitudes);
  }

  private static BigDecimal reduce(
      List<BaseCandle> candles,
      Function<BaseCandle, BigDecimal> value,
      BinaryOperator<BigDecimal> operator) {
    return candles.stream().map(value).reduce(operator).orElseThrow().stripTrailingZeros();
  }

  private static Double mean(List<BigDecimal> values) {
    return values.stream()
        .reduce(BigDecimal::add)
        .map(sum -> sum.divide(BigDecimal.valueOf(values.size()), MathContext.DECIMAL128))
        .map(BigDecimal::doubleValue)
        .orElse(null);
  }

  /** Of equally frequent words, the first in the alphabet. */
  private static String majority(List<String> words) {
    Map<String, Long> counts =
        words.stream()
            .filter(Objects::nonNull)
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    long most = counts.values().stream().mapToLong(count -> count).max().orElse(0);
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() == most)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** What the database says of a timeframe. */
  static SortedMap<BaseCandle.Key, Row> stored(Connection connection, Timeframe timeframe)
      throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT * FROM market_data_" + timeframe.word());
        ResultSet row = statement.executeQuery()) {
      SortedMap<BaseCandle.Key, Row> rows = new TreeMap<>();
      while (row.next()) {
        BaseCandle.Key key =
            new BaseCandle.Key(
                row.getString("symbol"),
                row.getString("source"),
                row.getObject("bucket", OffsetDateTime.class).toInstant());
        rows.put(
            key,
            new Row(
                new Exact(
                    decimal(row, "open"),
                    decimal(row, "high"),
                    decimal(row, "low"),
                    decimal(row, "close"),
                    decimal(row, "volume"),
                    decimal(row, "buy_volume"),
                    decimal(row, "turnover"),
                    decimal(row, "vwap"),
                    row.getLong("trades"),
                    row.getString("trend_direction"),
                    row.getString("volatility_regime")),
                BaseCandle.indicators(row),
                List.of()));
      }
      return rows;
    }
  }

  private static BigDecimal decimal(ResultSet row, String column) throws SQLException {
    BigDecimal value = row.getBigDecimal(column);
    return value == null ? null : value.stripTrailingZeros();
  }

  /** Where what is stored is not what is owed, a line each. */
  static List<String> differences(
      Map<BaseCandle.Key, Row> expected, Map<BaseCandle.Key, Row> stored) {
    SortedSet<BaseCandle.Key> keys = new TreeSet<>(expected.keySet());
    keys.addAll(stored.keySet());
    return keys.stream()
        .filter(key -> !same(expected.get(key), stored.get(key)))
        .map(key -> "%s: expected %s, found %s".formatted(key, expected.get(key), stored.get(key)))
        .toList();
  }

  private static boolean same(Row expected, Row stored) {
    if (expected == null || stored == null || !expected.exact().equals(stored.exact())) {
      return false;
    }
    for (int i = 0; i < expected.means().size(); i++) {
      Double mean = expected.means().get(i);
      Double found = stored.means().get(i);
      if (mean == null || found == null) {
        if (mean != null || found != null) {
          return false;
        }
      } else if (!(Math.abs(mean - found) <= TOLERANCE * expected.magnitudes().get(i))) {
        return false;
      }
    }
    return true;
  }
}

package io.candlestream.schema;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A row of {@code market_data}, as the job writes it.
 *
 * @param indicators in the order of {@link #INDICATORS}; null until warm
 */
record BaseCandle(
    Key key,
    BigDecimal open,
    BigDecimal high,
    BigDecimal low,
    BigDecimal close,
    BigDecimal volume,
    BigDecimal buyVolume,
    BigDecimal turnover,
    long trades,
    List<Double> indicators,
    String trend,
    String regime) {

  static final List<String> INDICATORS =
      List.of(
          "ema_9",
          "ema_21",
          "ema_50",
          "ema_200",
          "rsi_14",
          "macd",
          "macd_signal",
          "macd_histogram",
          "bb_upper",
          "bb_middle",
          "bb_lower",
          "atr_14");

  private static final List<String> KEY = List.of("symbol", "\"timestamp\"", "source");
  private static final List<String> VALUES =
      Stream.of(
              Stream.of("open", "high", "low", "close"),
              Stream.of("volume", "buy_volume", "turnover", "vwap", "trades"),
              INDICATORS.stream(),
              Stream.of("trend_direction", "volatility_regime"))
          .flatMap(names -> names)
          .toList();

  private static final String UPSERT =
      """
      INSERT INTO market_data (%s, %s) VALUES (%s)
      ON CONFLICT (%1$s) DO UPDATE SET (%2$s) = (%4$s)
      """
          .formatted(
              String.join(", ", KEY),
              String.join(", ", VALUES),
              Stream.generate(() -> "?")
                  .limit(KEY.size() + VALUES.size())
                  .collect(Collectors.joining(", ")),
              VALUES.stream().map(name -> "EXCLUDED." + name).collect(Collectors.joining(", ")));

  private static final String[] TRENDS = {null, "UP", "DOWN", "SIDEWAYS"};
  private static final String[] REGIMES = {null, "LOW", "NORMAL", "HIGH", "EXTREME"};

  /** Decimals are compared by their values. */
  BaseCandle {
    open = open.stripTrailingZeros();
    high = high.stripTrailingZeros();
    low = low.stripTrailingZeros();
    close = close.stripTrailingZeros();
    volume = volume.stripTrailingZeros();
    buyVolume = buyVolume.stripTrailingZeros();
    turnover = turnover.stripTrailingZeros();
  }

  /** Of which there is one row. */
  record Key(String symbol, String source, Instant timestamp) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Arrays.compare(
          new String[] {timestamp.toString(), symbol, source},
          new String[] {other.timestamp.toString(), other.symbol, other.source});
    }
  }

  /** Anything that the pipeline could compute: every size of number, no trade, nothing warm. */
  static BaseCandle random(Key key, Random random) {
    BigDecimal unit = BigDecimal.ONE.scaleByPowerOfTen(random.nextInt(12) - 9);
    List<BigDecimal> prices =
        random
            .ints(4, 1, 1_000_000)
            .sorted()
            .mapToObj(units -> unit.multiply(BigDecimal.valueOf(units)))
            .toList();
    boolean rising = random.nextBoolean();
    boolean moving = random.nextInt(6) > 0;
    BigDecimal volume =
        moving ? size(random).add(BigDecimal.ONE.scaleByPowerOfTen(-12)) : BigDecimal.ZERO;
    List<Double> indicators = new ArrayList<>();
    double scale = Math.pow(10, random.nextInt(14) - 8);
    for (String name : INDICATORS) {
      double value =
          switch (name) {
            case "rsi_14" -> 100 * random.nextDouble();
            case "atr_14" -> scale * random.nextDouble();
            default -> scale * random.nextGaussian();
          };
      indicators.add(random.nextInt(4) == 0 ? null : value);
    }
    List<Double> bands =
        random.doubles(3).boxed().sorted((one, other) -> Double.compare(other, one)).toList();
    for (int band = 0; band < bands.size(); band++) {
      indicators.set(INDICATORS.indexOf("bb_upper") + band, scale * bands.get(band));
    }
    return new BaseCandle(
        key,
        prices.get(rising ? 1 : 2),
        prices.get(3),
        prices.get(0),
        prices.get(rising ? 2 : 1),
        volume,
        random.nextBoolean() ? volume : BigDecimal.ZERO,
        moving ? volume.multiply(prices.get(1)) : BigDecimal.ZERO,
        1 + random.nextInt(1_000),
        indicators,
        TRENDS[random.nextInt(TRENDS.length)],
        REGIMES[random.nextInt(REGIMES.length)]);
  }

  private static BigDecimal size(Random random) {
    return BigDecimal.valueOf(random.nextInt(1_000_000), random.nextInt(13));
  }

  static BigDecimal vwap(BigDecimal turnover, BigDecimal volume) {
    return volume.signum() == 0
        ? null
        : turnover.divide(volume, 18, RoundingMode.HALF_EVEN).stripTrailingZeros();
  }

  /** Inserts rows, or replaces those of their keys, in one transaction. */
  static void upsert(Connection connection, Collection<BaseCandle> candles) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
      for (BaseCandle candle : candles) {
        candle.bind(statement);
        statement.addBatch();
      }
      statement.executeBatch();
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private void bind(PreparedStatement statement) throws SQLException {
    List<Object> values = new ArrayList<>();
    values.add(key.symbol());
    values.add(key.timestamp().atOffset(ZoneOffset.UTC));
    values.add(key.source());
    values.addAll(List.of(open, high, low, close, volume, buyVolume, turnover));
    values.add(vwap(turnover, volume));
    values.add(trades);
    values.addAll(indicators);
    values.add(trend);
    values.add(regime);
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i));
    }
  }

  /** All rows that there are. */
  static List<BaseCandle> stored(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM market_data");
        ResultSet row = statement.executeQuery()) {
      List<BaseCandle> candles = new ArrayList<>();
      while (row.next()) {
        candles.add(
            new BaseCandle(
                new Key(
                    row.getString("symbol"),
                    row.getString("source"),
                    row.getObject("timestamp", OffsetDateTime.class).toInstant()),
                row.getBigDecimal("open"),
                row.getBigDecimal("high"),
                row.getBigDecimal("low"),
                row.getBigDecimal("close"),
                row.getBigDecimal("volume"),
                row.getBigDecimal("buy_volume"),
                row.getBigDecimal("turnover"),
                row.getLong("trades"),
                indicators(row),
                row.getString("trend_direction"),
                row.getString("volatility_regime")));
      }
      return candles;
    }
  }

  static List<Double> indicators(ResultSet row) throws SQLException {
    List<Double> values = new ArrayList<>();
    for (String name : INDICATORS) {
      values.add(row.getObject(name, Double.class));
    }
    return values;
  }
}

package io.candlestream;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.oracle.Row;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Takes rows as the tables {@code market_data} and {@code indicators_5m} … do: upserts, and never
 * loses trades, nor that a candle is closed.
 */
final class CandleRows implements Stations.Tables {

  private record Key(String table, String source, String symbol, Instant timestamp) {}

  private static final Comparator<Row> FULLNESS =
      Comparator.comparing(Row::closed).thenComparing(Row::trades);

  private final Map<Key, Row> rows = new HashMap<>();
  private long provisional;

  @Override
  public void accept(String table, CandleRow candle) {
    Row row = row(candle);
    provisional += row.closed() ? 0 : 1;
    rows.merge(
        new Key(table, row.source(), row.symbol(), row.timestamp()),
        row,
        (stored, excluded) -> FULLNESS.compare(excluded, stored) >= 0 ? excluded : stored);
  }

  /** How many rows of open candles there were. */
  long provisional() {
    return provisional;
  }

  List<Row> all(String table) {
    List<Row> sorted = new ArrayList<>();
    rows.forEach(
        (key, row) -> {
          if (key.table().equals(table)) {
            sorted.add(row);
          }
        });
    sorted.sort(Row.ORDER);
    return sorted;
  }

  private static Row row(CandleRow row) {
    Candle candle = row.candle();
    IndicatorValues values = row.indicators();
    return new Row(
        candle.instrument().symbol(),
        candle.instrument().source(),
        Instant.EPOCH.plus(candle.startMicros(), ChronoUnit.MICROS),
        text(candle.open()),
        text(candle.high()),
        text(candle.low()),
        text(candle.close()),
        text(candle.volume()),
        text(candle.buyVolume()),
        text(candle.turnover()),
        text(candle.vwap()),
        candle.trades(),
        candle.closed(),
        values.ema9(),
        values.ema21(),
        values.ema50(),
        values.ema200(),
        values.rsi14(),
        values.macd(),
        values.macdSignal(),
        values.macdHistogram(),
        values.bbUpper(),
        values.bbMiddle(),
        values.bbLower(),
        values.atr14(),
        Objects.toString(values.trendDirection(), null),
        Objects.toString(values.volatilityRegime(), null));
  }

  private static String text(Decimal value) {
    return Objects.toString(value, null);
  }
}

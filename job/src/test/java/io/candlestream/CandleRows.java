package io.candlestream;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.oracle.Row;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Takes rows as the table {@code market_data} does: upserts, and never loses trades. */
final class CandleRows implements Consumer<CandleRow> {

  private record Key(String source, String symbol, Instant timestamp) {}

  private final Map<Key, Row> rows = new HashMap<>();

  @Override
  public void accept(CandleRow candle) {
    Row row = row(candle);
    rows.merge(
        new Key(row.source(), row.symbol(), row.timestamp()),
        row,
        (stored, excluded) -> excluded.trades() >= stored.trades() ? excluded : stored);
  }

  List<Row> all() {
    List<Row> sorted = new ArrayList<>(rows.values());
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

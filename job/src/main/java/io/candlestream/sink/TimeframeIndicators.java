package io.candlestream.sink;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code indicators_5m} … {@code indicators_1d}: the indicators of a timeframe's own candles, and
 * how many trades these had. The candles themselves are not written: the database sums them up.
 *
 * <p>As in {@code market_data}, a row is replaced only by one that differs, and never by one of
 * fewer trades.
 */
public final class TimeframeIndicators implements Table<CandleRow> {

  private final Timeframe timeframe;
  private final boolean allowShrink;

  /**
   * @param allowShrink whether candles may lose trades after all, in a deliberate rebuild
   */
  public TimeframeIndicators(Timeframe timeframe, boolean allowShrink) {
    this.timeframe = timeframe;
    this.allowShrink = allowShrink;
  }

  @Override
  public String name() {
    return "indicators_" + timeframe.word();
  }

  @Override
  public Object key(CandleRow row) {
    return new MarketData.Key(row.candle().instrument(), row.candle().startMicros());
  }

  @Override
  public CandleRow merge(CandleRow earlier, CandleRow later) {
    return later;
  }

  @Override
  public String upsert() {
    String sql =
        """
        INSERT INTO %s AS stored (
          symbol, source, "timestamp", trades,
          ema_9, ema_21, ema_50, ema_200, rsi_14, macd, macd_signal, macd_histogram,
          bb_upper, bb_middle, bb_lower, atr_14, trend_direction, volatility_regime)
        SELECT * FROM unnest(
          ?::text[], ?::text[], ?::timestamptz[], ?::bigint[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[], ?::text[], ?::text[])
        ON CONFLICT (symbol, "timestamp", source) DO UPDATE SET
          trades = excluded.trades,
          ema_9 = excluded.ema_9,
          ema_21 = excluded.ema_21,
          ema_50 = excluded.ema_50,
          ema_200 = excluded.ema_200,
          rsi_14 = excluded.rsi_14,
          macd = excluded.macd,
          macd_signal = excluded.macd_signal,
          macd_histogram = excluded.macd_histogram,
          bb_upper = excluded.bb_upper,
          bb_middle = excluded.bb_middle,
          bb_lower = excluded.bb_lower,
          atr_14 = excluded.atr_14,
          trend_direction = excluded.trend_direction,
          volatility_regime = excluded.volatility_regime,
          updated_at = now()
        WHERE (
          stored.trades,
          stored.ema_9, stored.ema_21, stored.ema_50, stored.ema_200, stored.rsi_14,
          stored.macd, stored.macd_signal, stored.macd_histogram,
          stored.bb_upper, stored.bb_middle, stored.bb_lower, stored.atr_14,
          stored.trend_direction, stored.volatility_regime
        ) IS DISTINCT FROM (
          excluded.trades,
          excluded.ema_9, excluded.ema_21, excluded.ema_50, excluded.ema_200, excluded.rsi_14,
          excluded.macd, excluded.macd_signal, excluded.macd_histogram,
          excluded.bb_upper, excluded.bb_middle, excluded.bb_lower, excluded.atr_14,
          excluded.trend_direction, excluded.volatility_regime)
        """
            .formatted(name());
    return allowShrink ? sql : sql + "AND excluded.trades >= stored.trades\n";
  }

  @Override
  public List<Column<CandleRow>> columns() {
    List<Column<CandleRow>> candle =
        List.of(
            Column.key("symbol", "text", row -> row.candle().instrument().symbol()),
            Column.key("source", "text", row -> row.candle().instrument().source()),
            Column.key(
                "timestamp", "timestamptz", row -> Columns.timestamp(row.candle().startMicros())),
            Column.of("trades", "int8", row -> row.candle().trades()));
    return Stream.concat(candle.stream(), MarketData.indicators().stream()).toList();
  }
}

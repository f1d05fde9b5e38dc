package io.candlestream.sink;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * {@code market_data}: one row per candle, with its indicators.
 *
 * <p>A row that is there already is replaced only by one that differs, and never by one of fewer
 * trades: that is a candle read in part, by a replay or an attempt that is over. A closed candle
 * replaces one that is still open whatever its trades, and never the other way round.
 */
public final class MarketData implements Table<CandleRow> {

  record Key(Instrument instrument, long startMicros) {}

  private final boolean allowShrink;

  /**
   * @param allowShrink whether candles may lose trades after all, in a deliberate rebuild
   */
  public MarketData(boolean allowShrink) {
    this.allowShrink = allowShrink;
  }

  @Override
  public String name() {
    return "market_data";
  }

  @Override
  public Object key(CandleRow row) {
    return new Key(row.candle().instrument(), row.candle().startMicros());
  }

  @Override
  public CandleRow merge(CandleRow earlier, CandleRow later) {
    return earlier.candle().closed() && !later.candle().closed() ? earlier : later;
  }

  @Override
  public String upsert() {
    String sql =
        """
        INSERT INTO market_data AS stored (
          symbol, source, "timestamp",
          open, high, low, close, volume, buy_volume, turnover, vwap, trades, closed,
          ema_9, ema_21, ema_50, ema_200, rsi_14, macd, macd_signal, macd_histogram,
          bb_upper, bb_middle, bb_lower, atr_14, trend_direction, volatility_regime)
        SELECT * FROM unnest(
          ?::text[], ?::text[], ?::timestamptz[],
          ?::numeric[], ?::numeric[], ?::numeric[], ?::numeric[],
          ?::numeric[], ?::numeric[], ?::numeric[], ?::numeric[], ?::bigint[], ?::boolean[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[],
          ?::float8[], ?::float8[], ?::float8[], ?::float8[], ?::text[], ?::text[])
        ON CONFLICT (symbol, "timestamp", source) DO UPDATE SET
          open = excluded.open,
          high = excluded.high,
          low = excluded.low,
          close = excluded.close,
          volume = excluded.volume,
          buy_volume = excluded.buy_volume,
          turnover = excluded.turnover,
          vwap = excluded.vwap,
          trades = excluded.trades,
          closed = excluded.closed,
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
          stored.open, stored.high, stored.low, stored.close, stored.volume, stored.buy_volume,
          stored.turnover, stored.vwap, stored.trades, stored.closed,
          stored.ema_9, stored.ema_21, stored.ema_50, stored.ema_200, stored.rsi_14,
          stored.macd, stored.macd_signal, stored.macd_histogram,
          stored.bb_upper, stored.bb_middle, stored.bb_lower, stored.atr_14,
          stored.trend_direction, stored.volatility_regime
        ) IS DISTINCT FROM (
          excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
          excluded.buy_volume, excluded.turnover, excluded.vwap, excluded.trades, excluded.closed,
          excluded.ema_9, excluded.ema_21, excluded.ema_50, excluded.ema_200, excluded.rsi_14,
          excluded.macd, excluded.macd_signal, excluded.macd_histogram,
          excluded.bb_upper, excluded.bb_middle, excluded.bb_lower, excluded.atr_14,
          excluded.trend_direction, excluded.volatility_regime)
        """;
    // In this order false comes before true.
    return sql
        + (allowShrink
            ? "AND excluded.closed >= stored.closed\n"
            : "AND (excluded.closed, excluded.trades) >= (stored.closed, stored.trades)\n");
  }

  @Override
  public List<Column<CandleRow>> columns() {
    List<Column<CandleRow>> candle =
        List.of(
            Column.key("symbol", "text", row -> row.candle().instrument().symbol()),
            Column.key("source", "text", row -> row.candle().instrument().source()),
            Column.key(
                "timestamp", "timestamptz", row -> Columns.timestamp(row.candle().startMicros())),
            Column.of("open", "numeric", number(Candle::open)),
            Column.of("high", "numeric", number(Candle::high)),
            Column.of("low", "numeric", number(Candle::low)),
            Column.of("close", "numeric", number(Candle::close)),
            Column.of("volume", "numeric", number(Candle::volume)),
            Column.of("buy_volume", "numeric", number(Candle::buyVolume)),
            Column.of("turnover", "numeric", number(Candle::turnover)),
            Column.of("vwap", "numeric", number(Candle::vwap)),
            Column.of("trades", "int8", row -> row.candle().trades()),
            Column.of("closed", "bool", row -> row.candle().closed()));
    return Stream.concat(candle.stream(), indicators().stream()).toList();
  }

  /** The indicators' columns, in the order in which all tables have them. */
  static List<Column<CandleRow>> indicators() {
    return List.of(
        Column.of("ema_9", "float8", indicator(IndicatorValues::ema9)),
        Column.of("ema_21", "float8", indicator(IndicatorValues::ema21)),
        Column.of("ema_50", "float8", indicator(IndicatorValues::ema50)),
        Column.of("ema_200", "float8", indicator(IndicatorValues::ema200)),
        Column.of("rsi_14", "float8", indicator(IndicatorValues::rsi14)),
        Column.of("macd", "float8", indicator(IndicatorValues::macd)),
        Column.of("macd_signal", "float8", indicator(IndicatorValues::macdSignal)),
        Column.of("macd_histogram", "float8", indicator(IndicatorValues::macdHistogram)),
        Column.of("bb_upper", "float8", indicator(IndicatorValues::bbUpper)),
        Column.of("bb_middle", "float8", indicator(IndicatorValues::bbMiddle)),
        Column.of("bb_lower", "float8", indicator(IndicatorValues::bbLower)),
        Column.of("atr_14", "float8", indicator(IndicatorValues::atr14)),
        Column.of("trend_direction", "text", word(IndicatorValues::trendDirection)),
        Column.of("volatility_regime", "text", word(IndicatorValues::volatilityRegime)));
  }

  private static Function<CandleRow, Object> number(Function<Candle, Decimal> column) {
    return row -> {
      Decimal value = column.apply(row.candle());
      return value == null ? null : value.toString();
    };
  }

  private static Function<CandleRow, Object> indicator(Function<IndicatorValues, Double> column) {
    return row -> column.apply(row.indicators());
  }

  private static Function<CandleRow, Object> word(Function<IndicatorValues, Enum<?>> column) {
    return row -> {
      Enum<?> value = column.apply(row.indicators());
      return value == null ? null : value.name();
    };
  }
}

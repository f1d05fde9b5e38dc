package io.candlestream.sink;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

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
  public void bind(List<CandleRow> rows, PreparedStatement statement) throws SQLException {
    Columns<CandleRow> columns = new Columns<>(rows, statement);
    columns
        .bind("text", row -> row.candle().instrument().symbol())
        .bind("text", row -> row.candle().instrument().source())
        .bind("timestamptz", row -> Columns.timestamp(row.candle().startMicros()))
        .bind("numeric", number(Candle::open))
        .bind("numeric", number(Candle::high))
        .bind("numeric", number(Candle::low))
        .bind("numeric", number(Candle::close))
        .bind("numeric", number(Candle::volume))
        .bind("numeric", number(Candle::buyVolume))
        .bind("numeric", number(Candle::turnover))
        .bind("numeric", number(Candle::vwap))
        .bind("int8", row -> row.candle().trades())
        .bind("bool", row -> row.candle().closed());
    bindIndicators(columns);
  }

  /** Binds the indicators in the order in which all tables have them. */
  static void bindIndicators(Columns<CandleRow> columns) throws SQLException {
    columns
        .bind("float8", indicator(IndicatorValues::ema9))
        .bind("float8", indicator(IndicatorValues::ema21))
        .bind("float8", indicator(IndicatorValues::ema50))
        .bind("float8", indicator(IndicatorValues::ema200))
        .bind("float8", indicator(IndicatorValues::rsi14))
        .bind("float8", indicator(IndicatorValues::macd))
        .bind("float8", indicator(IndicatorValues::macdSignal))
        .bind("float8", indicator(IndicatorValues::macdHistogram))
        .bind("float8", indicator(IndicatorValues::bbUpper))
        .bind("float8", indicator(IndicatorValues::bbMiddle))
        .bind("float8", indicator(IndicatorValues::bbLower))
        .bind("float8", indicator(IndicatorValues::atr14))
        .bind("text", word(IndicatorValues::trendDirection))
        .bind("text", word(IndicatorValues::volatilityRegime));
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

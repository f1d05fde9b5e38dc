package io.candlestream.sink;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.CandleKey;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * {@code market_data}: one row per candle, with its indicators.
 *
 * <p>A row that is there already is replaced only by one that differs, and never by one of fewer
 * trades: that is a candle read in part, by a replay or an attempt that is over. A closed candle
 * replaces one that is still open whatever its trades, and never the other way round.
 */
public final class MarketData implements Table<CandleRow> {

  /** As the key, but for instruments of one symbol at several sources. */
  static final Comparator<CandleRow> ORDER =
      Comparator.<CandleRow, String>comparing(row -> row.candle().instrument().symbol())
          .thenComparingLong(row -> row.candle().startMicros());

  private final boolean allowShrink;
  private final boolean withIndicators;

  /**
   * @param allowShrink whether candles may lose trades after all, in a deliberate rebuild
   */
  public MarketData(boolean allowShrink) {
    this(allowShrink, true);
  }

  private MarketData(boolean allowShrink, boolean withIndicators) {
    this.allowShrink = allowShrink;
    this.withIndicators = withIndicators;
  }

  /** The candles alone: the indicators that are stored stay as they are. */
  public static MarketData withoutIndicators(boolean allowShrink) {
    return new MarketData(allowShrink, false);
  }

  @Override
  public String name() {
    return "market_data";
  }

  @Override
  public Object key(CandleRow row) {
    return new CandleKey(row.candle().instrument(), row.candle().startMicros());
  }

  @Override
  public Comparator<CandleRow> order() {
    return ORDER;
  }

  @Override
  public CandleRow merge(CandleRow earlier, CandleRow later) {
    return earlier.candle().closed() && !later.candle().closed() ? earlier : later;
  }

  @Override
  public String upsert() {
    // In this order false comes before true.
    return new Layout<>(columns())
        .upsert(
            name(),
            allowShrink
                ? "excluded.closed >= stored.closed"
                : "(excluded.closed, excluded.trades) >= (stored.closed, stored.trades)");
  }

  @Override
  public List<Column<CandleRow>> columns() {
    List<Column<CandleRow>> candle =
        List.of(
            Column.number("open", row -> row.candle().open()),
            Column.number("high", row -> row.candle().high()),
            Column.number("low", row -> row.candle().low()),
            Column.number("close", row -> row.candle().close()),
            Column.number("volume", row -> row.candle().volume()),
            Column.number("buy_volume", row -> row.candle().buyVolume()),
            Column.number("turnover", row -> row.candle().turnover()),
            Column.number("vwap", row -> row.candle().vwap()),
            Column.of("trades", "int8", row -> row.candle().trades()),
            Column.of("closed", "bool", row -> row.candle().closed()));
    return Stream.of(keys(), candle, withIndicators ? indicators() : List.<Column<CandleRow>>of())
        .flatMap(List::stream)
        .toList();
  }

  /** The columns of the key that all tables of candles have. */
  static List<Column<CandleRow>> keys() {
    return List.of(
        Column.key("symbol", "text", row -> row.candle().instrument().symbol()),
        Column.key("source", "text", row -> row.candle().instrument().source()),
        Column.key(
            "timestamp", "timestamptz", row -> Columns.timestamp(row.candle().startMicros())));
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

  private static Function<CandleRow, Object> indicator(ToDoubleFunction<IndicatorValues> column) {
    return row -> IndicatorValues.orNull(column.applyAsDouble(row.indicators()));
  }

  private static Function<CandleRow, Object> word(Function<IndicatorValues, Enum<?>> column) {
    return row -> {
      Enum<?> value = column.apply(row.indicators());
      return value == null ? null : value.name();
    };
  }
}

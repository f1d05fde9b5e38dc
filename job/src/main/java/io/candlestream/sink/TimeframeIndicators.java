package io.candlestream.sink;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.CandleKey;
import java.util.Comparator;
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
    return new CandleKey(row.candle().instrument(), row.candle().startMicros());
  }

  @Override
  public Comparator<CandleRow> order() {
    return MarketData.ORDER;
  }

  @Override
  public CandleRow merge(CandleRow earlier, CandleRow later) {
    return later;
  }

  @Override
  public String upsert() {
    return new Layout<>(columns())
        .upsert(name(), allowShrink ? "true" : "excluded.trades >= stored.trades");
  }

  @Override
  public List<Column<CandleRow>> columns() {
    List<Column<CandleRow>> trades =
        List.of(Column.of("trades", "int8", row -> row.candle().trades()));
    return Stream.of(MarketData.keys(), trades, MarketData.indicators())
        .flatMap(List::stream)
        .toList();
  }
}

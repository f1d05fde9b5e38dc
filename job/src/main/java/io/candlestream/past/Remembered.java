package io.candlestream.past;

import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * A stored candle, as far as indicators go on from it.
 *
 * @param high anything from the close on where a true range is stored; the low likewise
 * @param stored what is stored of its indicators
 */
record Remembered(double high, double low, double close, IndicatorValues stored) {

  /** The columns that {@link #averages} reads. */
  static final String AVERAGES = "ema_9, ema_21, ema_50, ema_200, rsi_14, atr_14";

  static IndicatorValues averages(ResultSet row) throws SQLException {
    return IndicatorValues.ofAverages(
        row.getObject("ema_9", Double.class),
        row.getObject("ema_21", Double.class),
        row.getObject("ema_50", Double.class),
        row.getObject("ema_200", Double.class),
        row.getObject("rsi_14", Double.class),
        row.getObject("atr_14", Double.class));
  }

  /**
   * The indicators after the last of some candles.
   *
   * @param candles the last of an instrument, at most {@link PastCandles#ENOUGH}, in the order of
   *     time
   */
  static Indicators indicators(List<Remembered> candles) {
    boolean fromFirst = candles.size() < PastCandles.ENOUGH;
    Indicators indicators = Indicators.start();
    for (Remembered candle : candles) {
      indicators =
          indicators.resume(candle.high, candle.low, candle.close, candle.stored, fromFirst);
    }
    return indicators;
  }
}

package io.candlestream.indicator;

/**
 * The indicators at one candle. A value that is not yet defined, for want of candles, is {@link
 * Double#NaN}, and a word {@code null}; the index of the first candle that has it (the instrument's
 * first is 0) is given with each.
 *
 * @param ema9 exponential average of the closes, in units of the price, from 8 on
 * @param ema21 the same, from 20 on
 * @param ema50 the same, from 49 on
 * @param ema200 the same, from 199 on
 * @param rsi14 relative strength index, 0–100, from 14 on
 * @param macd EMA 12 − EMA 26, in units of the price, from 33 on
 * @param macdSignal EMA 9 of {@code macd}, from 33 on
 * @param macdHistogram {@code macd − macdSignal}, from 33 on
 * @param bbUpper upper Bollinger band, in units of the price, from 19 on
 * @param bbMiddle mean of the last 20 closes, from 19 on
 * @param bbLower lower Bollinger band, may be below 0, from 19 on
 * @param atr14 average true range, in units of the price, from 14 on
 * @param trendDirection order of EMA 9, 21 and 50, from 49 on
 * @param volatilityRegime rank of {@code atr14 / close} among its last 100, from 33 on
 */
public record IndicatorValues(
    double ema9,
    double ema21,
    double ema50,
    double ema200,
    double rsi14,
    double macd,
    double macdSignal,
    double macdHistogram,
    double bbUpper,
    double bbMiddle,
    double bbLower,
    double atr14,
    TrendDirection trendDirection,
    VolatilityRegime volatilityRegime) {

  /** Of those alone that later ones follow from; any may be null where it is not defined. */
  public static IndicatorValues ofAverages(
      Double ema9, Double ema21, Double ema50, Double ema200, Double rsi14, Double atr14) {
    return new IndicatorValues(
        orNaN(ema9),
        orNaN(ema21),
        orNaN(ema50),
        orNaN(ema200),
        orNaN(rsi14),
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        orNaN(atr14),
        null,
        null);
  }

  /** A value as a database has it: null where it is not defined. */
  public static Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** A value as a database has it, the other way round. */
  public static double orNaN(Double value) {
    return value == null ? Double.NaN : value;
  }
}

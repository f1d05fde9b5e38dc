package io.candlestream.indicator;

/**
 * All indicators of one instrument on one timeframe, as an immutable value: feed it the candles in
 * event-time order, read the values after each.
 *
 * <pre>{@code
 * Indicators indicators = Indicators.start();
 * for (Candle candle : candles) {
 *   indicators = indicators.update(candle.high(), candle.low(), candle.close());
 *   IndicatorValues values = indicators.values();
 * }
 * }</pre>
 *
 * An earlier value stays good, so a corrected candle is folded in by resuming from the one before
 * it. As state it takes about 1.2 KB, most of it the volatility window.
 *
 * @param ema9 average of the closes
 * @param ema21 average of the closes
 * @param ema50 average of the closes
 * @param ema200 average of the closes
 * @param rsi14 relative strength of the closes
 * @param macd convergence of the averages 12 and 26, signal 9
 * @param bollinger bands of 20 closes, 2 deviations wide
 * @param atr14 average true range
 * @param volatility recent values of {@code atr14 / close}
 */
public record Indicators(
    Ema ema9,
    Ema ema21,
    Ema ema50,
    Ema ema200,
    Rsi rsi14,
    Macd macd,
    BollingerBands bollinger,
    Atr atr14,
    VolatilityRegimeWindow volatility) {

  /** The indicators before the first candle: no value is defined. */
  public static Indicators start() {
    return new Indicators(
        Ema.of(9),
        Ema.of(21),
        Ema.of(50),
        Ema.of(200),
        Rsi.of(14),
        Macd.of(12, 26, 9),
        BollingerBands.of(20, 2),
        Atr.of(14),
        VolatilityRegimeWindow.start());
  }

  /**
   * These indicators after one more candle.
   *
   * @throws IllegalArgumentException unless {@code 0 < low <= close <= high < infinity}; one NaN
   *     would otherwise spoil every later value
   */
  public Indicators update(double high, double low, double close) {
    if (!(0 < low && low <= close && close <= high && high < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "not a candle: high %s, low %s, close %s; needed: 0 < low <= close <= high < infinity"
              .formatted(high, low, close));
    }
    Atr newAtr = atr14.update(high, low, close);
    double range = newAtr.value();
    return new Indicators(
        ema9.update(close),
        ema21.update(close),
        ema50.update(close),
        ema200.update(close),
        rsi14.update(close),
        macd.update(close),
        bollinger.update(close),
        newAtr,
        Double.isNaN(range) ? volatility : volatility.update(range / close));
  }

  /**
   * As {@link #update}, but what was stored with the candle takes the place of what follows from
   * the candles before it, for not all of them may be known here: the averages and the true range
   * go on from it exactly, the relative strength from its ratio.
   *
   * @param stored null where nothing was stored
   * @param fromFirst whether the instrument's first candle is among those before: only then can an
   *     average be computed that was not stored. Otherwise it begins anew with the next candle.
   */
  public Indicators resume(
      double high, double low, double close, IndicatorValues stored, boolean fromFirst) {
    Indicators updated = update(high, low, close);
    double range = stored.atr14();
    boolean hasRange = !Double.isNaN(range);
    Atr storedAtr =
        hasRange ? new Atr(atr14.period(), atr14.period(), close, range) : Atr.of(atr14.period());
    return new Indicators(
        resume(updated.ema9, stored.ema9(), fromFirst),
        resume(updated.ema21, stored.ema21(), fromFirst),
        resume(updated.ema50, stored.ema50(), fromFirst),
        resume(updated.ema200, stored.ema200(), fromFirst),
        Double.isNaN(stored.rsi14()) ? updated.rsi14 : updated.rsi14.withValue(stored.rsi14()),
        updated.macd,
        updated.bollinger,
        !hasRange && fromFirst ? updated.atr14 : storedAtr,
        hasRange ? volatility.update(range / close) : volatility);
  }

  private static Ema resume(Ema computed, double stored, boolean fromFirst) {
    if (!Double.isNaN(stored)) {
      return new Ema(computed.period(), computed.period(), stored);
    }
    return fromFirst ? computed : Ema.of(computed.period());
  }

  /** The values at the latest candle. */
  public IndicatorValues values() {
    Macd.Lines lines = macd.lines();
    BollingerBands.Bands bands = bollinger.bands();
    return new IndicatorValues(
        ema9.value(),
        ema21.value(),
        ema50.value(),
        ema200.value(),
        rsi14.value(),
        lines.macd(),
        lines.signal(),
        lines.histogram(),
        bands.upper(),
        bands.middle(),
        bands.lower(),
        atr14.value(),
        trend(),
        volatility.regime().orElse(null));
  }

  private TrendDirection trend() {
    return ema50.isWarm() ? TrendDirection.of(ema9.value(), ema21.value(), ema50.value()) : null;
  }
}

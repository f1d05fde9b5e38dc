package io.candlestream.indicator;

import io.candlestream.market.Candle;
import io.candlestream.market.CandlesInOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * One instrument's indicators, with enough of the past to compute them again when a candle of the
 * past is corrected or comes in between two others.
 *
 * <pre>
 *   … settled candles │ recent candles, may still change
 *                  settled                         latest
 * </pre>
 *
 * @param settled the indicators after the last candle that cannot change any more
 * @param settledBeforeMicros every candle that starts before is part of {@code settled}
 * @param recent the candles thereafter, in the order of time
 * @param latest the indicators after the last of them
 */
public record IndicatorHistory(
    Indicators settled, long settledBeforeMicros, List<Candle> recent, Indicators latest) {

  public static IndicatorHistory start() {
    return new IndicatorHistory(Indicators.start(), Long.MIN_VALUE, List.of(), Indicators.start());
  }

  /**
   * Puts a candle in its place, or in place of its earlier state, and hands out its row and every
   * later one.
   *
   * @throws IllegalStateException if the candle is older than what is settled
   */
  public IndicatorHistory put(Candle candle, Consumer<CandleRow> rows) {
    if (candle.startMicros() < settledBeforeMicros) {
      throw new IllegalStateException(
          "candle %s changes what was settled before %d µs".formatted(candle, settledBeforeMicros));
    }
    int place = CandlesInOrder.placeOf(candle.startMicros(), recent);
    List<Candle> candles = CandlesInOrder.with(candle, recent);
    boolean appends = place == recent.size();
    Indicators indicators = appends ? latest : settled;
    for (int i = appends ? place : 0; i < candles.size(); i++) {
      indicators = update(indicators, candles.get(i));
      if (i >= place) {
        rows.accept(new CandleRow(candles.get(i), indicators.values()));
      }
    }
    return new IndicatorHistory(settled, settledBeforeMicros, candles, indicators);
  }

  /** The row of a candle that is still open; it leaves no trace here. */
  public CandleRow preview(Candle open) {
    int place = CandlesInOrder.placeOf(open.startMicros(), recent);
    Indicators before = place == recent.size() ? latest : settled;
    if (place < recent.size()) {
      for (Candle candle : recent.subList(0, place)) {
        before = update(before, candle);
      }
    }
    return new CandleRow(open, update(before, open).values());
  }

  /**
   * Goes on from another past: it takes the place of all that was known of the time before it. The
   * rows of all candles after it come out anew.
   */
  public IndicatorHistory resume(Past past, Consumer<CandleRow> rows) {
    List<Candle> candles = past.followedBy(recent);
    Indicators indicators = past.indicators();
    for (Candle candle : candles) {
      indicators = update(indicators, candle);
      rows.accept(new CandleRow(candle, indicators.values()));
    }
    return new IndicatorHistory(past.indicators(), past.beforeMicros(), candles, indicators);
  }

  /** Folds in for good what cannot change any more. */
  public IndicatorHistory settle(long beforeMicros) {
    if (beforeMicros <= settledBeforeMicros) {
      return this;
    }
    int count = CandlesInOrder.placeOf(beforeMicros, recent);
    Indicators indicators = settled;
    for (Candle candle : recent.subList(0, count)) {
      indicators = update(indicators, candle);
    }
    return new IndicatorHistory(
        indicators, beforeMicros, CandlesInOrder.from(beforeMicros, recent), latest);
  }

  private static Indicators update(Indicators indicators, Candle candle) {
    return indicators.update(
        candle.high().doubleValue(), candle.low().doubleValue(), candle.close().doubleValue());
  }
}

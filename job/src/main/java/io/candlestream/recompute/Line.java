package io.candlestream.recompute;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.past.PastCandles;
import io.candlestream.recompute.Recompute.Series;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One series on one timeframe: takes its candles in the order of time, and gives their rows.
 *
 * <p>With nothing stored before its first candle it begins there, as the job did. Unless averages
 * are stored that no beginning has: then retention has dropped what was before, and whoever began
 * anew would replace good values by wrong ones. So the first {@value PastCandles#ENOUGH} candles
 * are left alone, and are the past of those that follow.
 */
final class Line {

  private static final Logger LOG = LoggerFactory.getLogger(Line.class);

  private final Timeframe timeframe;
  private final long fromMicros;
  private final StoredSeries stored;

  /** Null as long as it is not known where they begin. */
  private Indicators indicators;

  /** How many candles have been left alone. */
  private int left;

  /** The last of them. */
  private Candle lastLeft;

  private Line(Timeframe timeframe, long fromMicros, Indicators indicators, StoredSeries stored) {
    this.timeframe = timeframe;
    this.fromMicros = fromMicros;
    this.indicators = indicators.equals(Indicators.start()) ? null : indicators;
    this.stored = stored;
  }

  /**
   * @param past what is known of the time before; null if nothing is
   */
  static Line ofBase(Series series, Past past, StoredSeries stored) {
    return new Line(
        null, series.fromMicros(), past == null ? Indicators.start() : past.indicators(), stored);
  }

  /**
   * The same on a timeframe: from the start of its candle that holds the moment, or the moment of
   * the past, which is earlier where no candle is between the two.
   */
  static Line of(Timeframe timeframe, Series series, Past past, StoredSeries stored) {
    return new Line(
        timeframe,
        timeframe.startOf(past == null ? series.fromMicros() : past.beforeMicros()),
        past == null ? Indicators.start() : of(timeframe, past),
        stored);
  }

  private static Indicators of(Timeframe timeframe, Past past) {
    return past.timeframes().stream()
        .filter(known -> known.timeframe() == timeframe)
        .map(Past.OfTimeframe::indicators)
        .findFirst()
        .orElse(Indicators.start());
  }

  long fromMicros() {
    return fromMicros;
  }

  /** Takes the next candle, and adds its row. */
  void put(Candle candle, List<Recomputed> rows) throws IOException, InterruptedException {
    if (candle.startMicros() < fromMicros || !knowsWhatIsBefore(candle)) {
      return;
    }
    indicators = update(indicators, candle);
    rows.add(new Recomputed(timeframe, new CandleRow(candle, indicators.values())));
  }

  private static Indicators update(Indicators before, Candle candle) {
    return before.update(
        candle.high().doubleValue(), candle.low().doubleValue(), candle.close().doubleValue());
  }

  private boolean knowsWhatIsBefore(Candle candle) throws IOException, InterruptedException {
    if (indicators != null) {
      return true;
    }
    if (left == 0) {
      if (!stored.hasLostItsPast(timeframe, candle)) {
        indicators = Indicators.start();
        return true;
      }
      LOG.warn(
          "{}, {}: what was before its first stored candle has been dropped, so its indicators are"
              + " computed again only after {} candles",
          candle.instrument(),
          timeframe == null ? "base" : timeframe.word(),
          PastCandles.ENOUGH);
    }
    if (left < PastCandles.ENOUGH) {
      left++;
      lastLeft = candle;
      return false;
    }
    indicators = before(candle);
    return true;
  }

  private Indicators before(Candle candle) throws IOException, InterruptedException {
    Past past = stored.past(candle.instrument(), candle.startMicros());
    if (past == null) {
      throw new IllegalStateException("candles before %s are there no more".formatted(candle));
    }
    if (timeframe == null) {
      return past.indicators();
    }
    // The past of a timeframe ends before the candle that holds its moment: here, the last that was
    // left alone, unless this one follows it without a gap.
    return timeframe.startOf(past.beforeMicros()) == lastLeft.startMicros()
        ? update(of(timeframe, past), lastLeft)
        : of(timeframe, past);
  }
}

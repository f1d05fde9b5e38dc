package io.candlestream.recompute;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.recompute.Recompute.Series;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The rows of one series on all timeframes, from one reading of its candles in the order of time.
 *
 * <pre>
 *                          the moment │        retained
 *   market_data                       ├─ base ────┼───────────────────────▶
 *                                  └─▶ 5m … 1d, where base candles are all there
 *   market_data_5m … _1d        ├──── 5m … 1d ────┤   where retention has dropped them
 * </pre>
 *
 * <p>Longer candles are summed up from base candles, as the job does, and not read from the
 * aggregates, which after a backfill are out of date.
 */
final class SeriesRows {

  private final Instrument instrument;
  private final StoredSeries stored;
  private final Line base;
  private final List<LongerLine> longer = new ArrayList<>();

  /** Those with candles that only the aggregates still have. */
  private final Deque<LongerLine> inAggregates = new ArrayDeque<>();

  private long nextBaseMicros;
  private boolean isThrough;

  private SeriesRows(Series series, StoredSeries stored, Past past)
      throws IOException, InterruptedException {
    this.instrument = series.instrument();
    this.stored = stored;
    this.base = Line.ofBase(series, past, stored);
    this.nextBaseMicros = series.fromMicros();
    long retainedFrom = stored.retainedFromMicros();
    long newestEnd = stored.newestEndMicros();
    for (Timeframe timeframe : stored.timeframes()) {
      LongerLine line =
          new LongerLine(
              Line.of(timeframe, series, past, stored), timeframe, retainedFrom, newestEnd, stored);
      longer.add(line);
      if (line.hasOlder()) {
        inAggregates.add(line);
      }
      nextBaseMicros = Math.min(nextBaseMicros, line.summedFromMicros());
    }
  }

  static SeriesRows begin(Series series, StoredSeries stored)
      throws IOException, InterruptedException {
    return new SeriesRows(series, stored, stored.past(series.instrument(), series.fromMicros()));
  }

  /** Some more rows; empty when there are no more. */
  Optional<List<Recomputed>> next() throws IOException, InterruptedException {
    List<Recomputed> rows = new ArrayList<>();
    if (!inAggregates.isEmpty()) {
      if (!inAggregates.peek().readOlder(instrument, rows)) {
        inAggregates.poll();
      }
    } else if (!isThrough) {
      readBase(rows);
    } else {
      return Optional.empty();
    }
    return Optional.of(rows);
  }

  private void readBase(List<Recomputed> rows) throws IOException, InterruptedException {
    List<Candle> candles = stored.base(instrument, nextBaseMicros);
    for (Candle candle : candles) {
      base.put(candle, rows);
      for (LongerLine line : longer) {
        line.add(candle, rows);
      }
      nextBaseMicros = candle.startMicros() + 1;
    }
    if (candles.size() < StoredSeries.PAGE) {
      isThrough = true;
      for (LongerLine line : longer) {
        line.end(rows);
      }
    }
  }
}

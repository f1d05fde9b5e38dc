package io.candlestream.recompute;

import io.candlestream.config.Timeframe;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import java.io.IOException;
import java.util.List;

/**
 * One series on a timeframe above the base, whose candles are summed up from base candles; only
 * those of which retention has dropped base candles are as the aggregates have them.
 *
 * <p>A candle that is not over yet has no row, unless the job has written one at its end.
 */
final class LongerLine {

  private final Line line;
  private final Timeframe timeframe;
  private final long summedFromMicros;
  private final long newestEndMicros;
  private final StoredSeries stored;

  private long nextOlderMicros;

  /** The candle that base candles are being added to; null before the first. */
  private Candle sum;

  /**
   * @param retainedFromMicros from when on base candles are all there
   * @param newestEndMicros the end of the newest base candle of all instruments: what ends later is
   *     not over
   */
  LongerLine(
      Line line,
      Timeframe timeframe,
      long retainedFromMicros,
      long newestEndMicros,
      StoredSeries stored) {
    this.line = line;
    this.timeframe = timeframe;
    this.nextOlderMicros = line.fromMicros();
    this.summedFromMicros = Math.max(line.fromMicros(), roundUp(retainedFromMicros, timeframe));
    this.newestEndMicros = newestEndMicros;
    this.stored = stored;
  }

  private static long roundUp(long micros, Timeframe timeframe) {
    long start = timeframe.startOf(micros);
    return start == micros ? micros : timeframe.endOf(micros);
  }

  long summedFromMicros() {
    return summedFromMicros;
  }

  boolean hasOlder() {
    return nextOlderMicros < summedFromMicros;
  }

  /**
   * Reads a page of the aggregate.
   *
   * @return whether there may be more
   */
  boolean readOlder(Instrument instrument, List<Recomputed> rows)
      throws IOException, InterruptedException {
    List<Candle> candles =
        stored.aggregate(timeframe, instrument, nextOlderMicros, summedFromMicros);
    for (Candle candle : candles) {
      put(candle, rows);
      nextOlderMicros = candle.startMicros() + 1;
    }
    return candles.size() == StoredSeries.PAGE;
  }

  /** Takes the next base candle, and adds the row of the candle that ends before it. */
  void add(Candle base, List<Recomputed> rows) throws IOException, InterruptedException {
    long start = timeframe.startOf(base.startMicros());
    if (start < summedFromMicros) {
      return;
    }
    if (sum != null && sum.startMicros() == start) {
      sum = sum.with(base, start);
    } else {
      end(rows);
      sum = base.at(start);
    }
  }

  /** Adds the row of the last candle. */
  void end(List<Recomputed> rows) throws IOException, InterruptedException {
    if (sum != null) {
      put(sum, rows);
      sum = null;
    }
  }

  private void put(Candle candle, List<Recomputed> rows) throws IOException, InterruptedException {
    if (timeframe.endOf(candle.startMicros()) <= newestEndMicros
        || stored.hasRow(timeframe, candle)) {
      line.put(candle, rows);
    }
  }
}

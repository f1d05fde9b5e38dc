package io.candlestream.gap;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.CandlesInOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * One instrument's candles, with flat ones where nothing was traded between two of them: at the
 * close before, without volume. A flat candle is never kept here, so a trade that comes late simply
 * takes its place.
 *
 * @param settled the last candle that cannot change any more; null before the first
 * @param recent the traded candles thereafter, in the order of time
 */
public record FilledSeries(Candle settled, List<Candle> recent) {

  public static FilledSeries start() {
    return new FilledSeries(null, List.of());
  }

  /** Goes on from another past. */
  public FilledSeries resume(Past past) {
    List<Candle> candles = past.followedBy(recent);
    candles.removeIf(candle -> candle.trades() == 0);
    return new FilledSeries(past.last(), candles);
  }

  /**
   * Puts a closed candle in its place, and hands out what changes by it in the order of time: the
   * candle itself, and flat ones before and after it.
   *
   * @param lengthMicros a candle's length
   */
  public FilledSeries put(CandleUpdate update, long lengthMicros, Consumer<CandleUpdate> out) {
    FilledSeries before = settle(update.settledBeforeMicros());
    Candle candle = update.candle();
    List<Candle> candles = CandlesInOrder.with(candle, before.recent);
    boolean known = candles.size() == before.recent.size();
    int place = CandlesInOrder.placeOf(candle.startMicros(), candles);
    Candle previous = place > 0 ? candles.get(place - 1) : before.settled;
    Candle next = place + 1 < candles.size() ? candles.get(place + 1) : null;
    if (previous != null && next == null && !known) {
      fill(previous, candle, lengthMicros, update.settledBeforeMicros(), out);
    }
    out.accept(update);
    if (next != null) {
      fill(candle, next, lengthMicros, update.settledBeforeMicros(), out);
    }
    return new FilledSeries(before.settled, candles);
  }

  private static void fill(
      Candle previous, Candle next, long length, long settledBefore, Consumer<CandleUpdate> out) {
    long start = previous.startMicros() + length;
    for (; start < next.startMicros(); start += length) {
      out.accept(new CandleUpdate(previous.flatAt(start), Math.min(settledBefore, start)));
    }
  }

  private FilledSeries settle(long beforeMicros) {
    int count = CandlesInOrder.placeOf(beforeMicros, recent);
    return count == 0
        ? this
        : new FilledSeries(recent.get(count - 1), CandlesInOrder.from(beforeMicros, recent));
  }
}

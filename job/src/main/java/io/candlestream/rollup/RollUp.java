package io.candlestream.rollup;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One instrument's base candles on their way into the candles of longer timeframes.
 *
 * <pre>
 *    5m  │ settled part, summed up ·  recent base candles │
 *  start of the 5m candle        settled                 its end
 * </pre>
 *
 * @param settledBeforeMicros every base candle that starts before is in a settled part
 * @param recent the base candles thereafter, in the order of time; all timeframes share them
 * @param buckets the candles of longer timeframes that can still change, in no order
 */
public record RollUp(long settledBeforeMicros, List<Candle> recent, List<Bucket> buckets) {

  /**
   * A candle of a longer timeframe that can still change.
   *
   * @param settled what cannot change of it, summed up; null if nothing
   * @param changed whether it has changed since it last went downstream
   */
  public record Bucket(Timeframe timeframe, long startMicros, Candle settled, boolean changed) {

    long endMicros() {
      return startMicros + length(timeframe);
    }

    boolean holds(long baseStartMicros) {
      return startMicros <= baseStartMicros && baseStartMicros < endMicros();
    }

    Bucket with(Candle base) {
      return new Bucket(timeframe, startMicros, append(settled, base, startMicros), changed);
    }

    Bucket change(boolean to) {
      return new Bucket(timeframe, startMicros, settled, to);
    }
  }

  /** Takes the candles of longer timeframes. */
  public interface Output {
    /**
     * @param settledBeforeMicros no candle of this timeframe that starts before will change any
     *     more
     */
    void accept(Timeframe timeframe, Candle candle, long settledBeforeMicros);
  }

  public static RollUp start() {
    return new RollUp(Long.MIN_VALUE, List.of(), List.of());
  }

  /** The end of the timeframe's candle that holds a base candle; microseconds, exclusive. */
  public static long endOf(Timeframe timeframe, long baseStartMicros) {
    return startOf(timeframe, baseStartMicros) + length(timeframe);
  }

  /** Goes on from another past. Everything after it counts as changed. */
  public RollUp resume(Past past) {
    List<Bucket> parts = new ArrayList<>();
    List<Timeframe> timeframes = new ArrayList<>();
    for (Past.OfTimeframe known : past.timeframes()) {
      timeframes.add(known.timeframe());
      if (known.part() != null) {
        long start = startOf(known.timeframe(), past.beforeMicros());
        parts.add(new Bucket(known.timeframe(), start, known.part(), false));
      }
    }
    RollUp resumed = new RollUp(past.beforeMicros(), List.of(), parts);
    for (Candle candle : past.followedBy(recent)) {
      resumed = resumed.put(candle, timeframes);
    }
    return resumed;
  }

  /**
   * Puts a base candle in its place, or in place of its earlier state.
   *
   * @throws IllegalStateException if it is older than what is settled
   */
  public RollUp put(Candle candle, Collection<Timeframe> timeframes) {
    long start = candle.startMicros();
    if (start < settledBeforeMicros) {
      throw new IllegalStateException(
          "candle %s changes what was settled before %d µs".formatted(candle, settledBeforeMicros));
    }
    List<Candle> candles = new ArrayList<>(recent.size() + 1);
    candles.addAll(recent);
    int place = candles.size();
    while (place > 0 && candles.get(place - 1).startMicros() >= start) {
      place--;
    }
    if (place < candles.size() && candles.get(place).startMicros() == start) {
      candles.set(place, candle);
    } else {
      candles.add(place, candle);
    }
    List<Bucket> changed = new ArrayList<>(buckets);
    for (Timeframe timeframe : timeframes) {
      int known = indexOf(timeframe, startOf(timeframe, start));
      if (known < 0) {
        changed.add(new Bucket(timeframe, startOf(timeframe, start), null, true));
      } else {
        changed.set(known, changed.get(known).change(true));
      }
    }
    return new RollUp(settledBeforeMicros, candles, changed);
  }

  private int indexOf(Timeframe timeframe, long startMicros) {
    for (int i = 0; i < buckets.size(); i++) {
      Bucket bucket = buckets.get(i);
      if (bucket.timeframe() == timeframe && bucket.startMicros() == startMicros) {
        return i;
      }
    }
    return -1;
  }

  /** Hands out the candles that end at a moment, if they have changed. */
  public RollUp close(long endMicros, Output out) {
    List<Bucket> closed = new ArrayList<>(buckets);
    closed.replaceAll(
        bucket -> {
          if (bucket.endMicros() != endMicros || !bucket.changed()) {
            return bucket;
          }
          emit(bucket, settledBeforeMicros, out);
          return bucket.change(false);
        });
    return new RollUp(settledBeforeMicros, recent, closed);
  }

  /**
   * Sums up for good what cannot change any more. Of the candles that are complete by it, those
   * that have changed go out, and all leave the state.
   */
  public RollUp settle(long beforeMicros, Output out) {
    if (beforeMicros <= settledBeforeMicros) {
      return this;
    }
    List<Bucket> left = new ArrayList<>(buckets.size());
    List<Bucket> inOrder = new ArrayList<>(buckets);
    inOrder.sort((one, other) -> Long.compare(one.startMicros(), other.startMicros()));
    for (Bucket bucket : inOrder) {
      if (bucket.endMicros() > beforeMicros) {
        left.add(settle(bucket, beforeMicros));
      } else if (bucket.changed()) {
        emit(bucket, bucket.startMicros(), out);
      }
    }
    List<Candle> candles =
        recent.stream().filter(candle -> candle.startMicros() >= beforeMicros).toList();
    return new RollUp(beforeMicros, new ArrayList<>(candles), left);
  }

  private Bucket settle(Bucket bucket, long beforeMicros) {
    Bucket settled = bucket;
    for (Candle candle : recent) {
      if (candle.startMicros() < beforeMicros && bucket.holds(candle.startMicros())) {
        settled = settled.with(candle);
      }
    }
    return settled;
  }

  private void emit(Bucket bucket, long settledBefore, Output out) {
    Candle sum = bucket.settled();
    for (Candle candle : recent) {
      if (bucket.holds(candle.startMicros())) {
        sum = append(sum, candle, bucket.startMicros());
      }
    }
    long settledStart =
        settledBefore == Long.MIN_VALUE
            ? Long.MIN_VALUE
            : startOf(bucket.timeframe(), settledBefore);
    out.accept(bucket.timeframe(), sum, Math.min(settledStart, bucket.startMicros()));
  }

  private static Candle append(Candle sum, Candle base, long startMicros) {
    return sum == null ? base.at(startMicros) : sum.with(base, startMicros);
  }

  private static long startOf(Timeframe timeframe, long micros) {
    return micros - Math.floorMod(micros, length(timeframe));
  }

  private static long length(Timeframe timeframe) {
    return timeframe.length().toMillis() * 1_000;
  }
}

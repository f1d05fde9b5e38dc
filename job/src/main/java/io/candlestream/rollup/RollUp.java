package io.candlestream.rollup;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.CandlesInOrder;
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
      return startMicros + timeframe.lengthMicros();
    }

    boolean holds(long baseStartMicros) {
      return startMicros <= baseStartMicros && baseStartMicros < endMicros();
    }

    Bucket with(Candle base) {
      return new Bucket(timeframe, startMicros, append(settled, base, startMicros), changed);
    }

    Bucket withChanged(boolean nowChanged) {
      return new Bucket(timeframe, startMicros, settled, nowChanged);
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

  /**
   * Goes on from another past. Everything after it counts as changed; and so do the candles that it
   * has begun, for a job that was stopped before their end has left their rows to this one.
   */
  public RollUp resume(Past past) {
    List<Bucket> parts = new ArrayList<>();
    List<Timeframe> timeframes = new ArrayList<>();
    for (Past.OfTimeframe known : past.timeframes()) {
      timeframes.add(known.timeframe());
      if (known.part() != null) {
        long start = known.timeframe().startOf(past.beforeMicros());
        parts.add(new Bucket(known.timeframe(), start, known.part(), true));
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
    List<Candle> candles = CandlesInOrder.with(candle, recent);
    List<Bucket> changed = new ArrayList<>(buckets);
    for (Timeframe timeframe : timeframes) {
      int known = indexOf(timeframe, timeframe.startOf(start));
      if (known < 0) {
        changed.add(new Bucket(timeframe, timeframe.startOf(start), null, true));
      } else {
        changed.set(known, changed.get(known).withChanged(true));
      }
    }
    return new RollUp(settledBeforeMicros, candles, changed);
  }

  /**
   * Whether the longer candle that holds a base candle has changed since it last went downstream.
   */
  boolean hasChanged(Timeframe timeframe, long baseStartMicros) {
    int known = indexOf(timeframe, timeframe.startOf(baseStartMicros));
    return known >= 0 && buckets.get(known).changed();
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
          return bucket.withChanged(false);
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
    return new RollUp(beforeMicros, CandlesInOrder.from(beforeMicros, recent), left);
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
            : bucket.timeframe().startOf(settledBefore);
    out.accept(bucket.timeframe(), sum, Math.min(settledStart, bucket.startMicros()));
  }

  private static Candle append(Candle sum, Candle base, long startMicros) {
    return sum == null ? base.at(startMicros) : sum.with(base, startMicros);
  }
}

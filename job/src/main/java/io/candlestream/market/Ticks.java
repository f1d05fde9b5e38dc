package io.candlestream.market;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ticks of one instrument and one candle, in the order in which they came. They travel together, so
 * that the way from one operator to the next, and to what is kept of their candle, is not paid for
 * by each of them.
 *
 * @param list at least one; never changed
 */
public record Ticks(Instrument instrument, List<Tick> list) {

  public Ticks {
    if (list.isEmpty()) {
      throw new IllegalArgumentException("no ticks of " + instrument);
    }
  }

  /**
   * The start of their candle.
   *
   * @throws IllegalStateException if they are of several candles
   */
  public long startMicros(Intervals intervals) {
    long start = intervals.startOf(list.get(0).timestampMicros());
    for (Tick tick : list) {
      if (!intervals.contains(start, tick.timestampMicros())) {
        throw new IllegalStateException(
            "ticks of several candles together: " + tick + " of " + start);
      }
    }
    return start;
  }

  /** The newest tick's, in microseconds since the epoch. */
  public long highestTimestampMicros() {
    long highest = Long.MIN_VALUE;
    for (Tick tick : list) {
      highest = Math.max(highest, tick.timestampMicros());
    }
    return highest;
  }

  /** Says of each tick whether it goes on. */
  @FunctionalInterface
  public interface Filter {
    boolean passes(Tick tick) throws Exception;
  }

  /** Those that pass, in their order; empty if none does. */
  public Optional<Ticks> filter(Filter filter) throws Exception {
    List<Tick> passing = new ArrayList<>(list.size());
    for (Tick tick : list) {
      if (filter.passes(tick)) {
        passing.add(tick);
      }
    }
    return passing.isEmpty() ? Optional.empty() : Optional.of(new Ticks(instrument, passing));
  }

  /** A tick that travels alone. */
  public static Ticks of(Tick tick) {
    return new Ticks(tick.instrument(), List.of(tick));
  }
}

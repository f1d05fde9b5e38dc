package io.candlestream.local.ticks;

import java.util.concurrent.TimeUnit;

/**
 * What the generator made a record to be. It is a statement about the record, not the pipeline's
 * verdict: the pipeline judges by its own watermarks (see {@link #TOO_LATE}). Delays are event
 * time, and assume the default configuration: candles of one minute, out-of-orderness 5 s, allowed
 * lateness 5 min.
 */
public enum TickKind {
  /** A tick that arrives when it happens. */
  NORMAL,
  /**
   * The same bytes as an earlier tick with a trade id, at most 2 s after it: a duplicate for the
   * pipeline to drop.
   */
  DUPLICATE(0, seconds(2), false),
  /** Up to 4 s after it happened, so within the out-of-orderness: its candle is still open. */
  OUT_OF_ORDER(seconds(0.05), seconds(4), false),
  /**
   * 10 s to 4 min after the end of its candle: the candle is closed but kept, so that the tick
   * corrects it.
   */
  LATE(seconds(10), seconds(240), true),
  /**
   * 8 to 20 min after the end of its candle, and not before its instrument has traded 6 min past
   * that end: long enough for the candle to be dropped and the tick to be rejected as {@code LATE}.
   * That is what one expects, but the pipeline's rule decides: it drops a candle only once its
   * <em>watermark</em>, which follows the slowest partition and advances a few times a second of
   * the machine's time, is 5 min past the end. A job that reads an hour of ticks in a second
   * therefore accepts some of these.
   */
  TOO_LATE(seconds(480), seconds(1200), true),
  /**
   * Not a tick at all: cut off, not JSON, not UTF-8, a field missing, twice or of the wrong type.
   */
  MALFORMED,
  /**
   * A readable tick that cannot be true: price 0, negative or 1e12, from 1970 or 2099, a symbol
   * with a blank.
   */
  ABSURD;

  static final long CANDLE_MICROS = seconds(60);

  private final long shortestMicros;
  private final long longestMicros;
  private final boolean fromCandleEnd;

  TickKind() {
    this(0, 0, false);
  }

  TickKind(long shortestMicros, long longestMicros, boolean fromCandleEnd) {
    this.shortestMicros = shortestMicros;
    this.longestMicros = longestMicros;
    this.fromCandleEnd = fromCandleEnd;
  }

  private static long seconds(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toMicros(1));
  }

  static long candleEndMicros(long eventMicros) {
    return (eventMicros / CANDLE_MICROS + 1) * CANDLE_MICROS;
  }

  /** Whether an event of this kind has no record when it happens, only later. */
  boolean waits() {
    return this == OUT_OF_ORDER || this == LATE || this == TOO_LATE;
  }

  /** The longest time between a record of this kind happening and arriving. */
  long longestDelayMicros() {
    return longestMicros + (fromCandleEnd ? CANDLE_MICROS : 0);
  }

  /** When a record of this kind that happened at the given time is to arrive. */
  long drawArrivalMicros(long eventMicros, SeededRandom random) {
    long origin = fromCandleEnd ? candleEndMicros(eventMicros) : eventMicros;
    return origin + shortestMicros + random.below(longestMicros - shortestMicros);
  }
}

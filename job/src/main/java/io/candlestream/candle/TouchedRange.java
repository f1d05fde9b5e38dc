package io.candlestream.candle;

import java.util.Optional;
import org.apache.flink.api.common.JobExecutionResult;

/**
 * The time over which a run has written closed candles, those that it wrote before a restart
 * included.
 *
 * @param fromMicros the start of the earliest, inclusive; microseconds since the epoch
 * @param toMicros the end of the latest, exclusive; not after {@code fromMicros} only in {@link
 *     #NONE}
 */
public record TouchedRange(long fromMicros, long toMicros) {

  /** No candle was written. */
  public static final TouchedRange NONE = new TouchedRange(Long.MAX_VALUE, Long.MIN_VALUE);

  /** The accumulators in which a run tells its range. */
  static final String FROM = "touchedFromMicros";

  static final String TO = "touchedToMicros";

  public TouchedRange {
    if (fromMicros >= toMicros && (fromMicros != Long.MAX_VALUE || toMicros != Long.MIN_VALUE)) {
      throw new IllegalArgumentException("from %d µs to %d µs".formatted(fromMicros, toMicros));
    }
  }

  /**
   * What a run that has ended says; empty if it does not say: it was submitted and left alone, or
   * restored when all was written.
   */
  public static Optional<TouchedRange> of(JobExecutionResult run) {
    if (!run.isJobExecutionResult()) {
      return Optional.empty();
    }
    Long from = run.getAccumulatorResult(FROM);
    Long to = run.getAccumulatorResult(TO);
    return from == null || to == null ? Optional.empty() : Optional.of(new TouchedRange(from, to));
  }

  /** Of a run that may have written everything from a moment on. */
  public static TouchedRange since(long fromMicros) {
    return new TouchedRange(fromMicros, Long.MAX_VALUE);
  }

  public boolean isNone() {
    return equals(NONE);
  }

  /** The time from the earlier beginning to the later end. */
  public TouchedRange and(TouchedRange other) {
    return new TouchedRange(
        Math.min(fromMicros, other.fromMicros), Math.max(toMicros, other.toMicros));
  }
}

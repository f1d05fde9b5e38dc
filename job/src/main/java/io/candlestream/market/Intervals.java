package io.candlestream.market;

import java.io.Serializable;
import java.time.Duration;

/**
 * The candles' grid, aligned to the epoch in UTC, and how long a candle stays open to late ticks.
 *
 * @param lengthMicros a candle's length
 * @param outOfOrdernessMicros how far ticks may be out of order before they count as late
 * @param allowedLatenessMicros how long after its end a candle takes corrections
 */
public record Intervals(long lengthMicros, long outOfOrdernessMicros, long allowedLatenessMicros)
    implements Serializable {

  public Intervals {
    if (lengthMicros < 1000 || lengthMicros % 1000 != 0) {
      throw new IllegalArgumentException("not whole milliseconds: " + lengthMicros + " µs");
    }
    if (outOfOrdernessMicros < 0 || allowedLatenessMicros < 0) {
      throw new IllegalArgumentException("negative out-of-orderness or lateness");
    }
  }

  public static Intervals of(Duration length, Duration outOfOrderness, Duration allowedLateness) {
    return new Intervals(micros(length), micros(outOfOrderness), micros(allowedLateness));
  }

  private static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  /** The start of the candle that a tick of this moment belongs to. */
  public long startOf(long timestampMicros) {
    return timestampMicros - Math.floorMod(timestampMicros, lengthMicros);
  }

  /** Whether a moment is in the candle with this start. */
  public boolean contains(long startMicros, long timestampMicros) {
    return timestampMicros >= startMicros && timestampMicros - startMicros < lengthMicros;
  }

  /** The watermark, in milliseconds, that says that the candle with this start is over. */
  public long closingWatermark(long startMicros) {
    return (startMicros + lengthMicros) / 1_000 - 1;
  }

  /** The start of the candle that {@link #closingWatermark} closes. */
  public long closedBy(long closingWatermarkMillis) {
    return (closingWatermarkMillis + 1) * 1_000 - lengthMicros;
  }
}

package io.candlestream.market;

/**
 * How far one instrument's candles are dropped, and with them all memory of their trade ids. What
 * is dropped stays dropped: the frontier only moves forward, and it is kept in state because a
 * watermark does not survive a restart.
 *
 * <p>A candle is dropped when both the watermark and the instrument's own highest timestamp − the
 * out-of-orderness have passed its end + the allowed lateness. So neither another instrument's
 * clock nor the machine's can drop the candles of an instrument that is merely silent or behind.
 *
 * @param highestMicros the instrument's highest timestamp so far
 * @param droppedBeforeMicros every candle that starts before is dropped
 */
public record DropFrontier(long highestMicros, long droppedBeforeMicros) {

  /** The frontier of an instrument without any tick. */
  public static final DropFrontier START = new DropFrontier(Long.MIN_VALUE, Long.MIN_VALUE);

  /**
   * The frontier once a tick of this timestamp has come.
   *
   * @param watermarkMillis no further tick is expected up to here; milliseconds, inclusive
   */
  public DropFrontier advance(long timestampMicros, long watermarkMillis, Intervals intervals) {
    long highest = Math.max(highestMicros, timestampMicros);
    long passed =
        Math.min(endOfMillisecond(watermarkMillis), highest - intervals.outOfOrdernessMicros());
    if (passed == Long.MIN_VALUE) {
      return highest == highestMicros ? this : new DropFrontier(highest, droppedBeforeMicros);
    }
    long droppedBefore =
        Math.max(
            droppedBeforeMicros, intervals.startOf(passed - intervals.allowedLatenessMicros()));
    return highest == highestMicros && droppedBefore == droppedBeforeMicros
        ? this
        : new DropFrontier(highest, droppedBefore);
  }

  /** The same for what is yet to have a highest timestamp. */
  public DropFrontier forgetHighest() {
    return new DropFrontier(Long.MIN_VALUE, droppedBeforeMicros);
  }

  public boolean isDropped(long startMicros) {
    return startMicros < droppedBeforeMicros;
  }

  private static long endOfMillisecond(long millis) {
    // So far back there was no tick; and from here a lateness can be taken off without overflow.
    if (millis < Long.MIN_VALUE / 2_000) {
      return Long.MIN_VALUE;
    }
    return millis >= Long.MAX_VALUE / 1_000 - 1 ? Long.MAX_VALUE : (millis + 1) * 1_000;
  }
}

package io.candlestream.quality;

import java.math.BigInteger;

/**
 * Numbers that are missing between two that have come.
 *
 * @param from the first that is missing
 * @param to the last that is missing
 * @param nextMicros when the trade after the gap happened, in microseconds since the epoch
 */
public record Gap(long from, long to, long nextMicros) {

  public Gap {
    if (from > to || to == Long.MAX_VALUE) {
      throw new IllegalArgumentException("no gap: from " + from + " to " + to);
    }
  }

  /** The number after the gap. */
  public long next() {
    return to + 1;
  }

  /** How many are missing. */
  public BigInteger missing() {
    return BigInteger.valueOf(to).subtract(BigInteger.valueOf(from)).add(BigInteger.ONE);
  }
}

package io.candlestream.bench;

import java.util.Arrays;

/** How long calls of one kind took. */
public record Latencies(long[] sortedNanos) {

  /**
   * @param nanos of each call, in any order; at least one
   */
  public static Latencies of(long[] nanos) {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("no call was measured");
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Latencies(sorted);
  }

  public long calls() {
    return sortedNanos.length;
  }

  /**
   * The time, in milliseconds, that this share of the calls did not exceed: one of the times
   * measured, by nearest rank.
   *
   * @param percent above 0, up to 100
   */
  public double percentileMillis(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sortedNanos.length);
    return sortedNanos[Math.max(rank, 1) - 1] / 1e6;
  }

  public double medianMillis() {
    return percentileMillis(50);
  }
}

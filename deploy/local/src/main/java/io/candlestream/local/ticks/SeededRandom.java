package io.candlestream.local.ticks;

/**
 * SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
 * Written out because the generator promises the same bytes for the same seed on every Java
 * version, and the JDK leaves its own algorithms open.
 */
final class SeededRandom {
  /**
   * Streams of random numbers of one seed, each for one purpose: a draw more for one leaves the
   * others as they were.
   */
  enum Stream {
    LISTINGS,
    SIZES,
    TICKS,
    BROKEN_TICKS,
    PACE,
    LIVE_PACE,
    FILLS,
    SENTIMENT
  }

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SeededRandom(long seed, Stream stream) {
    this.state = mix(seed + stream.ordinal() * GOLDEN_GAMMA);
  }

  /**
   * A bijection of the 64-bit numbers whose output bits look random: distinct inputs stay distinct.
   */
  static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in [0, 1). */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Uniform in [0, bound), for bounds up to 2^52. */
  long below(long bound) {
    return (long) (nextDouble() * bound);
  }

  boolean chance(double probability) {
    return nextDouble() < probability;
  }
}

package io.candlestream.local.ticks;

/**
 * Event time as the records go by: never back, on the average at an even rate, but in bursts. Time
 * is cut into blocks of about 10 s that all hold the same number of records; in every fourth, on
 * the average, half to most of them come within one tenth of the block. Blocks keep the stream's
 * end exact without knowing its past, so that a stream may be endless.
 */
final class Pace {
  private static final double BLOCK_MICROS = 10_000_000;
  private static final double BURST_LENGTH = 0.1;
  private static final double BURST_CHANCE = 0.25;
  private static final double LEAST_BURST_SHARE = 0.5;
  private static final double MOST_BURST_SHARE = 0.85;

  private final SeededRandom random;
  private final long startMicros;
  private final long endMicros;
  private final double microsPerBlock;
  private final double recordsPerBlock;

  private long record;
  private long block = -1;
  private double burstStart;
  private double burstShare;
  private boolean inBurst;
  private boolean burstBegins;
  private long headMicros;

  private Pace(
      long startMicros,
      long endMicros,
      double microsPerBlock,
      double recordsPerBlock,
      SeededRandom random) {
    this.startMicros = startMicros;
    this.endMicros = endMicros;
    this.microsPerBlock = microsPerBlock;
    this.recordsPerBlock = recordsPerBlock;
    this.random = random;
    this.headMicros = startMicros;
  }

  static Pace between(long startMicros, long endMicros, long records, SeededRandom random) {
    double span = endMicros - startMicros;
    double blocks = Math.max(1, Math.min(Math.floor(span / BLOCK_MICROS), records));
    return new Pace(startMicros, endMicros, span / blocks, records / blocks, random);
  }

  static Pace endless(long startMicros, double recordsPerSecond, SeededRandom random) {
    return new Pace(
        startMicros, Long.MAX_VALUE, BLOCK_MICROS, recordsPerSecond * BLOCK_MICROS / 1e6, random);
  }

  long endMicros() {
    return endMicros;
  }

  double recordsPerSecond() {
    return recordsPerBlock / microsPerBlock * 1e6;
  }

  /** Moves on by one record and returns its time. */
  long advance() {
    double position = record++ + random.nextDouble();
    while (block < 0 || position >= (block + 1) * recordsPerBlock) {
      block++;
      burstStart = random.nextDouble() * (1 - BURST_LENGTH);
      burstShare =
          random.chance(BURST_CHANCE)
              ? LEAST_BURST_SHARE + random.nextDouble() * (MOST_BURST_SHARE - LEAST_BURST_SHARE)
              : BURST_LENGTH;
      inBurst = false;
    }
    double part = partOfBlock((position - block * recordsPerBlock) / recordsPerBlock);
    boolean bursting =
        burstShare > BURST_LENGTH && part >= burstStart && part < burstStart + BURST_LENGTH;
    burstBegins = bursting && !inBurst;
    inBurst = bursting;
    long micros = startMicros + (long) ((block + part) * microsPerBlock);
    headMicros = Math.min(endMicros, Math.max(headMicros, micros));
    return headMicros;
  }

  /** Whether the current record is the first of a burst. */
  boolean burstBegins() {
    return burstBegins;
  }

  /** Whether the current record is in a burst. */
  boolean inBurst() {
    return inBurst;
  }

  /** The part of the block's time that has passed when the given part of its records has come. */
  private double partOfBlock(double ofRecords) {
    double calmRate = (1 - burstShare) / (1 - BURST_LENGTH);
    double before = calmRate * burstStart;
    if (ofRecords < before) {
      return ofRecords / calmRate;
    }
    if (ofRecords < before + burstShare) {
      return burstStart + (ofRecords - before) / burstShare * BURST_LENGTH;
    }
    return burstStart + BURST_LENGTH + (ofRecords - before - burstShare) / calmRate;
  }
}

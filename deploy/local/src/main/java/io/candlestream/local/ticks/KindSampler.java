package io.candlestream.local.ticks;

import java.util.List;

/**
 * Draws of what kind each event of a stream is, so that its records come in the shares of a mix.
 */
final class KindSampler {
  /**
   * A kind that waits happens only where its delay ends within the stream, there up to this much
   * more often.
   */
  private static final double MOST_CONCENTRATION = 4;

  private static final List<TickKind> IRREGULAR =
      List.of(
          TickKind.DUPLICATE,
          TickKind.OUT_OF_ORDER,
          TickKind.LATE,
          TickKind.MALFORMED,
          TickKind.ABSURD,
          TickKind.TOO_LATE);

  private final long endMicros;
  private final double[] chances;
  private final double chanceOfIrregular;

  /**
   * @param seconds how long the stream goes on
   * @param endMicros event time that none exceeds
   */
  KindSampler(TickMix mix, double seconds, long endMicros) {
    this.endMicros = endMicros;
    chances = new double[IRREGULAR.size()];
    double delayed = 0;
    for (int index = 0; index < chances.length; index++) {
      TickKind each = IRREGULAR.get(index);
      // Duplicates are no events of their own: shares are of the records, chances of the events.
      chances[index] = mix.share(each) / (1 - mix.duplicates()) * concentration(each, seconds);
      delayed += each.waits() ? chances[index] : 0;
    }
    // No mix has more than half of its events wait, but its concentration might: time would stand
    // still over them.
    double scale = Math.min(1, 0.5 / delayed);
    double sum = 0;
    for (int index = 0; index < chances.length; index++) {
      chances[index] *= IRREGULAR.get(index).waits() ? scale : 1;
      sum += chances[index];
    }
    chanceOfIrregular = sum;
  }

  /**
   * How much more often a kind must happen where it may, to make up for the stream's end, where it
   * may not.
   */
  private static double concentration(TickKind drawn, double seconds) {
    double open = 1 - drawn.longestDelayMicros() / 1e6 / seconds;
    return 1 / Math.max(open, 1 / MOST_CONCENTRATION);
  }

  /**
   * A NORMAL event unless chance has it otherwise, and the stream still lasts long enough for that
   * kind's delay.
   */
  TickKind draw(long eventMicros, SeededRandom random) {
    double draw = random.nextDouble();
    if (draw < chanceOfIrregular) {
      for (int index = 0; index < chances.length; index++) {
        draw -= chances[index];
        if (draw < 0) {
          TickKind drawn = IRREGULAR.get(index);
          return eventMicros <= endMicros - drawn.longestDelayMicros() ? drawn : TickKind.NORMAL;
        }
      }
    }
    return TickKind.NORMAL;
  }
}

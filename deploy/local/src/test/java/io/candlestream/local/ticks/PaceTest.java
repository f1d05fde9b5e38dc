package io.candlestream.local.ticks;

import static io.candlestream.local.ticks.Feed.HOUR_MICROS;
import static io.candlestream.local.ticks.Feed.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final int RECORDS = 360_000;

  @Test
  void timeNeverGoesBackAndFillsTheSpan() {
    Pace pace =
        Pace.between(
            START_MICROS,
            START_MICROS + HOUR_MICROS,
            RECORDS,
            new SeededRandom(1, SeededRandom.Stream.PACE));
    long[] times = new long[RECORDS];
    Arrays.setAll(times, index -> pace.advance());
    assertThat(times).isSorted();
    assertThat(times[0]).isBetween(START_MICROS, START_MICROS + 1_000_000);
    assertThat(times[RECORDS - 1])
        .isBetween(START_MICROS + HOUR_MICROS - 1_000_000, START_MICROS + HOUR_MICROS);
  }

  @Test
  void aQuarterOfTheBlocksHoldABurst() {
    Pace pace =
        Pace.between(
            START_MICROS,
            START_MICROS + HOUR_MICROS,
            RECORDS,
            new SeededRandom(1, SeededRandom.Stream.PACE));
    int bursts = 0;
    int inBurst = 0;
    int[] perSecond = new int[3_601];
    for (int record = 0; record < RECORDS; record++) {
      perSecond[(int) ((pace.advance() - START_MICROS) / 1_000_000)]++;
      bursts += pace.burstBegins() ? 1 : 0;
      inBurst += pace.inBurst() ? 1 : 0;
    }
    assertThat(bursts).isBetween(65, 115);
    assertThat(inBurst / (double) bursts).isBetween(550.0, 800.0);
    int[] ranked = Arrays.stream(perSecond).sorted().toArray();
    assertThat(ranked[3_600]).as("busiest second").isGreaterThan(4 * RECORDS / 3_600);
    assertThat(ranked[1_800]).as("median second").isBetween(60, 115);
  }

  @Test
  void fewerRecordsThanSecondsStillCome() {
    Pace pace = Pace.endless(START_MICROS, 0.01, new SeededRandom(1, SeededRandom.Stream.PACE));
    long[] times = new long[100];
    Arrays.setAll(times, index -> pace.advance());
    assertThat(times).isSorted();
    assertThat(times[99] - START_MICROS).isBetween(9_880_000_000L, 10_010_000_000L);
  }
}

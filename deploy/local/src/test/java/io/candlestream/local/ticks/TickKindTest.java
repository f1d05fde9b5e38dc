package io.candlestream.local.ticks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TickKindTest {
  /** A time 20 s into its minute. */
  private static final long EVENT_MICROS = 1_790_000_000_000_000L;

  /** Delays in seconds, from the event or, for the late kinds, from its candle's end 40 s later. */
  @ParameterizedTest
  @CsvSource({"DUPLICATE, 0, 2", "OUT_OF_ORDER, 0.05, 4", "LATE, 50, 280", "TOO_LATE, 520, 1240"})
  void arrivalsSpreadOverTheStatedDelays(TickKind kind, double shortest, double longest) {
    SeededRandom random = new SeededRandom(1, SeededRandom.Stream.TICKS);
    LongSummaryStatistics delays =
        LongStream.range(0, 10_000)
            .map(draw -> kind.drawArrivalMicros(EVENT_MICROS, random) - EVENT_MICROS)
            .summaryStatistics();
    double spread = longest - shortest;
    assertThat(delays.getMin() / 1e6).isBetween(shortest, shortest + spread / 100);
    assertThat(delays.getMax() / 1e6).isBetween(longest - spread / 100, longest);
    assertThat(delays.getAverage() / 1e6).isCloseTo((shortest + longest) / 2, within(spread / 50));
    assertThat(kind.longestDelayMicros()).isGreaterThanOrEqualTo(delays.getMax());
  }
}

package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalsTest {

  private static final long END_OF_YEAR_9999 = 253_402_300_800_000_000L;

  @Property
  void aMomentBelongsToTheOneCandleOfTheGridAroundIt(
      @ForAll("lengths") Intervals intervals,
      @ForAll @LongRange(min = -END_OF_YEAR_9999, max = END_OF_YEAR_9999) long micros) {
    long start = intervals.startOf(micros);
    assertThat(start % intervals.lengthMicros()).isZero();
    assertThat(micros).isBetween(start, start + intervals.lengthMicros() - 1);
    assertThat(intervals.startOf(start)).isEqualTo(start);
    assertThat(intervals.startOf(start - 1)).isEqualTo(start - intervals.lengthMicros());
  }

  @Property
  void aCandleContainsTheMomentsThatBelongToIt(
      @ForAll("lengths") Intervals intervals,
      @ForAll @LongRange(min = -1_000_000_000, max = 1_000_000_000) long one,
      @ForAll @LongRange(min = -1_000_000_000, max = 1_000_000_000) long other) {
    assertThat(intervals.contains(intervals.startOf(one), other))
        .isEqualTo(intervals.startOf(one) == intervals.startOf(other));
  }

  @Property
  void theClosingWatermarkIsTheLeastThatCoversTheCandle(
      @ForAll("lengths") Intervals intervals,
      @ForAll @LongRange(min = -1_000_000_000, max = 1_000_000_000) long number) {
    long start = number * intervals.lengthMicros();
    long end = start + intervals.lengthMicros();
    long watermark = intervals.closingWatermark(start);
    // A watermark of w ms says that nothing more comes in all of the w-th millisecond.
    assertThat((watermark + 1) * 1_000).isEqualTo(end);
    assertThat(intervals.closedBy(watermark)).isEqualTo(start);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "59999999, 0",
    "60000000, 60000000",
    "-1, -60000000",
    "-60000000, -60000000",
    "-60000001, -120000000"
  })
  void minutesAreAlignedToTheEpoch(long micros, long start) {
    Intervals minutes = Intervals.of(Duration.ofMinutes(1), Duration.ZERO, Duration.ZERO);
    assertThat(minutes.startOf(micros)).isEqualTo(start);
  }

  @Test
  void durationsAreKeptToTheMicrosecond() {
    assertThat(
            Intervals.of(
                Duration.ofMinutes(1), Duration.ofNanos(5_001_000), Duration.ofDays(36500)))
        .isEqualTo(new Intervals(60_000_000, 5_001, 36_500L * 86_400 * 1_000_000));
  }

  @Test
  void aCandleLastsWholeMilliseconds() {
    for (long micros : new long[] {0, -1000, 1, 999, 1500}) {
      assertThatThrownBy(() -> new Intervals(micros, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(micros + " µs");
    }
  }

  @Test
  void negativeTolerancesAreRefused() {
    assertThatThrownBy(() -> new Intervals(1_000, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Intervals(1_000, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<Intervals> lengths() {
    return Arbitraries.of(1, 1_000, 5_000, 60_000, 300_000)
        .map(millis -> new Intervals(millis * 1_000L, 0, 0));
  }
}

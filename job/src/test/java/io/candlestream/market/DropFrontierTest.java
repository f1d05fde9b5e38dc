package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropFrontierTest {

  private static final long MINUTE = 60_000_000;
  private static final long SECOND = 1_000_000;

  /** Candles of a minute, 5 s out of order, 5 minutes late. */
  private static final Intervals INTERVALS = new Intervals(MINUTE, 5 * SECOND, 5 * MINUTE);

  /** A tick of the instrument, and the watermark as it comes. */
  record Arrival(long timestampMicros, long watermarkMillis) {}

  @Property
  void aCandleIsDroppedExactlyWhenBothClocksHavePassedItsEndAndTheLateness(
      @ForAll("arrivals") List<Arrival> arrivals) {
    DropFrontier frontier = DropFrontier.START;
    List<Arrival> soFar = new ArrayList<>();
    for (Arrival arrival : arrivals) {
      frontier = advance(frontier, arrival);
      soFar.add(arrival);
      for (long start = -10 * MINUTE; start <= 50 * MINUTE; start += MINUTE) {
        assertThat(frontier.isDropped(start))
            .as("candle of minute %d after %s", start / MINUTE, soFar)
            .isEqualTo(isDroppedByDefinition(start, soFar));
      }
    }
  }

  @Property
  void theFrontierOnlyMovesForward(@ForAll("arrivals") List<Arrival> arrivals) {
    DropFrontier frontier = DropFrontier.START;
    for (Arrival arrival : arrivals) {
      DropFrontier next = advance(frontier, arrival);
      assertThat(next.droppedBeforeMicros()).isGreaterThanOrEqualTo(frontier.droppedBeforeMicros());
      assertThat(next.highestMicros())
          .isEqualTo(Math.max(frontier.highestMicros(), arrival.timestampMicros()));
      frontier = next;
    }
  }

  @Property
  void theSameArrivalAgainChangesNothing(@ForAll("arrivals") List<Arrival> arrivals) {
    DropFrontier frontier = DropFrontier.START;
    for (Arrival arrival : arrivals) {
      frontier = advance(frontier, arrival);
      assertThat(advance(frontier, arrival)).isSameAs(frontier);
    }
  }

  @Test
  void atTheStartNothingIsDropped() {
    assertThat(DropFrontier.START.isDropped(Long.MIN_VALUE)).isFalse();
    assertThat(DropFrontier.START.isDropped(0)).isFalse();
  }

  @Test
  void aCandleIsDroppedWithTheLastMillisecondOfItsLateness() {
    // The candle of minute 0 ends at 60 s and takes ticks for 300 s more.
    DropFrontier before = advance(DropFrontier.START, new Arrival(1_000 * SECOND, 359_998));
    assertThat(before.isDropped(0)).isFalse();
    DropFrontier after = advance(DropFrontier.START, new Arrival(1_000 * SECOND, 359_999));
    assertThat(after.isDropped(0)).isTrue();
    assertThat(after.isDropped(MINUTE)).isFalse();
  }

  @Test
  void aCandleIsDroppedWithTheLastMicrosecondOfTheInstrumentsOwnTime() {
    long over = 365 * SECOND;
    assertThat(advance(DropFrontier.START, new Arrival(over - 1, Long.MAX_VALUE)).isDropped(0))
        .isFalse();
    assertThat(advance(DropFrontier.START, new Arrival(over, Long.MAX_VALUE)).isDropped(0))
        .isTrue();
  }

  @Test
  void anotherInstrumentsClockDropsNothing() {
    DropFrontier frontier = advance(DropFrontier.START, new Arrival(0, Long.MAX_VALUE));
    assertThat(frontier.isDropped(-5 * MINUTE)).isFalse();
    assertThat(frontier.isDropped(0)).isFalse();
  }

  @Test
  void whatIsDroppedStaysDroppedWhenARestartLosesTheWatermark() {
    DropFrontier dropped = advance(DropFrontier.START, new Arrival(1_000 * SECOND, 995_000));
    assertThat(dropped.isDropped(10 * MINUTE)).isTrue();
    DropFrontier restarted = advance(dropped, new Arrival(10 * MINUTE, Long.MIN_VALUE));
    assertThat(restarted).isEqualTo(dropped);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        Long.MIN_VALUE / 1_000 - 1,
        Long.MIN_VALUE / 1_000,
        Long.MIN_VALUE / 1_000 + 1,
        -1_000_000_000_000L
      })
  void aWatermarkBeforeAllTimeDropsNothing(long watermarkMillis) {
    DropFrontier frontier =
        advance(DropFrontier.START, new Arrival(1_000 * SECOND, watermarkMillis));
    assertThat(frontier.isDropped(0)).isFalse();
    assertThat(frontier.highestMicros()).isEqualTo(1_000 * SECOND);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        Long.MAX_VALUE,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE / 1_000 + 1,
        Long.MAX_VALUE / 1_000,
        Long.MAX_VALUE / 1_000 - 1,
        Long.MAX_VALUE / 1_000 - 2
      })
  void aWatermarkAfterAllTimeLeavesItToTheInstrumentsOwnClock(long watermarkMillis) {
    DropFrontier frontier =
        advance(DropFrontier.START, new Arrival(1_000 * SECOND, watermarkMillis));
    assertThat(frontier.droppedBeforeMicros()).isEqualTo(11 * MINUTE);
  }

  private static DropFrontier advance(DropFrontier frontier, Arrival arrival) {
    return frontier.advance(arrival.timestampMicros(), arrival.watermarkMillis(), INTERVALS);
  }

  /** At some arrival both the watermark and the instrument's own clock had passed the candle. */
  private static boolean isDroppedByDefinition(long start, List<Arrival> arrivals) {
    long over = start + INTERVALS.lengthMicros() + INTERVALS.allowedLatenessMicros();
    long highest = Long.MIN_VALUE;
    for (Arrival arrival : arrivals) {
      highest = Math.max(highest, arrival.timestampMicros());
      BigInteger passed =
          BigInteger.valueOf(arrival.watermarkMillis())
              .add(BigInteger.ONE)
              .multiply(BigInteger.valueOf(1_000));
      if (passed.compareTo(BigInteger.valueOf(over)) >= 0
          && highest - INTERVALS.outOfOrdernessMicros() >= over) {
        return true;
      }
    }
    return false;
  }

  /** The watermark may also fall back, as a restart lets it. */
  @Provide
  Arbitrary<List<Arrival>> arrivals() {
    Arbitrary<Long> watermarks =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.longs().between(-10_000, 2_500_000)),
            Tuple.of(2, Arbitraries.longs().between(0, 40).map(minute -> minute * 60_000 - 1)),
            Tuple.of(1, Arbitraries.of(Long.MIN_VALUE, Long.MAX_VALUE)));
    Arbitrary<Long> timestamps =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.longs().between(0, 2_500 * SECOND)),
            Tuple.of(1, Arbitraries.longs().between(0, 40).map(i -> i * MINUTE + 5 * SECOND)));
    return Combinators.combine(timestamps, watermarks).as(Arrival::new).list().ofMaxSize(12);
  }
}

package io.candlestream.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** What is missing, against the difference of sets. */
class SequenceGapsTest {

  private static final long OUT_OF_ORDERNESS = 1_000;

  /**
   * @param afterMicros how long after the trade before it
   * @param delayMicros how long it is on its way
   * @param lost whether it never comes
   */
  record Trade(long afterMicros, long delayMicros, boolean lost) {}

  private record Arrival(long number, long timestampMicros, long atMicros) {}

  @Property(tries = 2_000)
  void gapsAreTheNumbersThatHaveNotComeWhateverTheOrder(@ForAll("trades") List<Trade> trades) {
    List<Arrival> arrivals = arrivals(trades);
    List<Gap> expected = missing(arrivals);

    assertThat(reported(arrivals)).containsExactlyInAnyOrderElementsOf(expected);
    Statistics.label("gaps, out of order")
        .collect(!expected.isEmpty() && outOfOrder(arrivals))
        .coverage(cases -> cases.check(true).percentage(share -> share > 30));
  }

  private static List<Arrival> arrivals(List<Trade> trades) {
    List<Arrival> arrivals = new ArrayList<>();
    long number = 1_000;
    long now = 0;
    for (Trade trade : trades) {
      number++;
      now += trade.afterMicros();
      if (!trade.lost()) {
        arrivals.add(new Arrival(number, now, now + trade.delayMicros()));
      }
    }
    arrivals.sort(Comparator.comparingLong(Arrival::atMicros));
    return arrivals;
  }

  private static boolean outOfOrder(List<Arrival> arrivals) {
    for (int i = 1; i < arrivals.size(); i++) {
      if (arrivals.get(i).number() < arrivals.get(i - 1).number()) {
        return true;
      }
    }
    return false;
  }

  private static List<Gap> missing(List<Arrival> arrivals) {
    Map<Long, Long> times = new HashMap<>();
    arrivals.forEach(each -> times.put(each.number(), each.timestampMicros()));
    TreeSet<Long> come = new TreeSet<>(times.keySet());
    List<Gap> gaps = new ArrayList<>();
    for (long number : come) {
      Long next = come.higher(number);
      if (next != null && next > number + 1) {
        gaps.add(new Gap(number + 1, next - 1, times.get(next)));
      }
    }
    return gaps;
  }

  /** As with a watermark after every trade. */
  private static List<Gap> reported(List<Arrival> arrivals) {
    List<Gap> reported = new ArrayList<>();
    SequenceGaps gaps = SequenceGaps.START;
    long passed = Long.MIN_VALUE;
    for (Arrival each : arrivals) {
      gaps = gaps.add(each.number(), each.timestampMicros(), OUT_OF_ORDERNESS, reported::add);
      assertThat(gaps.from()).hasSizeLessThanOrEqualTo(SequenceGaps.MOST_OPEN);
      passed = Math.max(passed, each.timestampMicros() - OUT_OF_ORDERNESS - 1);
      gaps = gaps.passed(passed, reported::add);
      assertThat(gaps.nextOverMicros()).isGreaterThan(passed);
    }
    assertThat(gaps.passed(Long.MAX_VALUE, reported::add).nextOverMicros())
        .isEqualTo(Long.MAX_VALUE);
    return reported;
  }

  @Provide
  Arbitrary<List<Trade>> trades() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(0L)),
                Tuple.of(2, Arbitraries.longs().between(0, 400))),
            Arbitraries.longs().between(0, OUT_OF_ORDERNESS),
            Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true))))
        .as(Trade::new)
        .list()
        .ofMaxSize(120);
  }

  @Example
  void ofMoreGapsThanAreKeptEachIsStillReportedOnce() {
    List<Gap> reported = new ArrayList<>();
    SequenceGaps gaps = SequenceGaps.START;
    for (long number = 0; number < 4_000; number += 2) {
      gaps = gaps.add(number, number, OUT_OF_ORDERNESS, reported::add);
      assertThat(gaps.from()).hasSizeLessThanOrEqualTo(SequenceGaps.MOST_OPEN);
    }
    assertThat(reported).hasSize(1_999 - SequenceGaps.MOST_OPEN);
    gaps.passed(Long.MAX_VALUE, reported::add);

    assertThat(reported)
        .hasSize(1_999)
        .doesNotHaveDuplicates()
        .contains(new Gap(3_997, 3_997, 3_998));
  }

  @Example
  void aVenueThatBeginsAnewHasNoGap() {
    List<Gap> reported = new ArrayList<>();
    SequenceGaps gaps = SequenceGaps.START;
    for (long number : new long[] {500, 501, 503}) {
      gaps = gaps.add(number, 0, OUT_OF_ORDERNESS, reported::add);
    }
    gaps = gaps.add(1, OUT_OF_ORDERNESS + 1, OUT_OF_ORDERNESS, reported::add);
    gaps = gaps.add(3, OUT_OF_ORDERNESS + 2, OUT_OF_ORDERNESS, reported::add);
    gaps.passed(Long.MAX_VALUE, reported::add);

    assertThat(reported).containsExactly(new Gap(502, 502, 0), new Gap(2, 2, OUT_OF_ORDERNESS + 2));
  }

  @Example
  void whatComesTooLateOrAgainChangesNothing() {
    List<Gap> reported = new ArrayList<>();
    SequenceGaps gaps = SequenceGaps.START;
    for (long number : new long[] {500, 501, 510}) {
      gaps = gaps.add(number, 0, OUT_OF_ORDERNESS, reported::add);
    }
    gaps = gaps.passed(0, reported::add);
    assertThat(reported).containsExactly(new Gap(502, 509, 0));

    for (long number : new long[] {499, 7, 500, 505, 510}) {
      assertThat(gaps.add(number, -OUT_OF_ORDERNESS - 1, OUT_OF_ORDERNESS, reported::add))
          .isSameAs(gaps);
    }
    assertThat(reported).hasSize(1);
  }

  @Example
  void theEndsOfTheNumbersDoNotOverflow() {
    List<Gap> reported = new ArrayList<>();
    SequenceGaps gaps = SequenceGaps.START;
    for (long number : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 0}) {
      gaps = gaps.add(number, 0, OUT_OF_ORDERNESS, reported::add);
    }
    gaps.passed(0, reported::add);

    assertThat(reported)
        .containsExactlyInAnyOrder(
            new Gap(Long.MIN_VALUE + 1, -1, 0), new Gap(1, Long.MAX_VALUE - 1, 0));
    assertThat(Collections.max(reported, Comparator.comparing(Gap::missing)).missing())
        .isEqualTo(Long.MAX_VALUE);
  }
}

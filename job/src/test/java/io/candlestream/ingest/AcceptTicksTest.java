package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.StartPosition;
import io.candlestream.market.Input;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.state.Subtask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AcceptTicksTest {

  private static final Intervals MINUTES =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

  /** Records are that much younger than their ticks; not 0, which is no timestamp. */
  private static final long RECORDS = 1;

  private static final StartPosition COMMITTED =
      new StartPosition(StartPosition.Kind.COMMITTED, null);

  /** Within the candle of minute 2. */
  private static final long HALF_PAST_TWO = 150;

  @Test
  void acceptedTicksGoOnAndRejectedOnesAside() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      Tick first = tick(0, 0, HALF_PAST_TWO);
      Tick third = tick(0, 2, HALF_PAST_TWO);
      Reject second = rejected(0, 1, RejectReason.STALE);
      accept.take(Verdict.accept(first));
      accept.take(Verdict.reject(second));
      accept.take(Verdict.accept(third));
      assertThat(accept.output()).containsExactly(first, third);
      assertThat(accept.output(AcceptTicks.REJECTED))
          .usingRecursiveFieldByFieldElementComparator()
          .containsExactly(second);
    }
  }

  @Test
  void rejectedTicksAreCountedOnceInAllAndOnceForEachReason() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      accept.take(Verdict.reject(rejected(0, 0, RejectReason.MALFORMED)));
      accept.take(Verdict.reject(rejected(0, 1, RejectReason.INVALID_PRICE, RejectReason.FUTURE)));
      accept.take(Verdict.reject(rejected(0, 2, RejectReason.FUTURE)));
      assertThat(accept.metric("ticksRejected")).isEqualTo(3);
      assertThat(accept.metric("reason.MALFORMED.ticksRejected")).isEqualTo(1);
      assertThat(accept.metric("reason.INVALID_PRICE.ticksRejected")).isEqualTo(1);
      assertThat(accept.metric("reason.FUTURE.ticksRejected")).isEqualTo(2);
      assertThat(accept.metric("reason.STALE.ticksRejected")).isZero();
      assertThat(accept.metric("ticksBeforeStart")).isZero();
    }
  }

  @Test
  void ofARecordWithSeveralTradesEachGoesItsWay() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      Tick first = tick(0, 3, HALF_PAST_TWO);
      Tick second = tick(0, 3, HALF_PAST_TWO + 60);
      Reject bad = rejected(0, 3, RejectReason.INVALID_PRICE);
      passes(accept, tick(0, 0, HALF_PAST_TWO));
      accept.take(new Verdict<>(first.order().origin(), List.of(first, second), List.of(bad)));
      assertThat(accept.output()).containsExactly(first, second);
      assertThat(accept.output(AcceptTicks.REJECTED)).hasSize(1);
      assertThat(accept.metric("ticksRejected")).isEqualTo(1);
      assertThat(accept.metric("recordsWithoutTrades")).isZero();
    }
  }

  @Test
  void recordsWithoutTradesAreCountedOverRestarts() throws Exception {
    Subtask.Snapshot snapshot;
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      accept.take(Verdict.withoutEvents(new Origin("ticks", 0, 0, 0, 0)));
      accept.take(Verdict.withoutEvents(new Origin("ticks", 0, 1, 0, 0)));
      assertThat(accept.output()).isEmpty();
      assertThat(accept.metric("ticksRejected")).isZero();
      snapshot = Subtask.Snapshot.of(accept);
    }
    try (Subtask<Verdict<Tick>, Tick> accept = start(snapshot)) {
      accept.take(Verdict.withoutEvents(new Origin("ticks", 0, 2, 0, 0)));
      assertThat(accept.metric("recordsWithoutTrades")).isEqualTo(3);
    }
  }

  @Test
  void aFirstRecordWithoutTradesAtOffsetZeroLeavesThePartitionComplete() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      accept.take(Verdict.withoutEvents(new Origin("ticks", 0, 0, 0, 0)));
      accept.take(Verdict.withoutEvents(new Origin("ticks", 1, 5, 0, 0)));
      assertThat(passes(accept, tick(0, 1, HALF_PAST_TWO))).isTrue();
      assertThat(passes(accept, tick(1, 6, HALF_PAST_TWO))).isFalse();
    }
  }

  /** A snapshot of past trades, newest first, does not make the past complete. */
  @Test
  void aFirstRecordOfSeveralTradesIsCompleteFromItsLatestOn() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      Tick newest = tick(0, 7, HALF_PAST_TWO);
      Tick oldest = tick(0, 7, 10);
      for (List<Tick> ticks : List.of(List.of(newest, oldest), List.of(oldest, newest))) {
        accept.take(new Verdict<>(newest.order().origin(), ticks, List.of()));
        assertThat(accept.output()).isEmpty();
      }
      assertThat(passes(accept, tick(0, 8, 180))).isTrue();
      assertThat(accept.metric("ticksBeforeStart")).isEqualTo(4);
    }
  }

  @Test
  void aPartitionReadFromOffsetZeroIsCompleteFromTheFirstTickOn() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      assertThat(passes(accept, tick(0, 0, HALF_PAST_TWO))).isTrue();
      assertThat(passes(accept, tick(0, 1, 0))).isTrue();
      assertThat(accept.metric("ticksBeforeStart")).isZero();
    }
  }

  @Test
  void aPartitionReadFromItsMiddleIsCompleteFromTheNextCandleOn() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      assertThat(passes(accept, tick(0, 7, HALF_PAST_TWO))).isFalse();
      assertThat(passes(accept, tick(0, 8, 179))).isFalse();
      assertThat(passes(accept, tick(0, 9, 180))).isTrue();
      assertThat(passes(accept, tick(0, 10, 30))).isFalse();
      assertThat(passes(accept, tick(0, 11, 181))).isTrue();
      assertThat(accept.metric("ticksBeforeStart")).isEqualTo(3);
    }
  }

  @Test
  void aCandleThatBeginsWithTheFirstRecordIsComplete() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      assertThat(passes(accept, tick(0, 7, 119))).isFalse();
      assertThat(passes(accept, tick(0, 8, 120))).isTrue();
    }
  }

  @Test
  void aStragglerAsTheFirstTickMakesNoCandleComplete() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      Tick straggler =
          SomeTick.of("BTC")
              .atSeconds(10)
              .readFrom("ticks", 0, 7)
              .recordSeconds(HALF_PAST_TWO)
              .tick();
      assertThat(passes(accept, straggler)).isFalse();
      assertThat(passes(accept, tick(0, 8, 120))).isFalse();
      assertThat(passes(accept, tick(0, 9, 180))).isTrue();
    }
  }

  @Test
  void aTickThatWasNotReadMayBeAheadOfItsRecordByWhatIsAllowed() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept =
        Subtask.of(new AcceptTicks(MINUTES, Duration.ofSeconds(5), COMMITTED), 1, 0, null)) {
      assertThat(passes(accept, tick(0, 7, 174))).isFalse();
      assertThat(passes(accept, tick(0, 8, 180))).isTrue();
    }
    try (Subtask<Verdict<Tick>, Tick> accept =
        Subtask.of(new AcceptTicks(MINUTES, Duration.ofSeconds(5), COMMITTED), 1, 0, null)) {
      assertThat(passes(accept, tick(0, 7, 175))).isFalse();
      assertThat(passes(accept, tick(0, 8, 180))).isFalse();
      assertThat(passes(accept, tick(0, 9, 240))).isTrue();
    }
  }

  /** However long the partition was silent then: the first record read may be much younger. */
  @Test
  void aPositionInTimeSaysItWhateverIsReadFirst() throws Exception {
    StartPosition start =
        new StartPosition(StartPosition.Kind.TIMESTAMP, Instant.ofEpochSecond(115));
    try (Subtask<Verdict<Tick>, Tick> accept =
        Subtask.of(new AcceptTicks(MINUTES, Duration.ofSeconds(5), start), 1, 0, null)) {
      assertThat(passes(accept, tick(0, 7, 1_000))).isTrue();
      assertThat(passes(accept, tick(0, 8, 119))).isFalse();
      assertThat(passes(accept, tick(0, 9, 120))).isTrue();
    }
  }

  /** Written in one go long after its ticks: nothing but these tells. */
  @Test
  void ofATopicThatWasFilledLaterTheFirstTickSaysWhatWouldHaveMadeItLate() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      for (boolean known : new boolean[] {true, false}) {
        int partition = known ? 0 : 1;
        SomeTick first =
            SomeTick.of("BTC")
                .atSeconds(60)
                .readFrom("ticks", partition, 7)
                .recordSeconds(known ? 1_000_000 : 0);
        assertThat(passes(accept, first.tick())).isFalse();
        assertThat(passes(accept, first.offset(8).atSeconds(60 + 60 + 5 + 300 - 6).tick()))
            .isFalse();
        assertThat(passes(accept, first.offset(9).atSeconds(480).tick())).isTrue();
      }
    }
  }

  @Test
  void everyPartitionOfEveryTopicBeginsForItself() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      assertThat(passes(accept, tick(0, 7, HALF_PAST_TWO))).isFalse();
      assertThat(passes(accept, tick(1, 0, HALF_PAST_TWO))).isTrue();
      assertThat(passes(accept, tick(2, 9, 59))).isFalse();
      assertThat(passes(accept, tick(2, 10, 60))).isTrue();
      Tick other = SomeTick.of("BTC").atSeconds(HALF_PAST_TWO).readFrom("other", 0, 0).tick();
      assertThat(passes(accept, other)).isTrue();
      assertThat(passes(accept, tick(0, 8, HALF_PAST_TWO))).isFalse();
    }
  }

  @Test
  void aRejectedFirstRecordAtOffsetZeroLeavesThePartitionComplete() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      accept.take(Verdict.reject(rejected(0, 0, RejectReason.MALFORMED)));
      assertThat(passes(accept, tick(0, 1, HALF_PAST_TWO))).isTrue();
    }
  }

  @Test
  void aRejectedFirstRecordInTheMiddleLeavesItToTheFirstTick() throws Exception {
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      accept.take(Verdict.reject(rejected(0, 5, RejectReason.STALE)));
      assertThat(passes(accept, tick(0, 6, HALF_PAST_TWO))).isFalse();
      assertThat(passes(accept, tick(0, 7, 180))).isTrue();
    }
  }

  @Test
  void aRestoredPartitionGoesOnWhereverItsOffsetIs() throws Exception {
    Subtask.Snapshot snapshot;
    try (Subtask<Verdict<Tick>, Tick> accept = start(null)) {
      passes(accept, tick(0, 0, HALF_PAST_TWO));
      passes(accept, tick(1, 7, HALF_PAST_TWO));
      snapshot = Subtask.Snapshot.of(accept);
    }
    try (Subtask<Verdict<Tick>, Tick> accept = start(snapshot)) {
      assertThat(passes(accept, tick(0, 100, HALF_PAST_TWO))).isTrue();
      assertThat(passes(accept, tick(1, 100, HALF_PAST_TWO))).isFalse();
      assertThat(passes(accept, tick(1, 101, 180))).isTrue();
      assertThat(passes(accept, tick(2, 100, HALF_PAST_TWO))).isFalse();
      assertThat(accept.metric("ticksBeforeStart")).isEqualTo(3);
    }
  }

  /** A record of one of three partitions; only an accepted one has a tick. */
  record Read(int partition, boolean accepted, long seconds) {}

  @Property(tries = 150)
  void ticksOfIncompleteCandlesAndNoOthersAreLeftOutOverAnyRestarts(
      @ForAll("reads") List<Read> reads,
      @ForAll @Size(3) List<@IntRange(max = 2) Integer> firstOffsets,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 3) Integer> parallelisms)
      throws Exception {
    List<Tick> expected = new ArrayList<>();
    List<Tick> passed = new ArrayList<>();
    long leftOut = 0;
    Map<Integer, Long> completeFrom = new HashMap<>();
    List<Integer> offsets = new ArrayList<>(firstOffsets);
    List<Subtask<Verdict<Tick>, Tick>> subtasks = subtasks(parallelisms.get(0), null);
    for (int i = 0; i < reads.size(); i++) {
      if (i > 0 && i % 10 == 0) {
        subtasks = restart(subtasks, parallelisms.get(i / 10 % parallelisms.size()));
      }
      Read read = reads.get(i);
      int offset = offsets.get(read.partition());
      offsets.set(read.partition(), offset + 1);
      if (offset == 0) {
        completeFrom.put(read.partition(), Long.MIN_VALUE);
      }
      // A restart may give a partition to any subtask.
      Subtask<Verdict<Tick>, Tick> subtask =
          subtasks.get((read.partition() + i / 10) % subtasks.size());
      if (read.accepted()) {
        Tick tick = tick(read.partition(), offset, read.seconds());
        completeFrom.putIfAbsent(read.partition(), read.seconds() + RECORDS);
        if (read.seconds() / 60 * 60 >= completeFrom.get(read.partition())) {
          expected.add(tick);
        } else {
          leftOut++;
        }
        subtask.take(Verdict.accept(tick));
      } else {
        subtask.take(Verdict.reject(rejected(read.partition(), offset, RejectReason.STALE)));
      }
      passed.addAll(subtask.output());
    }
    assertThat(passed).containsExactlyElementsOf(expected);
    assertThat(subtasks.stream().mapToLong(subtask -> subtask.metric("ticksBeforeStart")).sum())
        .isEqualTo(leftOut);
    assertThat(subtasks.stream().mapToLong(subtask -> subtask.metric("ticksRejected")).sum())
        .isEqualTo(reads.size() - expected.size() - leftOut);
    subtasks.forEach(Subtask::close);
  }

  private static List<Subtask<Verdict<Tick>, Tick>> restart(
      List<Subtask<Verdict<Tick>, Tick>> subtasks, int parallelism) throws Exception {
    Subtask.Snapshot snapshot = Subtask.Snapshot.of(subtasks);
    subtasks.forEach(Subtask::close);
    return subtasks(parallelism, snapshot);
  }

  private static List<Subtask<Verdict<Tick>, Tick>> subtasks(
      int parallelism, Subtask.Snapshot snapshot) throws Exception {
    List<Subtask<Verdict<Tick>, Tick>> subtasks = new ArrayList<>();
    for (int index = 0; index < parallelism; index++) {
      subtasks.add(Subtask.of(accept(COMMITTED), parallelism, index, snapshot));
    }
    return subtasks;
  }

  private static Subtask<Verdict<Tick>, Tick> start(Subtask.Snapshot snapshot) throws Exception {
    return Subtask.of(accept(COMMITTED), 1, 0, snapshot);
  }

  private static AcceptTicks accept(StartPosition start) {
    return new AcceptTicks(MINUTES, Duration.ofSeconds(0), start);
  }

  private static boolean passes(Subtask<Verdict<Tick>, Tick> accept, Tick tick) throws Exception {
    accept.take(Verdict.accept(tick));
    List<Tick> output = accept.output();
    assertThat(output).isSubsetOf(tick);
    return !output.isEmpty();
  }

  private static Tick tick(int partition, long offset, long seconds) {
    return SomeTick.of("BTC")
        .atSeconds(seconds)
        .readFrom("ticks", partition, offset)
        .recordSeconds(RECORDS + seconds)
        .tick();
  }

  private static Reject rejected(int partition, long offset, RejectReason... reasons) {
    return new Reject(
        Input.TICKS,
        new Origin("ticks", partition, offset, 0, 0),
        new byte[] {'?'},
        List.of(reasons),
        null,
        null,
        null);
  }

  @Provide
  Arbitrary<List<Read>> reads() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 2),
            Arbitraries.of(true, true, true, false),
            Arbitraries.longs().between(0, 300))
        .as(Read::new)
        .list()
        .ofMaxSize(45);
  }
}

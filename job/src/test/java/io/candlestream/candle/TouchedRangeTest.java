package io.candlestream.candle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.Intervals;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Ticks;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.DetachedJobExecutionResult;
import org.apache.flink.util.OptionalFailure;
import org.junit.jupiter.api.Test;

/** From when to when candles of a minute were built, over restarts. */
class TouchedRangeTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));
  private static final SomeTick BTC = SomeTick.of("BTC");
  private static final SomeTick ETH = SomeTick.of("ETH");

  @Test
  void fromTheEarliestStartToTheLatestEndOfWhatHasClosed() throws Exception {
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, null)) {
      assertThat(told(build)).isEqualTo(TouchedRange.NONE);
      build.take(Ticks.of(BTC.atSeconds(130).id(1).tick()));
      build.take(Ticks.of(ETH.atSeconds(70).id(1).tick()));
      build.take(Ticks.of(BTC.atSeconds(190).id(2).tick()));
      assertThat(told(build)).isEqualTo(TouchedRange.NONE);

      build.watermark(180_000);
      assertThat(told(build)).isEqualTo(minutes(1, 3));
      build.watermark(Long.MAX_VALUE);
      assertThat(told(build)).isEqualTo(minutes(1, 4));
    }
  }

  @Test
  void correctionsBeforeTheEarliestCandleCountToo() throws Exception {
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, null)) {
      build.take(Ticks.of(BTC.atSeconds(190).id(1).tick()));
      build.watermark(250_000);
      build.take(Ticks.of(BTC.atSeconds(10).id(2).tick()));
      build.watermark(250_001);
      assertThat(told(build)).isEqualTo(minutes(0, 4));
    }
  }

  @Test
  void ofWhatWasWrittenBeforeARestartNothingIsForgotten() throws Exception {
    Snapshot snapshot;
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, null)) {
      build.take(Ticks.of(BTC.atSeconds(70).id(1).tick()));
      build.watermark(200_000);
      snapshot = Snapshot.of(build);
    }
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, snapshot)) {
      assertThat(told(build)).isEqualTo(minutes(1, 2));
      build.take(Ticks.of(BTC.atSeconds(600).id(2).tick()));
      build.watermark(Long.MAX_VALUE);
      assertThat(told(build)).isEqualTo(minutes(1, 11));
    }
  }

  @Test
  void aRestartBeforeTheFirstCandleKnowsThatThereIsNone() throws Exception {
    Snapshot snapshot;
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, null)) {
      snapshot = Snapshot.of(build);
    }
    try (Subtask<Ticks, CandleUpdate> build = subtask(1, 0, snapshot)) {
      assertThat(told(build)).isEqualTo(TouchedRange.NONE);
    }
  }

  /** One of two subtasks is idle, then of three, then there is one again. */
  @Test
  void theRangeOfAllSubtasksStaysWhenTheParallelismChanges() throws Exception {
    List<Subtask<Ticks, CandleUpdate>> builds = rescale(1, List.of());
    builds.get(0).take(Ticks.of(BTC.atSeconds(70).id(1).tick()));
    builds.get(0).watermark(200_000);
    for (int parallelism : new int[] {3, 2, 1}) {
      builds = rescale(parallelism, builds);
      assertThat(
              builds.stream()
                  .map(TouchedRangeTest::told)
                  .reduce(TouchedRange.NONE, TouchedRange::and))
          .as("of %d subtasks", parallelism)
          .isEqualTo(minutes(1, 2));
    }
    builds.forEach(Subtask::close);
  }

  @Test
  void aRunTellsItInItsAccumulators() {
    assertThat(TouchedRange.of(run(Map.of("touchedFromMicros", 1L, "touchedToMicros", 5L))))
        .contains(new TouchedRange(1, 5));
    assertThat(
            TouchedRange.of(
                run(
                    Map.of(
                        "touchedFromMicros", Long.MAX_VALUE, "touchedToMicros", Long.MIN_VALUE))))
        .contains(TouchedRange.NONE);
  }

  @Test
  void aRunThatNobodyWaitsForOrThatWasOverWhenRestoredDoesNotTellIt() {
    assertThat(TouchedRange.of(new DetachedJobExecutionResult(new JobID()))).isEmpty();
    assertThat(TouchedRange.of(run(Map.of()))).isEmpty();
  }

  @Test
  void noRangeIsEmptyButNone() {
    assertThat(TouchedRange.NONE.isNone()).isTrue();
    assertThat(minutes(1, 2).and(TouchedRange.NONE)).isEqualTo(minutes(1, 2));
    assertThatThrownBy(() -> new TouchedRange(5, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  private static JobExecutionResult run(Map<String, Object> told) {
    Map<String, OptionalFailure<Object>> accumulators = new HashMap<>();
    told.forEach((name, value) -> accumulators.put(name, OptionalFailure.of(value)));
    return new JobExecutionResult(new JobID(), 1, accumulators);
  }

  private static TouchedRange minutes(long from, long to) {
    return new TouchedRange(from * 60_000_000, to * 60_000_000);
  }

  private static TouchedRange told(Subtask<?, ?> build) {
    return new TouchedRange(
        (Long) build.accumulator("touchedFromMicros"), (Long) build.accumulator("touchedToMicros"));
  }

  private static List<Subtask<Ticks, CandleUpdate>> rescale(
      int parallelism, List<Subtask<Ticks, CandleUpdate>> before) throws Exception {
    Snapshot snapshot = before.isEmpty() ? null : Snapshot.of(before);
    before.forEach(Subtask::close);
    List<Subtask<Ticks, CandleUpdate>> builds = new ArrayList<>();
    for (int index = 0; index < parallelism; index++) {
      builds.add(subtask(parallelism, index, snapshot));
    }
    return builds;
  }

  private static Subtask<Ticks, CandleUpdate> subtask(int parallelism, int index, Snapshot snapshot)
      throws Exception {
    return Subtask.<Ticks, CandleUpdate>of(
        new CachedStateOperator<>(new BuildCandles(INTERVALS, Duration.ZERO)),
        Ticks::instrument,
        parallelism,
        index,
        snapshot);
  }
}

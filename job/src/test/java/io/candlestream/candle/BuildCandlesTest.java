package io.candlestream.candle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.candlestream.market.Candle;
import io.candlestream.market.Intervals;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stories of candles of a minute, 5 s out of order, 5 minutes late. */
class BuildCandlesTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final SomeTick BTC = SomeTick.of("BTC").side(Side.BUY);
  private static final SomeTick ETH = SomeTick.of("ETH");

  private static final long MINUTE = 60_000_000;

  /** The watermark that closes the candle of minute 0. */
  private static final long MINUTE_0_CLOSES = 59_999;

  /** From this tick on, with the watermark there too, the candle of minute 0 is dropped. */
  private static final long MINUTE_0_IS_OVER = 60 + 300 + 5;

  private Subtask<Ticks, CandleUpdate> build;

  @BeforeEach
  void start() throws Exception {
    build = subtask(null);
  }

  @AfterEach
  void close() {
    build.close();
  }

  @Test
  void aCandleComesOutWhenTheWatermarkPassesItsEndAndNotBefore() throws Exception {
    List<Tick> ticks =
        List.of(
            BTC.atSeconds(1).id(1).price("10").size("2").tick(),
            BTC.atSeconds(59).id(3).price("12").tick(),
            BTC.atSeconds(30).id(2).price("9").size("0.5").tick());
    take(ticks);
    build.watermark(MINUTE_0_CLOSES - 1);
    assertThat(build.output()).isEmpty();
    assertThat(build.metric("candlesClosed")).isZero();

    build.watermark(MINUTE_0_CLOSES);
    assertThat(candles(build)).containsExactly(candle(ticks));
    build.watermark(MINUTE_0_CLOSES + 1_000_000);
    assertThat(build.output()).isEmpty();
    assertThat(build.metric("candlesClosed")).isEqualTo(1);
    assertThat(build.metric("candlesCorrected")).isZero();
    assertThat(build.metric("ticksAccepted")).isEqualTo(3);
  }

  @Test
  void candlesThatCloseWithOneWatermarkComeInTheOrderOfTime() throws Exception {
    Tick third = BTC.atSeconds(130).id(3).tick();
    Tick first = BTC.atSeconds(10).id(1).tick();
    Tick second = BTC.atSeconds(70).id(2).tick();
    take(List.of(third, first, second));
    build.watermark(Long.MAX_VALUE);
    assertThat(candles(build))
        .containsExactly(candle(List.of(first)), candle(List.of(second)), candle(List.of(third)));
  }

  @Test
  void aTickThatComesLateCorrectsItsCandleWithTheNextWatermark() throws Exception {
    Tick first = BTC.atSeconds(10).id(1).price("10").tick();
    Tick late = BTC.atSeconds(50).id(2).price("20").tick();
    build.take(Ticks.of(first));
    build.watermark(100_000);
    build.output();

    build.take(Ticks.of(late));
    assertThat(build.output()).isEmpty();
    build.watermark(100_001);
    assertThat(candles(build)).containsExactly(candle(List.of(first, late)));
    build.watermark(100_002);
    assertThat(build.output()).isEmpty();
    assertThat(build.metric("candlesClosed")).isEqualTo(1);
    assertThat(build.metric("candlesCorrected")).isEqualTo(1);
  }

  @Test
  void correctionsBetweenTwoWatermarksAreOne() throws Exception {
    List<Tick> ticks = new ArrayList<>();
    for (int id = 0; id < 10; id++) {
      ticks.add(BTC.atSeconds(id).id(id).price("" + (100 + id)).tick());
    }
    build.take(Ticks.of(ticks.get(0)));
    build.watermark(100_000);
    build.output();
    take(ticks.subList(1, 10));
    assertThat(build.timers()).isEqualTo(1);
    build.watermark(100_001);
    assertThat(candles(build)).containsExactly(candle(ticks));
    assertThat(build.metric("candlesCorrected")).isEqualTo(1);
  }

  @Test
  void aCandleWhoseFirstTickIsLateClosesWithTheNextWatermark() throws Exception {
    build.watermark(100_000);
    Tick late = BTC.atSeconds(10).id(1).tick();
    build.take(Ticks.of(late));
    build.watermark(100_001);
    assertThat(candles(build)).containsExactly(candle(List.of(late)));
    assertThat(build.metric("candlesClosed")).isEqualTo(1);
    assertThat(build.metric("candlesCorrected")).isZero();
  }

  @Test
  void aCorrectionSaysWhichOlderCandlesAreSettled() throws Exception {
    build.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    build.take(Ticks.of(BTC.atSeconds(400).id(2).tick()));
    build.watermark(420_000);
    // The minutes 0 to 1 are over by the watermark, but only minute 0 by the instrument's time.
    build.take(Ticks.of(BTC.atSeconds(425).id(3).tick()));
    build.output();
    Tick tick = BTC.atSeconds(600).id(4).tick();
    build.take(Ticks.of(tick));
    build.watermark(700_000);
    assertThat(build.output())
        .extracting(update -> update.candle().startMicros(), CandleUpdate::settledBeforeMicros)
        .containsExactly(tuple(7 * MINUTE, 2 * MINUTE), tuple(10 * MINUTE, 2 * MINUTE));
  }

  @Test
  void noCandleEverSaysThatItIsSettledItself() throws Exception {
    build.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    build.watermark(100_000);
    build.take(Ticks.of(BTC.atSeconds(10_000).id(2).tick()));
    build.take(Ticks.of(BTC.atSeconds(20).id(3).tick()));
    build.watermark(10_100_000);
    build.take(Ticks.of(BTC.atSeconds(10_001).id(4).tick()));
    build.watermark(Long.MAX_VALUE);
    assertThat(build.output())
        .isNotEmpty()
        .allMatch(update -> update.settledBeforeMicros() <= update.candle().startMicros());
  }

  @Test
  void aCandleThatChangedLastGoesOutBeforeItLeavesTheState() throws Exception {
    Tick first = BTC.atSeconds(10).id(1).price("10").tick();
    Tick late = BTC.atSeconds(20).id(2).price("20").tick();
    build.take(Ticks.of(first));
    build.watermark(1_000_000);
    build.output();
    build.take(Ticks.of(late));
    // No watermark in between: the instrument's own clock drops the candle.
    Tick next = BTC.atSeconds(MINUTE_0_IS_OVER).id(3).tick();
    build.take(Ticks.of(next));
    assertThat(candles(build)).containsExactly(candle(List.of(first, late)));
    assertThat(build.entries("candles", PartialCandle.class)).containsExactly(6 * MINUTE);

    build.watermark(1_000_001);
    assertThat(candles(build)).containsExactly(candle(List.of(next)));
    assertThat(build.metric("candlesClosed")).isEqualTo(2);
    assertThat(build.metric("candlesCorrected")).isEqualTo(1);
  }

  @Test
  void severalCandlesDroppedAtOnceGoOutInTheOrderOfTime() throws Exception {
    build.watermark(10_000_000);
    for (int minute : new int[] {3, 0, 2, 1}) {
      build.take(Ticks.of(BTC.atSeconds(minute * 60).id(minute).tick()));
    }
    build.take(Ticks.of(BTC.atSeconds(5_000).id(9).tick()));
    assertThat(build.output())
        .extracting(update -> update.candle().startMicros(), CandleUpdate::settledBeforeMicros)
        .containsExactly(
            tuple(0L, 0L),
            tuple(MINUTE, MINUTE),
            tuple(2 * MINUTE, 2 * MINUTE),
            tuple(3 * MINUTE, 3 * MINUTE));
  }

  @Test
  void aTickOfADroppedCandleIsAnErrorHereAndNoSilentLoss() throws Exception {
    build.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    build.watermark(1_000_000);
    build.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    assertThatThrownBy(() -> build.take(Ticks.of(BTC.atSeconds(20).id(3).tick())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a tick of a dropped candle got past drop-duplicates");
  }

  @Test
  void oneInstrumentDoesNotDropOrChangeTheCandlesOfAnother() throws Exception {
    Tick btc = BTC.atSeconds(10).id(1).price("10").tick();
    Tick eth = ETH.atSeconds(10).id(1).price("3").tick();
    build.take(Ticks.of(btc));
    build.take(Ticks.of(eth));
    build.watermark(1_000_000);
    assertThat(candles(build))
        .containsExactlyInAnyOrder(candle(List.of(btc)), candle(List.of(eth)));

    build.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    Tick late = ETH.atSeconds(20).id(2).price("4").tick();
    build.take(Ticks.of(late));
    build.watermark(1_000_001);
    assertThat(candles(build)).containsExactly(candle(List.of(eth, late)));
    assertThat(build.metric("instruments")).isEqualTo(2);
  }

  @Test
  void aCandleThatWasOpenAtARestartGoesOn() throws Exception {
    Tick first = BTC.atSeconds(10).id(1).price("10").tick();
    Tick second = BTC.atSeconds(20).id(2).price("20").tick();
    build.take(Ticks.of(first));
    try (Subtask<Ticks, CandleUpdate> restored = subtask(Snapshot.of(build))) {
      restored.take(Ticks.of(second));
      restored.watermark(MINUTE_0_CLOSES);
      assertThat(candles(restored)).containsExactly(candle(List.of(first, second)));
      assertThat(restored.metric("ticksAccepted")).isEqualTo(2);
      assertThat(restored.metric("instruments")).isEqualTo(1);
    }
  }

  @Test
  void aCorrectionThatWaitsAtARestartIsNotLost() throws Exception {
    Tick first = BTC.atSeconds(10).id(1).price("10").tick();
    Tick late = BTC.atSeconds(20).id(2).price("20").tick();
    build.take(Ticks.of(first));
    build.watermark(100_000);
    build.take(Ticks.of(late));
    try (Subtask<Ticks, CandleUpdate> restored = subtask(Snapshot.of(build))) {
      restored.watermark(MINUTE_0_CLOSES);
      assertThat(candles(restored)).containsExactly(candle(List.of(first, late)));
      assertThat(restored.metric("candlesCorrected")).isEqualTo(1);
    }
  }

  @Test
  void aClosedCandleIsNotEmittedAgainAfterARestart() throws Exception {
    build.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    build.watermark(100_000);
    try (Subtask<Ticks, CandleUpdate> restored = subtask(Snapshot.of(build))) {
      restored.watermark(Long.MAX_VALUE);
      assertThat(restored.output()).isEmpty();
    }
  }

  @Test
  void aSnapshotDoesNotSeeTicksThatCameAfterIt() throws Exception {
    Tick first = BTC.atSeconds(10).id(1).price("10").tick();
    build.take(Ticks.of(first));
    Subtask<Ticks, CandleUpdate>.PendingSnapshot pending = build.beginSnapshot();
    build.take(Ticks.of(BTC.atSeconds(20).id(2).price("20").tick()));
    build.watermark(100_000);
    try (Subtask<Ticks, CandleUpdate> restored = subtask(pending.finish())) {
      restored.watermark(MINUTE_0_CLOSES);
      assertThat(candles(restored)).containsExactly(candle(List.of(first)));
    }
  }

  @Test
  void onlyCandlesThatStillTakeTicksAreInTheStateAndNoTimerIsLeft() throws Exception {
    for (int minute = 0; minute < 100; minute++) {
      build.take(Ticks.of(BTC.atSeconds(minute * 60).id(minute).tick()));
      build.take(Ticks.of(ETH.atSeconds(minute * 60 + 59).id(minute).tick()));
      build.watermark(minute * 60_000L);
      assertThat(build.entries("candles", PartialCandle.class)).hasSizeLessThanOrEqualTo(2 * 8);
      assertThat(build.timers()).isLessThanOrEqualTo(2 * 2);
    }
    build.watermark(10_000_000);
    build.take(Ticks.of(BTC.atSeconds(9_000).id(100).tick()));
    build.take(Ticks.of(ETH.atSeconds(9_000).id(100).tick()));
    build.watermark(Long.MAX_VALUE);
    assertThat(build.timers()).isZero();
    assertThat(build.entries("candles", PartialCandle.class))
        .containsExactly(150 * MINUTE, 150 * MINUTE);
    assertThat(build.metric("candlesClosed")).isEqualTo(202);
  }

  /** As in a backfill where one instrument's files come after another's. */
  @Test
  void behindAWatermarkThatStandsNoTimerOutlivesItsCandle() throws Exception {
    build.watermark(10_000_000);
    for (int minute = 0; minute < 100; minute++) {
      build.take(Ticks.of(BTC.atSeconds(minute * 60).id(minute).tick()));
      assertThat(build.timers()).isLessThanOrEqualTo(8);
    }
    assertThat(candles(build)).hasSize(100 - 7);
  }

  @Test
  void theLagIsTheAgeOfTheNewestTick() throws Exception {
    long now = System.currentTimeMillis();
    build.take(Ticks.of(BTC.atMicros((now - 5_000) * 1_000).id(1).tick()));
    build.take(Ticks.of(BTC.atMicros((now - 9_000) * 1_000).id(2).tick()));
    assertThat(build.metric("eventTimeLagMs"))
        .isBetween(5_000L, 5_000 + System.currentTimeMillis() - now);
  }

  @Test
  void anOpenCandleIsShownNowAndThenAndOnlyWhenItHasChanged() throws Exception {
    Duration every = Duration.ofSeconds(1);
    try (Subtask<Ticks, CandleUpdate> live =
        Subtask.of(
            new CachedStateOperator<>(new BuildCandles(INTERVALS, every)), Ticks::instrument)) {
      Tick first = BTC.atSeconds(1).id(1).price("10").tick();
      Tick second = BTC.atSeconds(2).id(2).price("11").tick();
      live.take(Ticks.of(first));
      live.take(Ticks.of(second));
      assertThat(live.output()).isEmpty();
      live.clock(1_000);
      assertThat(candles(live)).containsExactly(open(List.of(first, second)));
      live.clock(10_000);
      assertThat(live.output()).isEmpty();

      Tick third = BTC.atSeconds(3).id(3).price("9").tick();
      live.take(Ticks.of(third));
      live.watermark(MINUTE_0_CLOSES);
      assertThat(candles(live)).containsExactly(candle(List.of(first, second, third)));
      live.clock(20_000);
      assertThat(live.output()).isEmpty();
      assertThat(live.metric("candlesClosed")).isEqualTo(1);
      assertThat(live.metric("candlesCorrected")).isZero();
    }
  }

  private void take(List<Tick> ticks) throws Exception {
    for (Tick tick : ticks) {
      build.take(Ticks.of(tick));
    }
  }

  private static List<Candle> candles(Subtask<Ticks, CandleUpdate> build) {
    return build.output().stream().map(CandleUpdate::candle).toList();
  }

  /** What these ticks of one candle make. */
  private static Candle candle(List<Tick> ticks) {
    return candle(ticks, true);
  }

  private static Candle open(List<Tick> ticks) {
    return candle(ticks, false);
  }

  private static Candle candle(List<Tick> ticks, boolean closed) {
    PartialCandle candle = PartialCandle.of(ticks.get(0));
    for (Tick tick : ticks.subList(1, ticks.size())) {
      candle = candle.add(tick);
    }
    return candle.toCandle(
        ticks.get(0).instrument(), INTERVALS.startOf(ticks.get(0).timestampMicros()), closed);
  }

  private static Subtask<Ticks, CandleUpdate> subtask(Snapshot snapshot) throws Exception {
    return Subtask.<Ticks, CandleUpdate>of(
        new CachedStateOperator<>(new BuildCandles(INTERVALS, Duration.ZERO)),
        Ticks::instrument,
        1,
        0,
        snapshot);
  }
}

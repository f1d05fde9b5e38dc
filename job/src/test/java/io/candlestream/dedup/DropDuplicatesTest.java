package io.candlestream.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.QualityKind;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stories of the instrument BTC, in candles of a minute, 5 s out of order, 5 minutes late. */
class DropDuplicatesTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final SomeTick BTC = SomeTick.of("BTC");
  private static final SomeTick ETH = SomeTick.of("ETH");

  /** From here on the candle of minute 0 is dropped: its end, the lateness, out-of-orderness. */
  private static final long MINUTE_0_IS_OVER = 60 + 300 + 5;

  private Subtask<Ticks, Ticks> dedup;

  @BeforeEach
  void start() throws Exception {
    dedup = subtask(WithoutId.COUNT, null);
  }

  @AfterEach
  void close() {
    dedup.close();
  }

  @Test
  void ofTicksWithOneIdTheFirstToArriveCounts() throws Exception {
    Tick first = BTC.atSeconds(10).id(7).price("100").tick();
    dedup.take(Ticks.of(first));
    dedup.take(Ticks.of(BTC.atSeconds(10).id("7").price("100").offset(1).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(5).id(7).price("99").offset(2).tick()));
    assertThat(SomeTick.each(dedup.output())).containsExactly(first);
    assertThat(dedup.metric("ticksDuplicate")).isEqualTo(2);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(1);
  }

  @Test
  void idsThatOnlyLookAlikeAreDifferentTrades() throws Exception {
    List<Tick> ticks =
        List.of(
            BTC.id("7").tick(),
            BTC.id("007").tick(),
            BTC.id("7.0").tick(),
            BTC.id("-7").tick(),
            BTC.id("99999999999999999999").tick());
    for (Tick tick : ticks) {
      dedup.take(Ticks.of(tick));
    }
    assertThat(SomeTick.each(dedup.output())).isEqualTo(ticks);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(5);
  }

  @Test
  void ofTicksThatTravelTogetherEachIsLookedAtByItself() throws Exception {
    Tick first = BTC.atSeconds(MINUTE_0_IS_OVER).id(1).tick();
    Tick last = BTC.atSeconds(MINUTE_0_IS_OVER).id(2).tick();
    Tick copy = BTC.atSeconds(MINUTE_0_IS_OVER).id(1).tick();
    dedup.watermark(1_000_000);
    dedup.take(new Ticks(first.instrument(), List.of(first, copy, last)));
    assertThat(dedup.output()).containsExactly(new Ticks(first.instrument(), List.of(first, last)));
    assertThat(dedup.metric("ticksDuplicate")).isEqualTo(1);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(2);

    dedup.take(new Ticks(first.instrument(), List.of(copy, copy)));
    assertThat(dedup.output()).isEmpty();
    assertThat(dedup.metric("ticksDuplicate")).isEqualTo(3);

    Tick late = BTC.atSeconds(10).id(3).tick();
    Tick another = BTC.atSeconds(11).id(3).tick();
    dedup.take(new Ticks(late.instrument(), List.of(late, another)));
    assertThat(dedup.output()).isEmpty();
    assertThat(dedup.output(DropDuplicates.LATE))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(Reject.late(late), Reject.late(another));
    assertThat(dedup.metric("ticksRejected")).isEqualTo(2);

    assertThatIllegalStateException()
        .isThrownBy(() -> dedup.take(new Ticks(first.instrument(), List.of(first, late))))
        .withMessageStartingWith("ticks of several candles together");
  }

  @Test
  void theSameIdOfAnotherInstrumentOrInAnotherCandleIsAnotherTick() throws Exception {
    List<Tick> ticks =
        List.of(
            BTC.atSeconds(59).id(7).tick(),
            ETH.atSeconds(59).id(7).tick(),
            BTC.atSeconds(60).id(7).tick());
    for (Tick tick : ticks) {
      dedup.take(Ticks.of(tick));
    }
    assertThat(SomeTick.each(dedup.output())).isEqualTo(ticks);
    assertThat(dedup.metric("ticksDuplicate")).isZero();
  }

  @Test
  void aTickWithoutIdAlwaysCounts() throws Exception {
    for (int i = 0; i < 3; i++) {
      dedup.take(Ticks.of(BTC.atSeconds(10).tick()));
    }
    assertThat(SomeTick.each(dedup.output())).hasSize(3);
    assertThat(dedup.metric("ticksDuplicate")).isZero();
    assertThat(dedup.metric("dedupEntries")).isZero();
  }

  @Test
  void byContentTicksWithoutIdAreOneIfEqualInAllFour() throws Exception {
    try (Subtask<Ticks, Ticks> byContent = subtask(WithoutId.CONTENT, null)) {
      SomeTick plain = BTC.atSeconds(10).price("1.5").size("2").side(Side.BUY);
      byContent.take(Ticks.of(plain.tick()));
      assertThat(SomeTick.each(byContent.output())).hasSize(1);

      byContent.take(Ticks.of(plain.tick()));
      byContent.take(Ticks.of(plain.offset(1).sequence(5L).price("1.50").size("2.000").tick()));
      assertThat(SomeTick.each(byContent.output())).isEmpty();
      assertThat(byContent.metric("ticksDuplicate")).isEqualTo(2);

      byContent.take(Ticks.of(plain.atMicros(10_000_001).tick()));
      byContent.take(Ticks.of(plain.price("1.6").tick()));
      byContent.take(Ticks.of(plain.size("3").tick()));
      byContent.take(Ticks.of(plain.side(Side.SELL).tick()));
      byContent.take(Ticks.of(plain.side(Side.UNKNOWN).tick()));
      assertThat(SomeTick.each(byContent.output())).hasSize(5);
      assertThat(byContent.metric("dedupEntries")).isEqualTo(6);
    }
  }

  @Test
  void byContentTicksWithIdAreStillComparedByIt() throws Exception {
    try (Subtask<Ticks, Ticks> byContent = subtask(WithoutId.CONTENT, null)) {
      byContent.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
      byContent.take(Ticks.of(BTC.atSeconds(10).id(2).tick()));
      byContent.take(Ticks.of(BTC.atSeconds(10).tick()));
      byContent.take(Ticks.of(BTC.atSeconds(11).id(2).tick()));
      assertThat(SomeTick.each(byContent.output())).hasSize(3);
      assertThat(byContent.metric("ticksDuplicate")).isEqualTo(1);
    }
  }

  @Test
  void aTickIsLateExactlyWhenItsCandleIsDropped() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(Ticks.of(BTC.atMicros(MINUTE_0_IS_OVER * 1_000_000 - 1).id(2).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(59).id(3).tick()));
    assertThat(SomeTick.each(dedup.output())).hasSize(3);

    dedup.take(Ticks.of(BTC.atSeconds(MINUTE_0_IS_OVER).id(4).tick()));
    dedup.output();
    Tick late = BTC.atSeconds(59).id(5).tick();
    Tick onTime = BTC.atSeconds(60).id(5).tick();
    dedup.take(Ticks.of(late));
    dedup.take(Ticks.of(onTime));
    assertThat(SomeTick.each(dedup.output())).containsExactly(onTime);
    assertThat(dedup.output(DropDuplicates.LATE))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(Reject.late(late));
    assertThat(dedup.output(DropDuplicates.LATE).get(0).reasons())
        .containsExactly(RejectReason.LATE);
    assertThat(dedup.metric("ticksRejected")).isEqualTo(1);
    assertThat(dedup.metric("reason.LATE.ticksRejected")).isEqualTo(1);
  }

  @Test
  void aDuplicateOfADroppedCandleIsLateAsAnyOther() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.watermark(1_000_000);
    dedup.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    dedup.output();
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    assertThat(SomeTick.each(dedup.output())).isEmpty();
    assertThat(dedup.output(DropDuplicates.LATE)).hasSize(1);
    assertThat(dedup.metric("ticksDuplicate")).isZero();
  }

  @Test
  void anInstrumentThatIsBehindIsNotLateForTheOthersClock() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.take(Ticks.of(ETH.atSeconds(100_000).id(1).tick()));
    dedup.watermark(100_000_000);
    Tick behind = BTC.atSeconds(11).id(2).tick();
    dedup.output();
    dedup.take(Ticks.of(behind));
    assertThat(SomeTick.each(dedup.output())).containsExactly(behind);
  }

  @Test
  void withoutAWatermarkNothingIsDropped() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(100_000).id(1).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(10).id(2).tick()));
    assertThat(SomeTick.each(dedup.output())).hasSize(2);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(2);
  }

  @Test
  void whatWasDroppedIsLateAfterARestartToo() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.watermark(1_000_000);
    dedup.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    try (Subtask<Ticks, Ticks> restored = subtask(WithoutId.COUNT, Snapshot.of(dedup))) {
      restored.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
      restored.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
      assertThat(SomeTick.each(restored.output())).isEmpty();
      assertThat(restored.output(DropDuplicates.LATE)).hasSize(1);
      assertThat(restored.metric("ticksDuplicate")).isEqualTo(1);
    }
  }

  @Test
  void theIdsOfDroppedCandlesAreForgottenAndTheGaugeGoesDown() throws Exception {
    for (int second = 0; second < 180; second++) {
      dedup.take(Ticks.of(BTC.atSeconds(second).id(second).tick()));
      dedup.take(Ticks.of(BTC.atSeconds(second).id("t" + second).tick()));
    }
    dedup.take(Ticks.of(ETH.atSeconds(0).id(0).tick()));
    assertThat(dedup.metric("dedupEntries")).isEqualTo(361);

    dedup.watermark(1_000_000);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(361);
    dedup.take(Ticks.of(BTC.atSeconds(MINUTE_0_IS_OVER).tick()));
    assertThat(dedup.metric("dedupEntries")).isEqualTo(241);
    dedup.take(Ticks.of(BTC.atSeconds(100_000).tick()));
    // The ids of ETH stay: its own clock stands still.
    assertThat(dedup.metric("dedupEntries")).isEqualTo(1);
  }

  @Test
  void aTickThatIsLateItselfDropsWhatTheWatermarkHasPassed() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    dedup.watermark(1_000_000);
    dedup.take(Ticks.of(BTC.atSeconds(20).id(3).tick()));
    assertThat(dedup.output(DropDuplicates.LATE)).hasSize(1);
    assertThat(dedup.metric("dedupEntries")).isEqualTo(1);
  }

  @Test
  void onlyTheIdsOfCandlesThatStillTakeTicksAreInTheState() throws Exception {
    for (int minute = 0; minute < 100; minute++) {
      dedup.take(Ticks.of(BTC.atSeconds(minute * 60).id(minute).tick()));
      dedup.take(Ticks.of(ETH.atSeconds(minute * 60).id("t" + minute).tick()));
      dedup.watermark(minute * 60_000L);
      // The candle itself, five minutes of lateness, and what is out of order on both sides.
      assertThat(dedup.entries("seen", TradeIds.class)).hasSizeLessThanOrEqualTo(2 * 8);
    }
    dedup.watermark(1_000_000_000);
    dedup.take(Ticks.of(BTC.atSeconds(900_000).tick()));
    dedup.take(Ticks.of(ETH.atSeconds(900_000).tick()));
    assertThat(dedup.entries("seen", TradeIds.class)).isEmpty();
    assertThat(dedup.metric("dedupEntries")).isZero();
    assertThat(dedup.timers()).isZero();
  }

  @Test
  void aSnapshotDoesNotSeeIdsThatCameAfterIt() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(10).id("a").tick()));
    Subtask<Ticks, Ticks>.PendingSnapshot pending = dedup.beginSnapshot();
    // While the snapshot is not written, the same sets take more ids, in old blocks and new.
    for (int id = 2; id < 500; id++) {
      dedup.take(Ticks.of(BTC.atSeconds(10).id(id).tick()));
    }
    dedup.take(Ticks.of(BTC.atSeconds(10).id("b").tick()));
    dedup.output();

    try (Subtask<Ticks, Ticks> restored = subtask(WithoutId.COUNT, pending.finish())) {
      assertThat(restored.metric("dedupEntries")).isEqualTo(2);
      for (int id = 1; id < 500; id++) {
        restored.take(Ticks.of(BTC.atSeconds(10).id(id).tick()));
      }
      restored.take(Ticks.of(BTC.atSeconds(10).id("a").tick()));
      restored.take(Ticks.of(BTC.atSeconds(10).id("b").tick()));
      assertThat(SomeTick.each(restored.output())).hasSize(499);
      assertThat(restored.metric("ticksDuplicate")).isEqualTo(2);
    }
  }

  @Test
  void aSnapshotStillHasTheIdsThatWereDroppedAfterIt() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.watermark(1_000_000);
    Subtask<Ticks, Ticks>.PendingSnapshot pending = dedup.beginSnapshot();
    dedup.take(Ticks.of(BTC.atSeconds(1_000).id(2).tick()));
    assertThat(dedup.metric("dedupEntries")).isEqualTo(1);

    try (Subtask<Ticks, Ticks> restored = subtask(WithoutId.COUNT, pending.finish())) {
      restored.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
      assertThat(SomeTick.each(restored.output())).isEmpty();
      assertThat(restored.metric("ticksDuplicate")).isEqualTo(1);
    }
  }

  @Test
  void aCopyThatSaysSomethingElseIsReported() throws Exception {
    SomeTick trade = BTC.atSeconds(10).id(7).price("100").size("2").side(Side.BUY);
    Tick first = trade.tick();
    dedup.take(Ticks.of(first));
    dedup.take(Ticks.of(trade.price("100.0").tick()));
    dedup.take(Ticks.of(trade.atSeconds(11).offset(1).sequence(7L).tick()));
    assertThat(dedup.output(DropDuplicates.CONFLICTS)).isEmpty();

    List<Tick> conflicts =
        List.of(
            trade.price("100.01").offset(2).tick(),
            trade.size("0.2").tick(),
            trade.side(Side.SELL).tick(),
            trade.atSeconds(12).side(Side.UNKNOWN).tick());
    for (Tick conflict : conflicts) {
      dedup.take(Ticks.of(conflict));
    }

    assertThat(dedup.output(DropDuplicates.CONFLICTS))
        .containsExactlyElementsOf(
            conflicts.stream().map(QualityEvent::conflictingDuplicate).toList());
    assertThat(dedup.output(DropDuplicates.CONFLICTS).get(0))
        .isEqualTo(
            new QualityEvent(
                QualityKind.CONFLICTING_DUPLICATE,
                trade.instrument(),
                10_000_000,
                "7 100.01 2 BUY",
                "7",
                "{\"price\":100.01,\"size\":2,\"side\":\"BUY\",\"origin\":\"ticks/0/2/0\"}"));
    assertThat(SomeTick.each(dedup.output())).containsExactly(first);
    assertThat(dedup.metric("ticksDuplicate")).isEqualTo(6);
    assertThat(dedup.metric("kind.CONFLICTING_DUPLICATE.qualityEvents")).isEqualTo(4);
  }

  @Test
  void theSameIdInAnotherCandleOrOfAnotherInstrumentConflictsWithNothing() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(7).price("100").tick()));
    dedup.take(Ticks.of(BTC.atSeconds(60).id(7).price("101").tick()));
    dedup.take(Ticks.of(ETH.atSeconds(10).id(7).price("102").tick()));
    dedup.take(Ticks.of(BTC.atSeconds(10).price("103").tick()));
    dedup.take(Ticks.of(BTC.atSeconds(10).price("104").tick()));

    assertThat(dedup.output(DropDuplicates.CONFLICTS)).isEmpty();
  }

  @Test
  void byContentOnlyCopiesWithIdCanConflict() throws Exception {
    try (Subtask<Ticks, Ticks> byContent = subtask(WithoutId.CONTENT, null)) {
      byContent.take(Ticks.of(BTC.atSeconds(10).price("1").tick()));
      byContent.take(Ticks.of(BTC.atSeconds(10).price("1").tick()));
      byContent.take(Ticks.of(BTC.atSeconds(10).id(7).price("1").tick()));
      byContent.take(Ticks.of(BTC.atSeconds(10).id(7).price("2").tick()));

      assertThat(byContent.output(DropDuplicates.CONFLICTS))
          .extracting(QualityEvent::identity)
          .containsExactly("7 2 1 UNKNOWN");
    }
  }

  @Test
  void conflictsAreFoundAcrossARestart() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(7).price("100").tick()));
    try (Subtask<Ticks, Ticks> restored = subtask(WithoutId.COUNT, Snapshot.of(dedup))) {
      restored.take(Ticks.of(BTC.atSeconds(10).id(7).price("100").tick()));
      restored.take(Ticks.of(BTC.atSeconds(10).id(7).price("101").tick()));

      assertThat(restored.output(DropDuplicates.CONFLICTS)).hasSize(1);
    }
  }

  @Test
  void tradesThatCameWhileConflictsWereNotLookedForConflictWithNothing() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).price("100").tick()));
    try (Subtask<Ticks, Ticks> off = subtask(WithoutId.COUNT, false, Snapshot.of(dedup))) {
      off.take(Ticks.of(BTC.atSeconds(10).id(1).price("101").tick()));
      off.take(Ticks.of(BTC.atSeconds(10).id(2).price("100").tick()));
      assertThat(off.output(DropDuplicates.CONFLICTS)).isEmpty();
      try (Subtask<Ticks, Ticks> on = subtask(WithoutId.COUNT, Snapshot.of(off))) {
        on.take(Ticks.of(BTC.atSeconds(10).id(3).price("100").tick()));
        on.take(Ticks.of(BTC.atSeconds(10).id(2).price("100").tick()));
        on.take(Ticks.of(BTC.atSeconds(10).id(2).price("101").tick()));
        assertThat(on.output(DropDuplicates.CONFLICTS)).isEmpty();

        on.take(Ticks.of(BTC.atSeconds(60).id(4).price("100").tick()));
        on.take(Ticks.of(BTC.atSeconds(60).id(4).price("101").tick()));
        assertThat(on.output(DropDuplicates.CONFLICTS)).hasSize(1);
      }
    }
  }

  @Test
  void whatTradesSaidIsForgottenWithTheirCandle() throws Exception {
    dedup.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
    dedup.take(Ticks.of(BTC.atSeconds(60).id(2).tick()));
    assertThat(dedup.entries("contents", ContentMarks.class)).hasSize(2);
    dedup.watermark(1_000_000);
    dedup.take(Ticks.of(BTC.atSeconds(1_000).tick()));
    assertThat(dedup.entries("contents", ContentMarks.class)).isEmpty();

    try (Subtask<Ticks, Ticks> off = subtask(WithoutId.COUNT, false, null)) {
      off.take(Ticks.of(BTC.atSeconds(10).id(1).tick()));
      assertThat(off.entries("contents", ContentMarks.class)).isEmpty();
    }
  }

  private static Subtask<Ticks, Ticks> subtask(WithoutId withoutId, Snapshot snapshot)
      throws Exception {
    return subtask(withoutId, true, snapshot);
  }

  private static Subtask<Ticks, Ticks> subtask(
      WithoutId withoutId, boolean findsConflicts, Snapshot snapshot) throws Exception {
    return Subtask.<Ticks, Ticks>of(
        new CachedStateOperator<>(new DropDuplicates(INTERVALS, withoutId, findsConflicts)),
        Ticks::instrument,
        1,
        0,
        snapshot);
  }
}

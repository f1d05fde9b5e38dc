package io.candlestream.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.Ticks;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.statistics.Statistics;

/** Stories of the instruments BTC and ETH, 5 s out of order. */
class CheckQualityTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final SomeTick BTC = SomeTick.of("BTC").price("100");
  private static final SomeTick ETH = SomeTick.of("ETH").price("5");

  private static final String REJECT = "quality.on-anomaly=reject";
  private static final String GAPS = "quality.sequential.venue=trade-id";
  private static final String SILENCE = "quality.silent-after=60s";

  private Subtask<Ticks, Ticks> check;

  /** Milliseconds. */
  private long clock;

  @AfterTry
  void close() {
    check.close();
  }

  @Example
  void aSpikeCountsAndIsReported() throws Exception {
    start();
    level(10);
    Tick spike = BTC.atSeconds(10).id("t-7").price("103.50").offset(77).tick();
    check.take(Ticks.of(spike));

    assertThat(SomeTick.each(check.output())).hasSize(11).endsWith(spike);
    assertThat(check.output(CheckQuality.ANOMALIES)).isEmpty();
    assertThat(events())
        .containsExactly(
            new QualityEvent(
                QualityKind.PRICE_SPIKE,
                spike.instrument(),
                10_000_000,
                "t-7",
                "t-7",
                "{\"price\":103.5,\"median\":100,\"deviation\":3.5,\"mad\":0,"
                    + "\"origin\":\"ticks/0/77/0\"}"));
    assertThat(check.metric("kind.PRICE_SPIKE.qualityEvents")).isEqualTo(1);
    assertThat(check.metric("ticksRejected")).isZero();
  }

  @Example
  void aSpikeIsRejectedIfSuchAreNotToCount() throws Exception {
    start(REJECT);
    level(10);
    Tick spike = BTC.atSeconds(10).price("96.5").offset(77).tick();
    check.take(Ticks.of(spike));
    check.take(Ticks.of(BTC.atSeconds(11).tick()));

    assertThat(SomeTick.each(check.output())).hasSize(11).doesNotContain(spike);
    assertThat(check.output(CheckQuality.ANOMALIES))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(Reject.anomalous(spike));
    assertThat(check.output(CheckQuality.ANOMALIES).get(0).reasons())
        .containsExactly(RejectReason.ANOMALY);
    assertThat(events())
        .extracting(QualityEvent::kind, QualityEvent::identity, QualityEvent::tradeId)
        .containsExactly(tuple(QualityKind.PRICE_SPIKE, "ticks/0/77/0", null));
    assertThat(check.metric("ticksRejected")).isEqualTo(1);
    assertThat(check.metric("reason.ANOMALY.ticksRejected")).isEqualTo(1);
  }

  @Example
  void aLevelThatStaysIsNotRejectedForEver() throws Exception {
    start(REJECT);
    level(10);
    for (int i = 0; i < 12; i++) {
      check.take(Ticks.of(BTC.atSeconds(20).id(100 + i).price("110").tick()));
    }

    assertThat(SomeTick.each(check.output())).hasSize(12);
    assertThat(check.output(CheckQuality.ANOMALIES)).hasSize(10);
    assertThat(events()).hasSize(10);
  }

  @Example
  void instrumentsHaveLevelsOfTheirOwn() throws Exception {
    start();
    level(10);
    for (int i = 0; i < 10; i++) {
      check.take(Ticks.of(ETH.tick()));
    }
    check.take(Ticks.of(ETH.price("100").id(1).tick()));
    check.take(Ticks.of(BTC.price("5").id(1).tick()));

    assertThat(events())
        .extracting(event -> event.instrument().symbol())
        .containsExactly("ETH", "BTC");
  }

  @Example
  void aTickWithTwoSpikesIsReportedTwiceAndRejectedOnce() throws Exception {
    start(REJECT, "quality.size-spike.enabled=true", "quality.size-spike.factor=100");
    level(10);
    check.take(Ticks.of(BTC.size("0").tick()));
    check.take(Ticks.of(BTC.id(7).size("100.5").price("200").tick()));

    assertThat(events())
        .extracting(QualityEvent::kind, QualityEvent::details)
        .containsExactly(
            tuple(
                QualityKind.PRICE_SPIKE,
                "{\"price\":200,\"median\":100,\"deviation\":100,\"mad\":0,"
                    + "\"origin\":\"ticks/0/0/0\"}"),
            tuple(
                QualityKind.SIZE_SPIKE,
                "{\"size\":100.5,\"median\":1,\"ratio\":100.5,\"mad_ratio\":1,"
                    + "\"origin\":\"ticks/0/0/0\"}"));
    assertThat(check.output(CheckQuality.ANOMALIES)).hasSize(1);
    assertThat(check.metric("ticksRejected")).isEqualTo(1);
  }

  @Example
  void whatIsOffLeavesNoStateAndFindsNothing() throws Exception {
    start("quality.price-spike.enabled=false", GAPS);
    level(10);
    check.take(Ticks.of(BTC.price("1000000").size("1000000000").id(10).tick()));
    check.watermark(1_000_000);
    clock(1_000_000);

    assertThat(events()).isEmpty();
    assertThat(check.processingTimers()).isZero();
  }

  @Example
  void aGapIsReportedWhenItsNumbersCanComeNoMore() throws Exception {
    start(GAPS);
    check.take(Ticks.of(BTC.atSeconds(1).id(1).tick()));
    check.take(Ticks.of(BTC.atSeconds(4).id(5).tick()));
    check.take(Ticks.of(BTC.atSeconds(3).id(3).tick()));
    check.watermark(2_999);
    assertThat(events()).isEmpty();
    check.watermark(3_000);
    assertThat(events()).extracting(QualityEvent::identity).containsExactly("3");
    check.watermark(3_999);
    assertThat(events()).hasSize(1);
    check.take(Ticks.of(BTC.atMicros(4_000_500).id(6).tick()));
    check.watermark(4_000);

    assertThat(events()).containsExactly(gap(BTC, 2, 2, 3_000_000), gap(BTC, 4, 4, 4_000_000));
    assertThat(check.metric("kind.SEQUENCE_GAP.qualityEvents")).isEqualTo(2);
    assertThat(check.timers()).isZero();
    assertThat(SomeTick.each(check.output())).hasSize(4);
  }

  @Example
  void aSequenceIsTheVenuesAndOtherFeedsHaveNone() throws Exception {
    start("quality.sequential={ven*: sequence, x: trade-id}");
    check.take(Ticks.of(BTC.atSeconds(1).id(1).sequence(7L).tick()));
    check.take(Ticks.of(BTC.atSeconds(1).id(5).tick()));
    check.take(Ticks.of(BTC.atSeconds(1).id(9).sequence(9L).tick()));
    check.watermark(Long.MAX_VALUE);

    assertThat(events())
        .extracting(QualityEvent::details)
        .containsExactly("{\"field\":\"sequence\",\"from\":8,\"to\":8,\"missing\":1}");
  }

  @Example
  void aTickThatIsRejectedIsMissingInNoSequence() throws Exception {
    start(REJECT, GAPS);
    for (int id = 0; id < 10; id++) {
      check.take(Ticks.of(BTC.id(id).tick()));
    }
    check.take(Ticks.of(BTC.id(10).price("1").tick()));
    check.take(Ticks.of(BTC.id(11).tick()));
    check.watermark(Long.MAX_VALUE);

    assertThat(events()).extracting(QualityEvent::kind).containsExactly(QualityKind.PRICE_SPIKE);
  }

  @Example
  void anInstrumentFallsSilentAndIsHeardOfAgain() throws Exception {
    start(SILENCE);
    clock(1_000);
    check.take(Ticks.of(BTC.atSeconds(5).id(1).tick()));
    check.take(Ticks.of(ETH.atSeconds(5).id(1).tick()));
    clock(31_000);
    check.take(Ticks.of(BTC.atSeconds(6).id(3).tick()));
    check.take(Ticks.of(BTC.atSeconds(4).id(2).tick()));
    clock(60_999);
    assertThat(events()).isEmpty();
    assertThat(check.processingTimers()).as("one for each instrument").isEqualTo(2);
    clock(61_000);
    assertThat(events()).containsExactly(silent(ETH.atSeconds(5).id(1)));
    clock(90_999);
    assertThat(events()).hasSize(1);
    clock(91_000);
    clock(1_000_000);
    assertThat(events()).hasSize(2).endsWith(silent(BTC.atSeconds(6).id(3)));
    assertThat(check.processingTimers()).isZero();

    check.take(Ticks.of(BTC.atSeconds(900).id(4).offset(9).tick()));
    check.take(Ticks.of(BTC.atSeconds(901).id(5).tick()));

    assertThat(events())
        .hasSize(3)
        .endsWith(
            new QualityEvent(
                QualityKind.FEED_RESUMED,
                BTC.instrument(),
                6_000_000,
                "3",
                "3",
                "{\"next_timestamp_micros\":900000000,\"next_trade_id\":\"4\","
                    + "\"next_origin\":\"ticks/0/9/0\"}"));
    assertThat(check.processingTimers()).isEqualTo(1);
    assertThat(check.metric("kind.FEED_SILENT.qualityEvents")).isEqualTo(2);
    assertThat(check.metric("kind.FEED_RESUMED.qualityEvents")).isEqualTo(1);
  }

  @Example
  void timeInWhichTheJobWasDownIsNoSilence() throws Exception {
    start(SILENCE);
    clock(1_000);
    check.take(Ticks.of(BTC.id(1).tick()));
    restart(500_000, SILENCE);

    check.take(Ticks.of(ETH.id(1).tick()));
    clock(559_999);
    assertThat(events()).isEmpty();
    check.take(Ticks.of(ETH.id(2).tick()));
    clock(560_000);
    clock(561_000);
    assertThat(events()).containsExactly(silent(BTC.id(1)));
  }

  @Example
  void whoWasSilentBeforeARestartIsSilentAfterIt() throws Exception {
    start(SILENCE);
    clock(1_000);
    check.take(Ticks.of(BTC.id(1).tick()));
    clock(100_000);
    assertThat(events()).hasSize(1);
    restart(500_000, SILENCE);

    clock(900_000);
    assertThat(events()).isEmpty();
    check.take(Ticks.of(BTC.id(2).tick()));
    assertThat(events()).extracting(QualityEvent::kind).containsExactly(QualityKind.FEED_RESUMED);
  }

  @Example
  void aClockThatRunsOnWhileTheJobIsHeldUpTellsNoSilence() throws Exception {
    start(SILENCE);
    clock(1_000);
    check.take(Ticks.of(BTC.id(1).tick()));
    // The timer of 61 s fires at 200 s, and the ticks that wait come after it.
    check.processingTime(200_000);
    check.take(Ticks.of(BTC.id(2).tick()));
    clock = 200_000;
    assertThat(events()).isEmpty();

    clock(259_999);
    assertThat(events()).isEmpty();
    clock(261_000);
    assertThat(events()).containsExactly(silent(BTC.id(2)));
  }

  @Example
  void silenceThatIsNoLongerWatchedIsNotTold() throws Exception {
    start(SILENCE);
    clock(1_000);
    check.take(Ticks.of(BTC.id(1).tick()));
    restart(2_000);

    clock(900_000);
    assertThat(events()).isEmpty();
    assertThat(check.processingTimers()).isZero();
    check.take(Ticks.of(BTC.id(2).tick()));

    restart(1_000_000, SILENCE);
    check.take(Ticks.of(BTC.id(3).tick()));
    clock(1_061_000);
    assertThat(events()).containsExactly(silent(BTC.id(3)));
  }

  /** One step: a tick, and the watermark after it. */
  record Step(int instrument, int id, int price, int second, int watermarkSecond) {

    Tick tick() {
      return (instrument == 0 ? BTC : ETH)
          .id(id)
          .price("" + price)
          .size("" + price)
          .atSeconds(second)
          .offset(id)
          .tick();
    }
  }

  @Property(tries = 150)
  void aRestartAnywhereChangesNothing(
      @ForAll("steps") List<Step> steps, @ForAll @IntRange(min = 20, max = 80) int percent)
      throws Exception {
    String[] settings = {
      REJECT,
      GAPS,
      "quality.price-spike.level=3",
      "quality.size-spike={enabled: true, level: 3, k: 1, factor: 1.1}"
    };
    start(settings);
    Output uninterrupted = play(steps);
    check.close();

    start(settings);
    int restart = steps.size() * percent / 100;
    Output before = play(steps.subList(0, restart));
    restart(0, settings);
    Output after = play(steps.subList(restart, steps.size()));

    assertThat(before.and(after)).isEqualTo(uninterrupted);
    Statistics.label("events on both sides")
        .collect(!before.events().isEmpty() && !after.events().isEmpty())
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
  }

  /** What came out, each in its order. */
  record Output(List<TickOrder> passed, List<Origin> rejected, List<QualityEvent> events) {

    Output and(Output later) {
      return new Output(
          joined(passed, later.passed),
          joined(rejected, later.rejected),
          joined(events, later.events));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
  }

  private Output play(List<Step> steps) throws Exception {
    for (Step step : steps) {
      check.take(Ticks.of(step.tick()));
      check.watermark(step.watermarkSecond() * 1_000L);
    }
    return new Output(
        SomeTick.each(check.output()).stream().map(Tick::order).toList(),
        check.output(CheckQuality.ANOMALIES).stream().map(Reject::origin).toList(),
        events());
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 1),
            Arbitraries.integers().between(0, 40),
            Arbitraries.of(100, 100, 100, 101, 99, 150, 50),
            Arbitraries.integers().between(0, 20),
            Arbitraries.integers().between(0, 20))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(60)
        .map(CheckQualityTest::withRisingWatermarks);
  }

  private static List<Step> withRisingWatermarks(List<Step> steps) {
    List<Step> rising = new ArrayList<>();
    int highest = 0;
    for (Step step : steps) {
      highest = Math.max(highest, step.watermarkSecond());
      rising.add(new Step(step.instrument(), step.id(), step.price(), step.second(), highest));
    }
    return rising;
  }

  private static QualityEvent silent(SomeTick last) {
    return new QualityEvent(
        QualityKind.FEED_SILENT,
        last.instrument(),
        last.timestampMicros(),
        last.tradeId().toString(),
        last.tradeId().toString(),
        "{\"silent_after\":\"PT1M\",\"origin\":\"ticks/0/0/0\"}");
  }

  private static QualityEvent gap(SomeTick of, long from, long to, long nextMicros) {
    return new QualityEvent(
        QualityKind.SEQUENCE_GAP,
        of.instrument(),
        nextMicros,
        Long.toString(to + 1),
        null,
        "{\"field\":\"trade_id\",\"from\":%d,\"to\":%d,\"missing\":%d}"
            .formatted(from, to, to - from + 1));
  }

  private void level(int ticks) throws Exception {
    for (int i = 0; i < ticks; i++) {
      check.take(Ticks.of(BTC.id(i).tick()));
    }
  }

  private List<QualityEvent> events() {
    return check.output(CheckQuality.EVENTS);
  }

  private void start(String... settings) throws Exception {
    check = subtask(null, settings);
    clock = 0;
  }

  private void restart(long clockMillis, String... settings) throws Exception {
    Snapshot snapshot = Snapshot.of(check);
    check.close();
    check = subtask(snapshot, settings);
    // As in a process of its own: whatever is due by then fires at once.
    check.processingTime(clockMillis);
    clock = clockMillis;
  }

  /** Second by second, as a clock goes. */
  private void clock(long millis) throws Exception {
    while (clock < millis) {
      clock = Math.min(clock + 1_000, millis);
      check.processingTime(clock);
    }
  }

  private static Subtask<Ticks, Ticks> subtask(Snapshot snapshot, String... settings)
      throws Exception {
    return Subtask.<Ticks, Ticks>of(
        new CachedStateOperator<>(
            new CheckQuality(JobConfig.of(List.of(settings)).quality(), INTERVALS)),
        Ticks::instrument,
        1,
        0,
        snapshot);
  }
}

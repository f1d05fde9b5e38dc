package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Input;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.streaming.api.operators.source.TimestampsAndWatermarks;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput.DataOutput;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

/** The watermarks that come out of a reader of several splits, through Flink's own logic. */
class EventWatermarksTest {

  private static final Duration OUT_OF_ORDERNESS = Duration.ofSeconds(5);
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  private static final long NOON_SECONDS = 1_723_118_400L;
  private static final long IN_2099_MICROS = 4_070_908_800_000_000L;

  @Test
  void theWatermarkStaysBehindTheHighestTimestamp() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> split = reader.split("0");
    accept(split, NOON_SECONDS);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));
    accept(split, NOON_SECONDS + 10);
    accept(split, NOON_SECONDS + 3);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 10));
    accept(split, NOON_SECONDS - 100);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 10));
  }

  @Test
  void aSplitThatIsReadFastHasAWatermarkAtLeastEverySoOften() throws Exception {
    Reader reader =
        new Reader(
            EventWatermarks.<Tick>bounded(OUT_OF_ORDERNESS).atLeastEvery(Duration.ofMinutes(10)));
    SourceOutput<Verdict<Tick>> split = reader.split("0");
    for (int minute = 0; minute <= 25; minute++) {
      accept(split, NOON_SECONDS + 60 * minute);
    }
    assertThat(reader.watermarks)
        .containsExactly(behind(NOON_SECONDS + 60 * 11), behind(NOON_SECONDS + 60 * 22));
  }

  @Test
  void microsecondsOfATickAreCutSoThatNoneOfItsMillisecondIsOver() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> split = reader.split("0");
    Tick tick = SomeTick.of("BTC").atMicros(NOON_SECONDS * 1_000_000 + 1_999).tick();
    split.collect(Verdict.accept(tick));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS) + 1);
    assertThat(reader.timestamps).containsExactly(NOON_SECONDS * 1_000 + 1);
  }

  @Test
  void theReaderIsAsFarAsItsSlowestSplit() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> slow = reader.split("0");
    SourceOutput<Verdict<Tick>> fast = reader.split("1");
    accept(fast, NOON_SECONDS + 1_000);
    assertThat(reader.watermarks()).isEmpty();
    accept(slow, NOON_SECONDS);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));
  }

  @Test
  void aRejectedTickOfTheYear2099DoesNotMoveTheWatermark() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> split = reader.split("0");
    accept(split, NOON_SECONDS);
    split.collect(rejected(), IN_2099_MICROS / 1_000);
    accept(split, NOON_SECONDS + 1);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 1));
    assertThat(reader.watermarks()).allMatch(watermark -> watermark <= behind(NOON_SECONDS + 1));
  }

  @Test
  void ofARecordWithSeveralTicksTheLatestCounts() throws Exception {
    Reader reader = new Reader(unbounded());
    Tick newest = SomeTick.of("BTC").atSeconds(NOON_SECONDS).tick();
    Tick oldest = SomeTick.of("BTC").atSeconds(NOON_SECONDS - 3_600).tick();
    reader
        .split("0")
        .collect(
            new Verdict<>(newest.order().origin(), List.of(newest, oldest), rejected().rejected()));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));
    assertThat(reader.timestamps).containsExactly(NOON_SECONDS * 1_000);
  }

  @Test
  void recordsWithoutTradesDoNotKeepTheirSplitActive() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> books = reader.split("0");
    SourceOutput<Verdict<Tick>> live = reader.split("1");
    accept(books, NOON_SECONDS);
    for (int second = 1; second <= 31; second++) {
      books.collect(Verdict.withoutEvents(SomeTick.of("BTC").origin()), IN_2099_MICROS / 1_000);
      accept(live, NOON_SECONDS + second);
      reader.passes(Duration.ofSeconds(1));
    }
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 31));
  }

  @Test
  void aSplitOfRejectsAloneNeverHasAWatermark() throws Exception {
    Reader reader = new Reader(unbounded());
    reader.split("0").collect(rejected(), IN_2099_MICROS / 1_000);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermarks()).isEmpty();
  }

  @Test
  void aSilentSplitHoldsTheOthersBackUntilTheIdleTimeoutOnly() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> silent = reader.split("0");
    SourceOutput<Verdict<Tick>> live = reader.split("1");
    accept(silent, NOON_SECONDS);
    accept(live, NOON_SECONDS);
    for (int second = 1; second <= 30; second++) {
      accept(live, NOON_SECONDS + second);
      reader.passes(Duration.ofSeconds(1));
      assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));
    }
    accept(live, NOON_SECONDS + 31);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 31));
    assertThat(reader.isIdle()).isFalse();
  }

  @Test
  void rejectsDoNotKeepTheirSplitActive() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> broken = reader.split("0");
    SourceOutput<Verdict<Tick>> live = reader.split("1");
    accept(broken, NOON_SECONDS);
    for (int second = 1; second <= 31; second++) {
      broken.collect(rejected(), IN_2099_MICROS / 1_000);
      accept(live, NOON_SECONDS + second);
      reader.passes(Duration.ofSeconds(1));
    }
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 31));
  }

  @Test
  void aSplitThatWakesUpHoldsTheOthersBackAgainAndNeverTurnsTimeBack() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> sleeper = reader.split("0");
    SourceOutput<Verdict<Tick>> live = reader.split("1");
    accept(sleeper, NOON_SECONDS);
    for (int second = 1; second <= 31; second++) {
      accept(live, NOON_SECONDS + second);
      reader.passes(Duration.ofSeconds(1));
    }
    accept(sleeper, NOON_SECONDS + 20);
    accept(live, NOON_SECONDS + 40);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 31));
    accept(sleeper, NOON_SECONDS + 35);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 35));
    assertThat(reader.watermarks()).isSorted();
  }

  @Test
  void whenAllSplitsAreSilentTheWatermarkFollowsTheMachinesClock() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> first = reader.split("0");
    SourceOutput<Verdict<Tick>> second = reader.split("1");
    accept(first, NOON_SECONDS);
    accept(second, NOON_SECONDS);
    reader.passes(IDLE_TIMEOUT);
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));

    assertThatTheWatermarkIsTheMachinesClock(reader, Duration.ofSeconds(1));
    assertThatTheWatermarkIsTheMachinesClock(reader, Duration.ofSeconds(1));
    assertThat(reader.isIdle()).isTrue();
  }

  @Test
  void ticksAfterSilenceLeadAgainOnceTheyHavePassedTheMachinesClock() throws Exception {
    Reader reader = new Reader(unbounded());
    SourceOutput<Verdict<Tick>> split = reader.split("0");
    accept(split, NOON_SECONDS);
    reader.passes(Duration.ofMinutes(1));
    assertThat(reader.isIdle()).isTrue();
    long clock = reader.watermark();

    accept(split, NOON_SECONDS + 1);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermark()).isEqualTo(clock);

    long ahead = clock / 1_000 + 3_600;
    accept(split, ahead);
    reader.passes(Duration.ofSeconds(1));
    assertThat(reader.watermark()).isEqualTo(behind(ahead));
    assertThat(reader.isIdle()).isFalse();
  }

  @Test
  void aSplitWithoutATickYetIsSilentToo() throws Exception {
    Reader reader = new Reader(unbounded());
    reader.split("0");
    SourceOutput<Verdict<Tick>> live = reader.split("1");
    for (int second = 0; second <= 31; second++) {
      accept(live, NOON_SECONDS + second);
      reader.passes(Duration.ofSeconds(1));
    }
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS + 31));
  }

  @Test
  void aReaderWithoutSplitsIsSilentAfterTheTimeout() throws Exception {
    Reader reader = new Reader(unbounded());
    reader.passes(IDLE_TIMEOUT);
    assertThat(reader.watermarks()).isEmpty();
    assertThat(reader.isIdle()).isFalse();
    assertThatTheWatermarkIsTheMachinesClock(reader, Duration.ofSeconds(1));
    assertThat(reader.isIdle()).isTrue();
  }

  @Test
  void boundedInputIsNeverIdle() throws Exception {
    Reader reader = new Reader(EventWatermarks.bounded(OUT_OF_ORDERNESS));
    SourceOutput<Verdict<Tick>> slow = reader.split("0");
    SourceOutput<Verdict<Tick>> fast = reader.split("1");
    accept(slow, NOON_SECONDS);
    accept(fast, NOON_SECONDS + 1_000);
    reader.passes(Duration.ofDays(1));
    assertThat(reader.watermark()).isEqualTo(behind(NOON_SECONDS));
    assertThat(reader.isIdle()).isFalse();
  }

  private static void assertThatTheWatermarkIsTheMachinesClock(Reader reader, Duration later)
      throws Exception {
    long before = System.currentTimeMillis();
    reader.passes(later);
    assertThat(reader.watermark() + OUT_OF_ORDERNESS.toMillis() + 1)
        .isBetween(before, System.currentTimeMillis());
  }

  private static EventWatermarks<Tick> unbounded() {
    return EventWatermarks.unbounded(OUT_OF_ORDERNESS, IDLE_TIMEOUT);
  }

  private static void accept(SourceOutput<Verdict<Tick>> split, long seconds) {
    split.collect(Verdict.accept(SomeTick.of("BTC").atSeconds(seconds).tick()));
  }

  private static Verdict<Tick> rejected() {
    return Verdict.reject(
        new Reject(
            Input.TICKS,
            SomeTick.of("BTC").origin(),
            new byte[0],
            List.of(RejectReason.FUTURE),
            "venue",
            "BTC",
            IN_2099_MICROS));
  }

  /** The watermark, in milliseconds, of a highest timestamp. */
  private static long behind(long seconds) {
    return seconds * 1_000 - OUT_OF_ORDERNESS.toMillis() - 1;
  }

  /** One subtask of the source, with a clock that the test moves. */
  private static final class Reader implements DataOutput<Verdict<Tick>> {

    private final ManualClock clock = new ManualClock();
    private final TimestampsAndWatermarks<Verdict<Tick>> logic;
    private final ReaderOutput<Verdict<Tick>> main;
    private final List<Long> timestamps = new ArrayList<>();
    private final List<Long> watermarks = new ArrayList<>();
    private WatermarkStatus status = WatermarkStatus.ACTIVE;

    Reader(EventWatermarks<Tick> watermarks) {
      logic =
          TimestampsAndWatermarks.createProgressiveEventTimeLogic(
              watermarks,
              UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup(),
              new TestProcessingTimeService(),
              200,
              clock,
              clock,
              UnregisteredMetricGroups.createUnregisteredTaskMetricGroup().getIOMetricGroup());
      main = logic.createMainOutput(this, new UnwatchedWatermarks());
    }

    SourceOutput<Verdict<Tick>> split(String id) {
      return main.createOutputForSplit(id);
    }

    /** Lets time pass in steps of 200 ms, as Flink's timer does. */
    void passes(Duration time) {
      for (long millis = 0; millis < time.toMillis(); millis += 200) {
        clock.advanceTime(Duration.ofMillis(200));
        logic.emitImmediateWatermark(clock.absoluteTimeMillis());
      }
    }

    List<Long> watermarks() {
      logic.emitImmediateWatermark(clock.absoluteTimeMillis());
      return watermarks;
    }

    long watermark() {
      List<Long> all = watermarks();
      return all.get(all.size() - 1);
    }

    boolean isIdle() {
      return status.isIdle();
    }

    @Override
    public void emitRecord(StreamRecord<Verdict<Tick>> record) {
      timestamps.add(record.getTimestamp());
    }

    @Override
    public void emitWatermark(Watermark watermark) {
      watermarks.add(watermark.getTimestamp());
    }

    @Override
    public void emitWatermarkStatus(WatermarkStatus newStatus) {
      status = newStatus;
    }

    @Override
    public void emitLatencyMarker(LatencyMarker marker) {
      throw new AssertionError("no latency is measured here");
    }

    @Override
    public void emitRecordAttributes(RecordAttributes attributes) {
      throw new AssertionError("no attributes are sent here");
    }

    @Override
    public void emitWatermark(WatermarkEvent watermark) {
      throw new AssertionError("no watermark of the other API is sent here");
    }
  }

  /** The job aligns no watermarks, so nobody listens. */
  private static final class UnwatchedWatermarks
      implements TimestampsAndWatermarks.WatermarkUpdateListener {

    @Override
    public void updateIdle(boolean isIdle) {}

    @Override
    public void updateCurrentEffectiveWatermark(long watermark) {}

    @Override
    public void updateCurrentSplitWatermark(String splitId, long watermark) {}

    @Override
    public void updateCurrentSplitIdle(String splitId, boolean idle) {}

    @Override
    public void splitFinished(String splitId) {}
  }
}

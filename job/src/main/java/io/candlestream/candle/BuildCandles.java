package io.candlestream.candle;

import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Ticks;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.KeptFrontier;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Sums an instrument's ticks up into candles. A candle goes downstream when the watermark passes
 * its end, and again with the next watermark after a late tick changed it; it leaves the state when
 * the {@link DropFrontier} has passed it. While it is open it may be shown now and then, as it is
 * by then.
 *
 * <pre>
 *     │ open │ closed, takes corrections      │ dropped
 *   start   end                 end + allowed lateness
 * </pre>
 */
public final class BuildCandles extends KeyedProcessFunction<Instrument, Ticks, CandleUpdate>
    implements CheckpointedFunction {

  /** The timestamp of the newest tick, each time that it is in a newer candle; microseconds. */
  public static final OutputTag<Long> NEWEST =
      new OutputTag<>("newest", BasicTypeInfo.LONG_TYPE_INFO);

  private final Intervals intervals;

  /** 0: open candles are not shown. */
  private final long liveEveryMillis;

  private transient KeptFrontier frontier;

  /** By the candle's start. */
  private transient MapState<Long, PartialCandle> candles;

  private transient DurableCounters counters;
  private transient Counter accepted;
  private transient Counter closed;
  private transient Counter corrected;
  private transient Counter instruments;
  private transient DurableRange touched;
  private transient long newestMicros;

  /**
   * @param liveEvery how often at most a candle is shown while it is open, in processing time; 0:
   *     never
   */
  public BuildCandles(Intervals intervals, Duration liveEvery) {
    this.intervals = intervals;
    this.liveEveryMillis = liveEvery.toMillis();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    frontier = new KeptFrontier(context.getKeyedStateStore(), intervals);
    candles =
        context
            .getKeyedStateStore()
            .getMapState(
                new MapStateDescriptor<>(
                    "candles", BasicTypeInfo.LONG_TYPE_INFO, Types.uncopied(PartialCandle.class)));
    counters = DurableCounters.restore(getRuntimeContext(), context);
    accepted = counters.counter("ticksAccepted");
    closed = counters.counter("candlesClosed");
    corrected = counters.counter("candlesCorrected");
    instruments = counters.level("instruments");
    touched = DurableRange.restore(getRuntimeContext(), context);
    newestMicros = 0;
    getRuntimeContext()
        .getMetricGroup()
        .addGroup(DurableCounters.GROUP)
        .gauge("eventTimeLagMs", this::eventTimeLagMillis);
  }

  /** How far the newest tick is behind the machine's clock; 0 before the first. */
  private long eventTimeLagMillis() {
    return newestMicros == 0 ? 0 : System.currentTimeMillis() - newestMicros / 1_000;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
    touched.save();
  }

  @Override
  public void processElement(Ticks ticks, Context context, Collector<CandleUpdate> out)
      throws Exception {
    long start = ticks.startMicros(intervals);
    long highest = ticks.highestTimestampMicros();
    advanceAndDrop(start, highest, context, out);
    PartialCandle candle = candles.get(start);
    if (candle == null || !candle.changed()) {
      // Of a candle that is over already, this fires with the next watermark.
      context.timerService().registerEventTimeTimer(intervals.closingWatermark(start));
    }
    candles.put(start, candle == null ? PartialCandle.of(ticks.list()) : candle.add(ticks.list()));
    accepted.inc(ticks.list().size());
    if (highest > newestMicros) {
      if (start > intervals.startOf(newestMicros)) {
        context.output(NEWEST, highest);
      }
      newestMicros = highest;
    }
    if (liveEveryMillis > 0) {
      showSoon(ticks.instrument(), context.timerService());
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<CandleUpdate> out)
      throws Exception {
    if (context.timeDomain() == TimeDomain.PROCESSING_TIME) {
      showOpen(context.getCurrentKey(), context.timerService().currentWatermark(), out);
      return;
    }
    long start = intervals.closedBy(timestamp);
    PartialCandle candle = candles.get(start);
    if (candle != null && candle.changed()) {
      candles.put(start, emit(context.getCurrentKey(), start, candle, out));
    }
  }

  /** Each instrument has moments of its own, so that they do not all come at once. */
  private void showSoon(Instrument instrument, TimerService timers) {
    long now = timers.currentProcessingTime();
    long sinceLast = Math.floorMod(now - instrument.hashCode(), liveEveryMillis);
    timers.registerProcessingTimeTimer(now - sinceLast + liveEveryMillis);
  }

  private void showOpen(Instrument instrument, long watermark, Collector<CandleUpdate> out)
      throws Exception {
    List<Long> open = new ArrayList<>();
    for (Map.Entry<Long, PartialCandle> candle : candles.entries()) {
      if (intervals.closingWatermark(candle.getKey()) > watermark
          && candle.getValue().changedSinceShown()) {
        open.add(candle.getKey());
      }
    }
    open.sort(null);
    for (Long start : open) {
      PartialCandle candle = candles.get(start);
      out.collect(
          new CandleUpdate(candle.toCandle(instrument, start, false), settledBefore(start)));
      candles.put(start, candle.markShown());
    }
  }

  private void advanceAndDrop(
      long start, long highestMicros, Context context, Collector<CandleUpdate> out)
      throws Exception {
    if (frontier.value() == null) {
      instruments.inc();
    }
    DropFrontier now =
        frontier.advance(
            highestMicros,
            context.timerService().currentWatermark(),
            dropping -> drop(dropping, context, out));
    if (now.isDropped(start)) {
      throw new IllegalStateException(
          "a tick of a dropped candle got past drop-duplicates: %s, candle %d, %s"
              .formatted(context.getCurrentKey(), start, now));
    }
  }

  /** Removes what the frontier has passed, in the order of time; what changed last goes out. */
  private void drop(DropFrontier frontier, Context context, Collector<CandleUpdate> out)
      throws Exception {
    List<Long> dropped = new ArrayList<>();
    for (Long start : candles.keys()) {
      if (frontier.isDropped(start)) {
        dropped.add(start);
      }
    }
    dropped.sort(null);
    for (Long start : dropped) {
      PartialCandle candle = candles.get(start);
      if (candle.changed()) {
        emit(context.getCurrentKey(), start, candle, out);
        // It still waits for a watermark, which may stand for long where event time went back.
        context.timerService().deleteEventTimeTimer(intervals.closingWatermark(start));
      }
      candles.remove(start);
    }
  }

  private PartialCandle emit(
      Instrument instrument, long start, PartialCandle candle, Collector<CandleUpdate> out)
      throws Exception {
    (candle.emitted() ? corrected : closed).inc();
    touched.add(start, start + intervals.lengthMicros());
    out.collect(new CandleUpdate(candle.toCandle(instrument, start, true), settledBefore(start)));
    return candle.markEmitted();
  }

  /** Older candles were emitted before this one, whether by their timers or on being dropped. */
  private long settledBefore(long start) throws Exception {
    return Math.min(frontier.value().droppedBeforeMicros(), start);
  }
}

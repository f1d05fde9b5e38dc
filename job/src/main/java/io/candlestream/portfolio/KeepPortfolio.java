package io.candlestream.portfolio;

import io.candlestream.market.DropFrontier;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.metrics.EventCounters;
import io.candlestream.portfolio.PositionHistory.Interval;
import io.candlestream.state.KeptFrontier;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Books an instrument's fills, each once, and values the positions at the closes of its candles.
 *
 * <p>A position goes out with each of its fills that comes in order; one that does not is in it
 * with the next watermark, or some seconds later where that stands still. Its snapshot at a candle
 * goes out when the watermark, which is that of the fills and of the candles, has passed the
 * candle's end; again with the next watermark after a fill of that time or an earlier one, or a
 * change of the candle.
 *
 * <p>How far back a fill can change things is kept as a {@link DropFrontier} of the instrument's
 * candles: fills of what is older are {@link RejectReason#LATE}. With the next watermark, when all
 * snapshots are out that it still changes, it is settled: the closes of its candles are forgotten,
 * as are the ids of its fills. Fills do not move that frontier, or they would settle what candles
 * are yet to come of: an instrument's may be far behind, as where the files of its ticks are read
 * after those of others, and with filled gaps the candles of a weekend come at its end. Only where
 * it has had no candle yet, they do; and where candles have stopped, nothing is settled until one
 * comes again.
 *
 * <p>Where a position was flat there must be no snapshots, whatever an attempt that did not know
 * all fills has written. So when a fill leaves a position flat, the time until its next fill is
 * told; every later attempt has that fill in its checkpoint, or comes by it again.
 */
public final class KeepPortfolio extends KeyedCoProcessFunction<Instrument, Fill, Mark, PositionRow>
    implements CheckpointedFunction {

  /** The fills that count. */
  public static final OutputTag<Fill> BOOKED = new OutputTag<>("booked", Types.of(Fill.class));

  public static final OutputTag<SnapshotRow> SNAPSHOTS =
      new OutputTag<>("snapshots", Types.of(SnapshotRow.class));

  public static final OutputTag<Reject> LATE = new OutputTag<>("late", Types.of(Reject.class));

  /** So many neighbouring candles have their closes in one entry of the state. */
  private static final int MARKS_TOGETHER = 60;

  /** So long a fill waits at most, so that no silence keeps it from its position. */
  private static final long LONGEST_WAIT_MILLIS = 10_000;

  private final Intervals intervals;
  private final int pageFills;

  private transient KeptFrontier frontier;
  private transient Books books;

  /** The fills that are not settled. */
  private transient MapState<FillKey, Boolean> seen;

  /** By the start of the first candle that an entry has room for. */
  private transient MapState<Long, Marks> marks;

  /** From which candle on a position's snapshots are to go out with the next watermark. */
  private transient MapState<PositionKey, Long> changed;

  /** The timer that settles what is dropped; null where all of that is settled. */
  private transient ValueState<Long> settling;

  private transient DurableCounters counters;
  private transient EventCounters fills;
  private transient Counter unmarked;

  private KeepPortfolio(Intervals intervals, int pageFills) {
    this.intervals = intervals;
    this.pageFills = pageFills;
  }

  /**
   * @param intervals the candles' grid, with the lateness that is allowed to fills
   */
  public static TwoInputStreamOperator<Fill, Mark, PositionRow> operator(Intervals intervals) {
    return operator(intervals, Books.PAGE_FILLS);
  }

  /**
   * @param pageFills how many fills fill a page of a position's history
   */
  static TwoInputStreamOperator<Fill, Mark, PositionRow> operator(
      Intervals intervals, int pageFills) {
    return new Operator(new KeepPortfolio(intervals, pageFills));
  }

  /**
   * Fills that are all read hold time back no more, but neither do they say that it is over: or it
   * would be as soon as the ticks fall silent, and no candle that comes after would be valued.
   */
  private static final class Operator
      extends KeyedCoProcessOperator<Instrument, Fill, Mark, PositionRow> {

    Operator(KeepPortfolio function) {
      super(function);
    }

    @Override
    public void processWatermark1(Watermark mark) throws Exception {
      if (mark.equals(Watermark.MAX_WATERMARK)) {
        processWatermarkStatus1(WatermarkStatus.IDLE);
      } else {
        super.processWatermark1(mark);
      }
    }
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    KeyedStateStore store = context.getKeyedStateStore();
    frontier = new KeptFrontier(store, intervals);
    seen =
        store.getMapState(
            new MapStateDescriptor<>(
                "seen", Types.uncopied(FillKey.class), BasicTypeInfo.BOOLEAN_TYPE_INFO));
    marks =
        store.getMapState(
            new MapStateDescriptor<>(
                "marks", BasicTypeInfo.LONG_TYPE_INFO, Types.uncopied(Marks.class)));
    changed =
        store.getMapState(
            new MapStateDescriptor<>(
                "changed", Types.uncopied(PositionKey.class), BasicTypeInfo.LONG_TYPE_INFO));
    settling = store.getState(new ValueStateDescriptor<>("settling", BasicTypeInfo.LONG_TYPE_INFO));
    counters = DurableCounters.restore(getRuntimeContext(), context);
    fills = new EventCounters(Input.FILLS, counters);
    unmarked = counters.counter("candlesBeforePositions");
    books = new Books(store, intervals, pageFills, counters.level("positions"));
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement1(Fill fill, Context context, Collector<PositionRow> out)
      throws Exception {
    long start = intervals.startOf(fill.timestampMicros());
    FillKey id = new FillKey(fill.account(), fill.fillId());
    long newest = hasCandles() ? Long.MIN_VALUE : fill.timestampMicros();
    if (advance(newest, context).isDropped(start)) {
      context.output(LATE, fills.late(fill));
    } else if (seen.contains(id)) {
      fills.duplicate();
    } else {
      seen.put(id, true);
      fills.accept();
      context.output(BOOKED, fill);
      book(fill, start, context, out);
    }
  }

  private void book(Fill fill, long start, Context context, Collector<PositionRow> out)
      throws Exception {
    PositionKey key = new PositionKey(fill.account(), fill.currency());
    books
        .take(key, BookedFill.of(fill))
        .ifPresent(latest -> out.collect(new PositionRow(fill.instrument(), key, latest)));
    Long from = changed.get(key);
    if (from == null || from > start) {
      changed.put(key, start);
    }
    TimerService timers = context.timerService();
    timers.registerEventTimeTimer(timers.currentWatermark() + 1);
    // One for all of the same time.
    long now = timers.currentProcessingTime();
    timers.registerProcessingTimeTimer(
        now - Math.floorMod(now, LONGEST_WAIT_MILLIS) + LONGEST_WAIT_MILLIS);
  }

  @Override
  public void processElement2(Mark mark, Context context, Collector<PositionRow> out)
      throws Exception {
    long start = mark.startMicros();
    if (!hasCandles()) {
      frontier.forgetHighest();
    }
    if (advance(start, context).isDropped(start)) {
      unmarked.inc();
      return;
    }
    Marks neighbours = marks.get(entryOf(start));
    marks.put(
        entryOf(start), (neighbours == null ? Marks.NONE : neighbours).put(start, mark.close()));
    // Of a candle that is over already, this fires with the next watermark.
    context.timerService().registerEventTimeTimer(intervals.closingWatermark(start));
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<PositionRow> out)
      throws Exception {
    books
        .bookWaiting()
        .forEach(
            (key, latest) -> out.collect(new PositionRow(context.getCurrentKey(), key, latest)));
    if (context.timeDomain() == TimeDomain.PROCESSING_TIME) {
      return;
    }
    value(intervals.closedBy(timestamp), context);
    if (!changed.isEmpty()) {
      for (Map.Entry<PositionKey, Long> entry : changed.entries()) {
        correct(entry.getKey(), entry.getValue(), context);
      }
      changed.clear();
    }
    Long due = settling.value();
    if (due != null && due <= timestamp) {
      settle(frontier.value().droppedBeforeMicros());
      settling.clear();
    }
  }

  /** Puts out the snapshots of all positions at a candle, if there is one with this start. */
  private void value(long start, OnTimerContext context) throws Exception {
    Marks neighbours = marks.get(entryOf(start));
    Marks.Close mark = neighbours == null ? null : neighbours.of(start);
    if (mark == null || isSettled(start)) {
      return;
    }
    marks.put(entryOf(start), neighbours.value(mark));
    for (Map.Entry<PositionKey, Ledger> position : books.atEndOf(start).entrySet()) {
      Ledger then = position.getValue();
      if (!then.isFlat()) {
        context.output(
            SNAPSHOTS,
            SnapshotRow.of(context.getCurrentKey(), position.getKey(), start, mark.price(), then));
      }
    }
  }

  /**
   * Puts out the snapshots from a candle on, as far as they went out before. The watermark does not
   * tell how far that is: after a restart it begins anew.
   */
  private void correct(PositionKey key, long from, OnTimerContext context) throws Exception {
    PositionHistory history = books.historyFrom(key, from);
    Instrument instrument = context.getCurrentKey();
    for (Marks.Close mark : valuedFrom(from)) {
      long start = mark.startMicros();
      Ledger then = history.atEndOf(start);
      context.output(
          SNAPSHOTS,
          then.isFlat()
              ? SnapshotRow.none(instrument, key, start, start + intervals.lengthMicros(), then)
              : SnapshotRow.of(instrument, key, start, mark.price(), then));
    }
    List<Interval> traded = history.intervals();
    for (int i = 0; i < traded.size(); i++) {
      if (traded.get(i).startMicros() >= from && traded.get(i).after().isFlat()) {
        long until = i + 1 < traded.size() ? traded.get(i + 1).startMicros() : SnapshotRow.FOR_EVER;
        context.output(
            SNAPSHOTS,
            SnapshotRow.none(
                instrument, key, traded.get(i).startMicros(), until, traded.get(i).after()));
      }
    }
  }

  /** The closes from a candle on at which positions were valued, in the order of time. */
  private List<Marks.Close> valuedFrom(long from) throws Exception {
    List<Long> entries = new ArrayList<>();
    for (Long entry : marks.keys()) {
      if (entry >= entryOf(from)) {
        entries.add(entry);
      }
    }
    entries.sort(null);
    List<Marks.Close> found = new ArrayList<>();
    for (Long entry : entries) {
      for (Marks.Close mark : marks.get(entry).closes()) {
        if (mark.startMicros() >= from && mark.valued()) {
          found.add(mark);
        }
      }
    }
    return found;
  }

  private long entryOf(long start) {
    return start - Math.floorMod(start, MARKS_TOGETHER * intervals.lengthMicros());
  }

  /** The newest close is never forgotten: the frontier does not pass what it is made of. */
  private boolean hasCandles() throws Exception {
    return !marks.isEmpty();
  }

  private DropFrontier advance(long timestampMicros, Context context) throws Exception {
    long watermark = context.timerService().currentWatermark();
    return frontier.advance(
        timestampMicros,
        watermark,
        dropped -> {
          // What is over already, and has come since, has earlier timers.
          settling.update(watermark + 1);
          context.timerService().registerEventTimeTimer(watermark + 1);
        });
  }

  /** Closes are forgotten many together, so that there may be one whose books are gone. */
  private boolean isSettled(long start) throws Exception {
    DropFrontier known = frontier.value();
    return known != null && known.isDropped(start) && settling.value() == null;
  }

  private void settle(long beforeMicros) throws Exception {
    List<FillKey> forgotten = new ArrayList<>();
    books.settle(beforeMicros, forgotten::add);
    for (FillKey fill : forgotten) {
      seen.remove(fill);
    }
    List<Long> entries = new ArrayList<>();
    for (Long entry : marks.keys()) {
      if (entry + MARKS_TOGETHER * intervals.lengthMicros() <= beforeMicros) {
        entries.add(entry);
      }
    }
    for (Long entry : entries) {
      marks.remove(entry);
    }
  }
}

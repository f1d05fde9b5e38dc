package io.candlestream.dedup;

import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.QualityKind;
import io.candlestream.state.KeptFrontier;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Lets each trade pass once, and none whose candle is dropped: what follows counts what arrives.
 *
 * <p>The ids of a candle are remembered for exactly as long as the candle takes ticks; thereafter
 * all its ticks are {@link RejectReason#LATE}, whether seen before or not. So the memory is bounded
 * and no time-to-live needs tuning.
 */
public final class DropDuplicates extends KeyedProcessFunction<Instrument, Ticks, Ticks>
    implements CheckpointedFunction {

  public static final OutputTag<Reject> LATE = new OutputTag<>("late", Types.of(Reject.class));

  /** Copies of a trade that say something else about it. */
  public static final OutputTag<QualityEvent> CONFLICTS =
      new OutputTag<>("conflicts", Types.of(QualityEvent.class));

  private final Intervals intervals;
  private final WithoutId withoutId;
  private final boolean findsConflicts;

  private transient KeptFrontier frontier;

  /** Interval by interval is candle by candle. */
  private transient SeenIds seen;

  /** By the candle's start. */
  private transient MapState<Long, ContentMarks> contents;

  private transient DurableCounters counters;
  private transient Counter duplicates;
  private transient Counter conflicts;
  private transient Counter rejected;
  private transient Counter late;

  /**
   * @param findsConflicts whether copies of a trade are compared with it
   */
  public DropDuplicates(Intervals intervals, WithoutId withoutId, boolean findsConflicts) {
    this.intervals = intervals;
    this.withoutId = withoutId;
    this.findsConflicts = findsConflicts;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    contents =
        context
            .getKeyedStateStore()
            .getMapState(
                new MapStateDescriptor<>(
                    "contents", BasicTypeInfo.LONG_TYPE_INFO, Types.of(ContentMarks.class)));
    counters = DurableCounters.restore(getRuntimeContext(), context);
    duplicates = counters.counter("ticksDuplicate");
    conflicts = counters.counter("qualityEvents", "kind", QualityKind.CONFLICTING_DUPLICATE.name());
    rejected = counters.counter("ticksRejected");
    late = counters.counter("ticksRejected", "reason", RejectReason.LATE.name());
    frontier = new KeptFrontier(context.getKeyedStateStore(), intervals);
    seen = new SeenIds(context.getKeyedStateStore(), counters.level("dedupEntries"));
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(Ticks ticks, Context context, Collector<Ticks> out) throws Exception {
    long start = ticks.startMicros(intervals);
    DropFrontier now =
        frontier.advance(
            ticks.highestTimestampMicros(), context.timerService().currentWatermark(), this::drop);
    if (now.isDropped(start)) {
      ticks.list().forEach(tick -> reject(tick, context));
      return;
    }
    TradeIds ids = seen.of(start);
    ContentMarks marks = marks(start);
    long before = ids.size();
    Optional<Ticks> distinct = ticks.filter(tick -> isNew(tick, ids, marks, context));
    if (ids.size() > before) {
      seen.put(start, ids, ids.size() - before);
      if (findsConflicts) {
        contents.put(start, marks);
      }
    }
    distinct.ifPresent(out::collect);
  }

  private void reject(Tick tick, Context context) {
    rejected.inc();
    late.inc();
    context.output(LATE, Reject.late(tick));
  }

  private void drop(DropFrontier now) throws Exception {
    List<Long> dropped = new ArrayList<>();
    seen.drop(now, dropped::add);
    for (Long start : dropped) {
      contents.remove(start);
    }
  }

  /** None where conflicts are not looked for. */
  private ContentMarks marks(long start) throws Exception {
    ContentMarks marks = findsConflicts ? contents.get(start) : null;
    return marks == null ? new ContentMarks() : marks;
  }

  /**
   * @param ids of its candle
   * @param marks likewise
   */
  private boolean isNew(Tick tick, TradeIds ids, ContentMarks marks, Context context) {
    TradeId id = identity(tick, withoutId);
    if (!id.isPresent()) {
      return true;
    }
    if (ids.add(id)) {
      if (findsConflicts) {
        marks.add(tick);
      }
      return true;
    }
    duplicates.inc();
    if (findsConflicts && conflicts(tick, ids, marks)) {
      conflicts.inc();
      context.output(CONFLICTS, QualityEvent.conflictingDuplicate(tick));
    }
    return false;
  }

  private static boolean conflicts(Tick copy, TradeIds ids, ContentMarks marks) {
    // Trades that came while conflicts were not looked for have no mark, and their copies would
    // all seem to conflict: such a candle is left alone.
    return copy.tradeId().isPresent() && marks.trades() == ids.size() && !marks.contains(copy);
  }

  /** By what a tick's copies in its candle are known; not present for one that has none. */
  public static TradeId identity(Tick tick, WithoutId withoutId) {
    if (tick.tradeId().isPresent() || withoutId == WithoutId.COUNT) {
      return tick.tradeId();
    }
    // No venue's id can hold a line feed, so this cannot meet one.
    return TradeId.of(
        "\n" + tick.timestampMicros() + ' ' + tick.price() + ' ' + tick.size() + ' ' + tick.side());
  }
}

package io.candlestream.dedup;

import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TradeId;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.Types;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
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
public final class DropDuplicates extends KeyedProcessFunction<Instrument, Tick, Tick>
    implements CheckpointedFunction {

  public static final OutputTag<RejectedTick> LATE =
      new OutputTag<>("late", Types.of(RejectedTick.class));

  private final Intervals intervals;
  private final WithoutId withoutId;

  private transient ValueState<DropFrontier> frontier;

  /** By the candle's start. */
  private transient MapState<Long, TradeIds> seen;

  private transient DurableCounters counters;
  private transient Counter duplicates;
  private transient Counter rejected;
  private transient Counter late;
  private transient Counter entries;

  public DropDuplicates(Intervals intervals, WithoutId withoutId) {
    this.intervals = intervals;
    this.withoutId = withoutId;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    frontier =
        context
            .getKeyedStateStore()
            .getState(new ValueStateDescriptor<>("frontier", Types.of(DropFrontier.class)));
    seen =
        context
            .getKeyedStateStore()
            .getMapState(
                new MapStateDescriptor<>(
                    "seen", BasicTypeInfo.LONG_TYPE_INFO, Types.of(TradeIds.class)));
    counters = DurableCounters.restore(getRuntimeContext(), context);
    duplicates = counters.counter("ticksDuplicate");
    rejected = counters.counter("ticksRejected");
    late = counters.counter("ticksRejected", "reason", RejectReason.LATE.name());
    entries = counters.level("dedupEntries");
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(Tick tick, Context context, Collector<Tick> out) throws Exception {
    DropFrontier now =
        advanceAndDrop(tick.timestampMicros(), context.timerService().currentWatermark());
    long start = intervals.startOf(tick.timestampMicros());
    if (now.isDropped(start)) {
      rejected.inc();
      late.inc();
      context.output(LATE, RejectedTick.late(tick));
    } else if (isNew(tick, start)) {
      out.collect(tick);
    } else {
      duplicates.inc();
    }
  }

  private DropFrontier advanceAndDrop(long timestampMicros, long watermark) throws Exception {
    DropFrontier before = frontier.value();
    if (before == null) {
      before = DropFrontier.START;
    }
    DropFrontier now = before.advance(timestampMicros, watermark, intervals);
    if (now.droppedBeforeMicros() > before.droppedBeforeMicros()) {
      for (Iterator<Map.Entry<Long, TradeIds>> ids = seen.iterator(); ids.hasNext(); ) {
        Map.Entry<Long, TradeIds> candle = ids.next();
        if (now.isDropped(candle.getKey())) {
          entries.dec(candle.getValue().size());
          ids.remove();
        }
      }
    }
    if (now != before) {
      frontier.update(now);
    }
    return now;
  }

  private boolean isNew(Tick tick, long start) throws Exception {
    TradeId id = identity(tick);
    if (!id.isPresent()) {
      return true;
    }
    TradeIds ids = seen.get(start);
    if (ids == null) {
      ids = new TradeIds();
    }
    if (!ids.add(id)) {
      return false;
    }
    seen.put(start, ids);
    entries.inc();
    return true;
  }

  private TradeId identity(Tick tick) {
    if (tick.tradeId().isPresent() || withoutId == WithoutId.COUNT) {
      return tick.tradeId();
    }
    // No venue's id can hold a line feed, so this cannot meet one.
    return TradeId.of(
        "\n" + tick.timestampMicros() + ' ' + tick.price() + ' ' + tick.size() + ' ' + tick.side());
  }
}

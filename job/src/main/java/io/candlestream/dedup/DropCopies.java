package io.candlestream.dedup;

import io.candlestream.config.StreamConfig;
import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.TradeId;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.metrics.EventCounters;
import io.candlestream.state.KeptFrontier;
import io.candlestream.state.Types;
import java.time.Duration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.SerializableFunction;

/**
 * Lets each event of a stream beside the ticks pass once, for as long as it may be late; thereafter
 * it is {@link RejectReason#LATE}. Unlike a tick, which is part of one candle, an event is known by
 * its id alone: with another timestamp it is a copy nevertheless.
 */
public final class DropCopies<T extends Event> extends KeyedProcessFunction<Instrument, T, T>
    implements CheckpointedFunction {

  public static final OutputTag<Reject> LATE = new OutputTag<>("late", Types.of(Reject.class));

  private final Input input;
  private final SerializableFunction<T, TradeId> identity;
  private final Intervals intervals;

  private transient KeptFrontier frontier;
  private transient SeenIds seen;
  private transient DurableCounters counters;
  private transient EventCounters events;

  /**
   * @param identity by what an event's copies are known, within its key
   */
  public DropCopies(
      Input input,
      SerializableFunction<T, TradeId> identity,
      Duration outOfOrderness,
      Duration allowedLateness) {
    this.input = input;
    this.identity = identity;
    this.intervals = Intervals.of(StreamConfig.FORGOTTEN_EVERY, outOfOrderness, allowedLateness);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    counters = DurableCounters.restore(getRuntimeContext(), context);
    events = new EventCounters(input, counters);
    frontier = new KeptFrontier(context.getKeyedStateStore(), intervals);
    seen = new SeenIds(context.getKeyedStateStore(), counters.level(input.word() + "DedupEntries"));
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(T event, Context context, Collector<T> out) throws Exception {
    long start = intervals.startOf(event.timestampMicros());
    boolean isLate =
        frontier
            .advance(
                event.timestampMicros(),
                context.timerService().currentWatermark(),
                now -> seen.drop(now, dropped -> {}))
            .isDropped(start);
    if (isLate) {
      context.output(LATE, events.late(event));
    } else if (seen.contains(identity.apply(event))) {
      events.duplicate();
    } else {
      TradeIds ids = seen.of(start);
      ids.add(identity.apply(event));
      seen.put(start, ids, 1);
      events.accept();
      out.collect(event);
    }
  }
}

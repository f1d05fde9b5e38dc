package io.candlestream.replay;

import io.candlestream.ingest.Verdict;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.Tick;
import io.candlestream.metrics.DurableCounters;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Takes the ticks of the candles that are rebuilt, and notes how the records of the rejects were
 * judged this time, as accumulators.
 */
final class TakeTicks extends ProcessFunction<Verdict<Tick>, Tick> implements CheckpointedFunction {

  private final Set<CandleKey> candles;
  private final Set<Origin> leftOut;

  /** Each with its place in the plan. */
  private final Map<Origin, Integer> rejects;

  private final Intervals intervals;

  private transient Noted accepted;
  private transient Noted rejected;
  private transient DurableCounters counters;
  private transient Counter read;

  TakeTicks(ReplayPlan plan, Intervals intervals) {
    this.candles = new HashSet<>(plan.candles().keySet());
    this.leftOut = plan.leftOut().others();
    this.intervals = intervals;
    rejects = new HashMap<>();
    plan.replayed().forEach(origin -> rejects.put(origin, rejects.size()));
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    accepted = noted(Outcome.ACCEPTED, context);
    rejected = noted(Outcome.REJECTED, context);
    counters = DurableCounters.restore(getRuntimeContext(), context);
    read = counters.counter("recordsRead");
  }

  private Noted noted(String name, FunctionInitializationContext context) throws Exception {
    Places places = new Places();
    getRuntimeContext().addAccumulator(name, places);
    Noted noted =
        new Noted(
            places,
            context
                .getOperatorStateStore()
                .getListState(new ListStateDescriptor<>(name, BasicTypeInfo.INT_TYPE_INFO)));
    for (Integer place : noted.state.get()) {
      places.add(place);
    }
    return noted;
  }

  /** What is noted, told as an accumulator, and kept across restarts. */
  private record Noted(Places places, ListState<Integer> state) {
    void save() throws Exception {
      state.update(List.copyOf(places.getLocalValue().stream().boxed().toList()));
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    accepted.save();
    rejected.save();
    counters.save();
  }

  @Override
  public void processElement(Verdict<Tick> verdict, Context context, Collector<Tick> out) {
    read.inc();
    for (Tick tick : verdict.accepted()) {
      Origin origin = tick.order().origin();
      if (candles.contains(
              new CandleKey(tick.instrument(), intervals.startOf(tick.timestampMicros())))
          && !leftOut.contains(origin)) {
        note(origin, accepted);
        out.collect(tick);
      }
    }
    for (Reject tick : verdict.rejected()) {
      note(tick.origin(), rejected);
    }
  }

  private void note(Origin origin, Noted noted) {
    Integer place = rejects.get(origin);
    if (place != null) {
      noted.places.add(place);
    }
  }
}

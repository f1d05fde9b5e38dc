package io.candlestream.ingest;

import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Reject;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Parts the accepted events of a stream beside the ticks from the rejected ones. */
public final class AcceptRecords<T extends Event> extends ProcessFunction<Verdict<T>, T>
    implements CheckpointedFunction {

  public static final OutputTag<Reject> REJECTED =
      new OutputTag<>("rejected", Types.of(Reject.class));

  private final Input input;

  private transient DurableCounters counters;
  private transient RejectCounters rejected;

  public AcceptRecords(Input input) {
    this.input = input;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    counters = DurableCounters.restore(getRuntimeContext(), context);
    rejected = new RejectCounters(input, counters);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(Verdict<T> verdict, Context context, Collector<T> out) {
    verdict.accepted().forEach(out::collect);
    for (Reject reject : verdict.rejected()) {
      rejected.count(reject);
      context.output(REJECTED, reject);
    }
  }
}

package io.candlestream.recompute;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.TimeframeOutputs;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Sends each row on its way to its table, those of the base straight on; counts the series. */
final class RouteRows extends ProcessFunction<Recomputed, CandleRow>
    implements CheckpointedFunction {

  private static final Map<Timeframe, OutputTag<CandleRow>> OUTPUTS =
      TimeframeOutputs.of(CandleRow.class);

  private transient DurableCounters counters;
  private transient Counter series;

  /** The rows of a timeframe. */
  static OutputTag<CandleRow> output(Timeframe timeframe) {
    return OUTPUTS.get(timeframe);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    counters = DurableCounters.restore(getRuntimeContext(), context);
    series = counters.counter("seriesRecomputed");
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(Recomputed recomputed, Context context, Collector<CandleRow> out) {
    if (recomputed.row() == null) {
      series.inc();
    } else if (recomputed.timeframe() == null) {
      out.collect(recomputed.row());
    } else {
      context.output(output(recomputed.timeframe()), recomputed.row());
    }
  }
}

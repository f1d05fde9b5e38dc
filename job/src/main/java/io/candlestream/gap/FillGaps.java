package io.candlestream.gap;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.candle.DurableRange;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.state.Types;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Puts flat candles where an instrument was not traded between its first candle and its latest. */
public final class FillGaps extends KeyedProcessFunction<Instrument, HistoryEvent, HistoryEvent>
    implements CheckpointedFunction {

  private final Intervals intervals;

  private transient ValueState<FilledSeries> series;

  /** Flat candles may lie before the first traded one: from the end of the past on. */
  private transient DurableRange touched;

  public FillGaps(Intervals intervals) {
    this.intervals = intervals;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    series =
        context
            .getKeyedStateStore()
            .getState(new ValueStateDescriptor<>("series", Types.uncopied(FilledSeries.class)));
    touched = DurableRange.restore(getRuntimeContext(), context);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    touched.save();
  }

  @Override
  public void processElement(HistoryEvent event, Context context, Collector<HistoryEvent> out)
      throws Exception {
    FilledSeries before = series.value();
    if (before == null) {
      before = FilledSeries.start();
    }
    if (event.past() != null) {
      series.update(before.resume(event.past()));
      out.collect(event);
    } else if (event.update().candle().closed()) {
      CandleUpdate update = event.update();
      series.update(before.put(update, intervals.lengthMicros(), filled -> collect(filled, out)));
    } else {
      out.collect(event);
    }
  }

  private void collect(CandleUpdate update, Collector<HistoryEvent> out) {
    long start = update.candle().startMicros();
    touched.add(start, start + intervals.lengthMicros());
    out.collect(HistoryEvent.of(update));
  }
}

package io.candlestream.indicator;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.market.Instrument;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.Types;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Adds the indicators to each candle. A corrected candle, or one that arrives between two others,
 * yields its own row and every later row of its instrument, as if it had come right the first time.
 * One that is still open yields a row and is forgotten.
 */
public final class ComputeIndicators
    extends KeyedProcessFunction<Instrument, HistoryEvent, CandleRow> {

  private transient ValueState<IndicatorHistory> history;
  private transient Counter recomputed;

  @Override
  public void open(OpenContext context) {
    history =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("history", Types.uncopied(IndicatorHistory.class)));
    recomputed =
        getRuntimeContext()
            .getMetricGroup()
            .addGroup(DurableCounters.GROUP)
            .counter("indicatorRowsRecomputed");
  }

  @Override
  public void processElement(HistoryEvent event, Context context, Collector<CandleRow> out)
      throws Exception {
    IndicatorHistory before = history.value();
    if (before == null) {
      before = IndicatorHistory.start();
    }
    if (event.past() != null) {
      history.update(before.resume(event.past(), out::collect));
    } else if (event.update().candle().closed()) {
      history.update(put(before, event.update(), out));
    } else {
      out.collect(before.preview(event.update().candle()));
    }
  }

  private IndicatorHistory put(
      IndicatorHistory before, CandleUpdate update, Collector<CandleRow> out) {
    long changed = update.candle().startMicros();
    return before
        .settle(update.settledBeforeMicros())
        .put(
            update.candle(),
            row -> {
              if (row.candle().startMicros() > changed) {
                recomputed.inc();
              }
              out.collect(row);
            });
  }
}

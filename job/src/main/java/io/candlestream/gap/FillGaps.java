package io.candlestream.gap;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.state.Types;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Puts flat candles where an instrument was not traded between its first candle and its latest. */
public final class FillGaps extends KeyedProcessFunction<Instrument, HistoryEvent, HistoryEvent> {

  private final Intervals intervals;

  private transient ValueState<FilledSeries> series;

  public FillGaps(Intervals intervals) {
    this.intervals = intervals;
  }

  @Override
  public void open(OpenContext context) {
    series =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("series", Types.of(FilledSeries.class)));
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
      series.update(
          before.put(
              update, intervals.lengthMicros(), filled -> out.collect(HistoryEvent.of(filled))));
    } else {
      out.collect(event);
    }
  }
}

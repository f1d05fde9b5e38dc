package io.candlestream.portfolio;

import io.candlestream.indicator.HistoryEvent;
import io.candlestream.market.Candle;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Takes the closes of closed candles out of all that is told of an instrument's history. */
public final class TakeMarks extends ProcessFunction<HistoryEvent, Mark> {

  @Override
  public void processElement(HistoryEvent event, Context context, Collector<Mark> out) {
    if (event.update() != null && event.update().candle().closed()) {
      Candle candle = event.update().candle();
      out.collect(new Mark(candle.instrument(), candle.startMicros(), candle.close()));
    }
  }
}

package io.candlestream.rollup;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.state.TimeframeOutputs;
import io.candlestream.state.Types;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Sums base candles up into candles of longer timeframes, each on an output of its own. A candle
 * goes downstream when the watermark passes its end, and again after a base candle in it changed.
 */
public final class RollUpCandles extends KeyedProcessFunction<Instrument, HistoryEvent, Void> {

  private static final Map<Timeframe, OutputTag<HistoryEvent>> OUTPUTS =
      TimeframeOutputs.of(HistoryEvent.class);

  private final List<Timeframe> timeframes;

  private transient ValueState<RollUp> rollUp;

  /**
   * @param timeframes those to build, each longer than the base candle
   */
  public RollUpCandles(List<Timeframe> timeframes) {
    this.timeframes = List.copyOf(timeframes);
  }

  /** Where a timeframe's candles come out. */
  public static OutputTag<HistoryEvent> output(Timeframe timeframe) {
    return OUTPUTS.get(timeframe);
  }

  @Override
  public void open(OpenContext context) {
    rollUp =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("rollUp", Types.uncopied(RollUp.class)));
  }

  @Override
  public void processElement(HistoryEvent event, Context context, Collector<Void> out)
      throws Exception {
    RollUp before = rollUp.value();
    if (before == null) {
      before = RollUp.start();
    }
    if (event.past() != null) {
      resume(before, event, context);
    } else if (event.update().candle().closed()) {
      Candle candle = event.update().candle();
      RollUp settled = before.settle(event.update().settledBeforeMicros(), lastOutput(context));
      rollUp.update(settled.put(candle, timeframes));
      for (Timeframe timeframe : timeframes) {
        if (!settled.hasChanged(timeframe, candle.startMicros())) {
          closeAt(timeframe.endOf(candle.startMicros()), context);
        }
      }
    }
  }

  private void resume(RollUp before, HistoryEvent event, Context context) throws Exception {
    Past past = event.past();
    for (Past.OfTimeframe known : past.timeframes()) {
      long start = known.timeframe().startOf(past.beforeMicros());
      context.output(
          output(known.timeframe()),
          HistoryEvent.of(event.instrument(), Past.of(start, known.indicators())));
    }
    RollUp now = before.resume(past);
    rollUp.update(now);
    for (RollUp.Bucket bucket : now.buckets()) {
      if (bucket.changed()) {
        closeAt(bucket.endMicros(), context);
      }
    }
  }

  /** Of a candle that is over already, this fires with the next watermark. */
  private static void closeAt(long endMicros, Context context) {
    context.timerService().registerEventTimeTimer(closingWatermark(endMicros));
  }

  private static long closingWatermark(long endMicros) {
    return endMicros / 1_000 - 1;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Void> out)
      throws Exception {
    RollUp before = rollUp.value();
    if (before != null) {
      rollUp.update(before.close((timestamp + 1) * 1_000, output(context)));
    }
  }

  /** For candles that leave the state, and whose timers the watermark may not reach for long. */
  private static RollUp.Output lastOutput(Context context) {
    RollUp.Output output = output(context);
    return (timeframe, candle, settledBefore) -> {
      output.accept(timeframe, candle, settledBefore);
      context
          .timerService()
          .deleteEventTimeTimer(closingWatermark(timeframe.endOf(candle.startMicros())));
    };
  }

  private static RollUp.Output output(Context context) {
    return (timeframe, candle, settledBefore) ->
        context.output(output(timeframe), HistoryEvent.of(candle, settledBefore));
  }
}

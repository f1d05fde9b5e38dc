package io.candlestream.replay;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Candle;
import io.candlestream.market.CandleKey;
import io.candlestream.state.Types;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets rebuilt candles pass when all are here, and none of them if one has fewer trades than it
 * had: nothing is written then. All candles have one key.
 */
final class CheckCandles extends KeyedProcessFunction<Boolean, CandleUpdate, CandleRow> {

  private final Map<CandleKey, Long> tradesBefore;

  private transient ListState<Candle> held;

  /**
   * @param tradesBefore the trades that each had; none is asked of those that are not named
   */
  CheckCandles(Map<CandleKey, Long> tradesBefore) {
    this.tradesBefore = tradesBefore;
  }

  @Override
  public void open(OpenContext context) {
    held =
        getRuntimeContext().getListState(new ListStateDescriptor<>("held", Types.of(Candle.class)));
  }

  @Override
  public void processElement(CandleUpdate update, Context context, Collector<CandleRow> out)
      throws Exception {
    held.add(update.candle());
    // The last watermark: by then all have come.
    context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<CandleRow> out)
      throws Exception {
    for (Candle candle : held.get()) {
      check(candle);
    }
    for (Candle candle : held.get()) {
      out.collect(new CandleRow(candle, null));
    }
    held.clear();
  }

  private void check(Candle candle) {
    long before =
        tradesBefore.getOrDefault(new CandleKey(candle.instrument(), candle.startMicros()), 0L);
    if (candle.trades() < before) {
      // The next attempt would say the same.
      throw new SuppressRestartsException(
          new IllegalStateException(
              ("%s had %d trades, but only %d can be read and are accepted by now; what is"
                   + " configured must hold them all, and a replay that has failed before must be"
                   + " run again with all that it had selected (or set database.allow-shrink)."
                   + " Nothing has been written")
                  .formatted(candle, before, candle.trades())));
    }
  }
}

package io.candlestream.replay;

import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Leaves spikes out that are to stay out, and all copies of them: these had come as duplicates of a
 * tick that was distinct, whichever of them is read first this time. So the ticks of a candle with
 * such a spike wait until all have been read.
 */
final class LeaveAnomalies extends KeyedProcessFunction<Instrument, Ticks, Ticks> {

  private final Map<CandleKey, Set<Origin>> anomalies;
  private final Intervals intervals;
  private final WithoutId withoutId;

  private transient ListState<Tick> waiting;

  LeaveAnomalies(Map<CandleKey, Set<Origin>> anomalies, Intervals intervals, WithoutId withoutId) {
    this.anomalies = anomalies;
    this.intervals = intervals;
    this.withoutId = withoutId;
  }

  @Override
  public void open(OpenContext context) {
    waiting =
        getRuntimeContext()
            .getListState(new ListStateDescriptor<>("waiting", Types.of(Tick.class)));
  }

  @Override
  public void processElement(Ticks ticks, Context context, Collector<Ticks> out) throws Exception {
    if (!anomalies.containsKey(candle(ticks.list().get(0)))) {
      out.collect(ticks);
      return;
    }
    waiting.addAll(ticks.list());
    context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Ticks> out)
      throws Exception {
    List<Tick> all = new ArrayList<>();
    waiting.get().forEach(all::add);
    Set<Trade> left = new HashSet<>();
    for (Tick tick : all) {
      if (isAnomaly(tick) && trade(tick).id().isPresent()) {
        left.add(trade(tick));
      }
    }
    for (Tick tick : all) {
      if (!isAnomaly(tick) && !left.contains(trade(tick))) {
        out.collect(Ticks.of(tick));
      }
    }
    waiting.clear();
  }

  /** By what copies of a trade are known. */
  private record Trade(CandleKey candle, TradeId id) {}

  private Trade trade(Tick tick) {
    return new Trade(candle(tick), DropDuplicates.identity(tick, withoutId));
  }

  private boolean isAnomaly(Tick tick) {
    return anomalies.get(candle(tick)).contains(tick.order().origin());
  }

  private CandleKey candle(Tick tick) {
    return new CandleKey(tick.instrument(), intervals.startOf(tick.timestampMicros()));
  }
}

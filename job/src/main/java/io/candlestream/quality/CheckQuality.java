package io.candlestream.quality;

import io.candlestream.config.QualityConfig;
import io.candlestream.config.QualityConfig.OnAnomaly;
import io.candlestream.config.QualityConfig.SequenceField;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.Ticks;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Looks at an instrument's ticks for spikes and gaps, and at the clock for silence. Each tick is
 * passed on at once, or, where the configuration says so, a spike is rejected.
 *
 * <p>Silence is told by the machine's clock, which goes on while no tick can come because the job
 * is down, or is held up by a sink: time before the operator opened does not count, and a timer
 * that fires late is given its time again.
 */
public final class CheckQuality extends KeyedProcessFunction<Instrument, Ticks, Ticks>
    implements CheckpointedFunction {

  public static final OutputTag<QualityEvent> EVENTS =
      new OutputTag<>("events", Types.of(QualityEvent.class));

  public static final OutputTag<Reject> ANOMALIES =
      new OutputTag<>("anomalies", Types.of(Reject.class));

  private static final long NOT_YET = Long.MIN_VALUE;

  private final QualityConfig config;
  private final long outOfOrdernessMicros;
  private final HampelFilter priceFilter;
  private final HampelFilter sizeFilter;
  private final long silentAfterMillis;

  private transient ValueState<RecentValues> prices;
  private transient ValueState<RecentValues> sizes;
  private transient ValueState<SequenceGaps> sequence;
  private transient ValueState<FeedActivity> activity;

  private transient DurableCounters counters;
  private transient Map<QualityKind, Counter> events;
  private transient Counter rejected;
  private transient Counter anomalies;
  private transient long openedMillis;

  public CheckQuality(QualityConfig config, Intervals intervals) {
    this.config = config;
    this.outOfOrdernessMicros = intervals.outOfOrdernessMicros();
    this.priceFilter = HampelFilter.of(config.priceSpike());
    this.sizeFilter = HampelFilter.of(config.sizeSpike());
    this.silentAfterMillis = config.silentAfter().toMillis();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    prices = state("prices", Types.of(RecentValues.class), context);
    sizes = state("sizes", Types.of(RecentValues.class), context);
    sequence = state("sequence", Types.uncopied(SequenceGaps.class), context);
    activity = state("activity", Types.uncopied(FeedActivity.class), context);
    counters = DurableCounters.restore(getRuntimeContext(), context);
    events = new EnumMap<>(QualityKind.class);
    for (QualityKind kind : QualityKind.values()) {
      if (kind != QualityKind.CONFLICTING_DUPLICATE) {
        events.put(kind, counters.counter("qualityEvents", "kind", kind.name()));
      }
    }
    rejected = counters.counter("ticksRejected");
    anomalies = counters.counter("ticksRejected", "reason", RejectReason.ANOMALY.name());
    openedMillis = NOT_YET;
  }

  private static <T> ValueState<T> state(
      String name, TypeInformation<T> type, FunctionInitializationContext context)
      throws Exception {
    return context.getKeyedStateStore().getState(new ValueStateDescriptor<>(name, type));
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
  }

  @Override
  public void processElement(Ticks ticks, Context context, Collector<Ticks> out) throws Exception {
    ticks.filter(tick -> passes(tick, context)).ifPresent(out::collect);
  }

  private boolean passes(Tick tick, Context context) throws Exception {
    if (silentAfterMillis > 0) {
      noteActivity(tick, context);
    }
    if (!config.sequential().isEmpty()) {
      checkSequence(tick, context);
    }
    // Both, so that a tick that is rejected for one has its events of the other as well.
    boolean anomaly = isPriceSpike(tick, context) | isSizeSpike(tick, context);
    if (anomaly && config.onAnomaly() == OnAnomaly.REJECT) {
      rejected.inc();
      anomalies.inc();
      context.output(ANOMALIES, Reject.anomalous(tick));
      return false;
    }
    return true;
  }

  private boolean isPriceSpike(Tick tick, Context context) throws Exception {
    if (!config.priceSpike().enabled()) {
      return false;
    }
    Optional<Deviation> spike = judge(priceFilter, prices, tick.price().doubleValue(), tick);
    spike.ifPresent(deviation -> report(QualityEvent.priceSpike(tick, deviation), context));
    return spike.isPresent();
  }

  private boolean isSizeSpike(Tick tick, Context context) throws Exception {
    // On a logarithmic scale, 0 is infinitely far from everything.
    if (!config.sizeSpike().enabled() || tick.size().signum() == 0) {
      return false;
    }
    Optional<Deviation> spike = judge(sizeFilter, sizes, tick.size().doubleValue(), tick);
    spike.ifPresent(deviation -> report(QualityEvent.sizeSpike(tick, deviation), context));
    return spike.isPresent();
  }

  private static Optional<Deviation> judge(
      HampelFilter filter, ValueState<RecentValues> state, double value, Tick tick)
      throws Exception {
    RecentValues values = filter.adopt(state.value());
    Optional<Deviation> spike = filter.judge(values, value, tick.timestampMicros());
    state.update(values);
    return spike;
  }

  private void checkSequence(Tick tick, Context context) throws Exception {
    Optional<SequenceField> field = config.sequenceOf(tick.instrument().source());
    if (field.isEmpty() || !isNumbered(tick, field.get())) {
      return;
    }
    SequenceGaps before = sequence.value() == null ? SequenceGaps.START : sequence.value();
    SequenceGaps now =
        before.add(
            numberOf(tick, field.get()),
            tick.timestampMicros(),
            outOfOrdernessMicros,
            gap ->
                report(
                    QualityEvent.sequenceGap(tick.instrument(), word(field.get()), gap), context));
    if (now != before) {
      sequence.update(now);
      if (now.nextOverMicros() < before.nextOverMicros()) {
        awaitEndOfGap(now, context.timerService());
      }
    }
  }

  private static boolean isNumbered(Tick tick, SequenceField field) {
    return switch (field) {
      case TRADE_ID -> tick.tradeId().isLong();
      case SEQUENCE -> tick.order().sequence() != null;
    };
  }

  private static long numberOf(Tick tick, SequenceField field) {
    return switch (field) {
      case TRADE_ID -> tick.tradeId().asLong();
      case SEQUENCE -> tick.order().sequence();
    };
  }

  private static String word(SequenceField field) {
    return switch (field) {
      case TRADE_ID -> "trade_id";
      case SEQUENCE -> "sequence";
    };
  }

  private static long millis(long micros) {
    return Math.floorDiv(micros, 1_000);
  }

  private static void awaitEndOfGap(SequenceGaps gaps, TimerService timers) {
    timers.registerEventTimeTimer(millis(gaps.nextOverMicros()));
  }

  private void noteActivity(Tick tick, Context context) throws Exception {
    long now = context.timerService().currentProcessingTime();
    noteOpening(now);
    FeedActivity before = activity.value();
    TickOrder order = tick.order();
    if (before == null || before.silent()) {
      context.timerService().registerProcessingTimeTimer(now + silentAfterMillis);
    }
    if (before != null && before.silent()) {
      report(QualityEvent.feedResumed(tick.instrument(), before.newest(), order), context);
    }
    activity.update(
        before == null ? new FeedActivity(now, order, false) : before.heard(order, now));
  }

  /** The first that happens is near enough to the opening. */
  private void noteOpening(long nowMillis) {
    if (openedMillis == NOT_YET) {
      openedMillis = nowMillis;
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Ticks> out)
      throws Exception {
    if (context.timeDomain() == TimeDomain.EVENT_TIME) {
      reportGaps(timestamp, context);
    } else if (silentAfterMillis > 0) {
      reportSilence(timestamp, context);
    } else {
      // No longer watched; should it be again, nothing may be left that has no timer.
      activity.clear();
    }
  }

  private void reportGaps(long watermarkMillis, OnTimerContext context) throws Exception {
    Instrument instrument = context.getCurrentKey();
    Optional<SequenceField> field = config.sequenceOf(instrument.source());
    SequenceGaps before = sequence.value();
    if (before == null || field.isEmpty()) {
      return;
    }
    SequenceGaps now =
        before.passed(
            watermarkMillis * 1_000 + 999,
            gap -> report(QualityEvent.sequenceGap(instrument, word(field.get()), gap), context));
    if (now != before) {
      sequence.update(now);
    }
    if (now.nextOverMicros() != Long.MAX_VALUE) {
      awaitEndOfGap(now, context.timerService());
    }
  }

  private void reportSilence(long timestamp, OnTimerContext context) throws Exception {
    FeedActivity before = activity.value();
    if (before == null || before.silent()) {
      return;
    }
    long now = context.timerService().currentProcessingTime();
    noteOpening(now);
    long due = Math.max(before.arrivedMillis(), openedMillis) + silentAfterMillis;
    boolean heldUp = now - timestamp > silentAfterMillis / 2;
    if (due > now || heldUp) {
      context.timerService().registerProcessingTimeTimer(due > now ? due : now + silentAfterMillis);
      return;
    }
    activity.update(before.fallenSilent());
    report(
        QualityEvent.feedSilent(
            context.getCurrentKey(), before.newest(), Duration.ofMillis(silentAfterMillis)),
        context);
  }

  private void report(QualityEvent event, Context context) {
    events.get(event.kind()).inc();
    context.output(EVENTS, event);
  }
}

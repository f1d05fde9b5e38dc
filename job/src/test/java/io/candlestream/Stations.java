package io.candlestream;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.ComputeIndicators;
import io.candlestream.indicator.IndicatorHistory;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.TradeId;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;

/**
 * The job's keyed operators, the real ones, from the shuffle to the sink, at some parallelism:
 * everything in one thread, so that a test decides what comes when. A snapshot can be restored at
 * another parallelism.
 */
final class Stations {

  private static final int MAX_PARALLELISM = 16;

  /** What works in the pipeline; to be broken only to show that a test notices. */
  record Design(boolean deduplicates, boolean cascades, boolean keepsFrontier) {}

  record Snapshot(
      int parallelism,
      OperatorSubtaskState dropDuplicates,
      OperatorSubtaskState buildCandles,
      OperatorSubtaskState computeIndicators) {}

  private final List<Subtask> subtasks = new ArrayList<>();

  /**
   * @param snapshot where to go on from; null to start afresh
   * @param rows takes what reaches the sink
   */
  Stations(
      Intervals intervals,
      Design design,
      int parallelism,
      Snapshot snapshot,
      Consumer<CandleRow> rows)
      throws Exception {
    for (int index = 0; index < parallelism; index++) {
      subtasks.add(new Subtask(intervals, design, parallelism, index, snapshot, rows));
    }
  }

  void tick(Tick tick) throws Exception {
    int index =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            tick.instrument(), MAX_PARALLELISM, subtasks.size());
    subtasks.get(index).tick(tick);
  }

  void watermark(long millis) throws Exception {
    for (Subtask subtask : subtasks) {
      subtask.watermark(millis);
    }
  }

  List<RejectedTick> late() {
    List<RejectedTick> late = new ArrayList<>();
    for (Subtask subtask : subtasks) {
      Queue<StreamRecord<RejectedTick>> output =
          subtask.dropDuplicates.getSideOutput(DropDuplicates.LATE);
      if (output != null) {
        output.forEach(record -> late.add(record.getValue()));
      }
    }
    return late;
  }

  Snapshot snapshot(long checkpoint) throws Exception {
    List<OperatorSubtaskState> duplicates = new ArrayList<>();
    List<OperatorSubtaskState> candles = new ArrayList<>();
    List<OperatorSubtaskState> indicators = new ArrayList<>();
    for (Subtask subtask : subtasks) {
      duplicates.add(subtask.dropDuplicates.snapshot(checkpoint, 0));
      candles.add(subtask.buildCandles.snapshot(checkpoint, 0));
      indicators.add(subtask.computeIndicators.snapshot(checkpoint, 0));
    }
    return new Snapshot(subtasks.size(), merge(duplicates), merge(candles), merge(indicators));
  }

  private static OperatorSubtaskState merge(List<OperatorSubtaskState> states) throws Exception {
    return AbstractStreamOperatorTestHarness.repackageState(
        states.toArray(OperatorSubtaskState[]::new));
  }

  void close() throws Exception {
    for (Subtask subtask : subtasks) {
      subtask.dropDuplicates.close();
      subtask.buildCandles.close();
      subtask.computeIndicators.close();
    }
  }

  private static final class Subtask {

    private final KeyedOneInputStreamOperatorTestHarness<Instrument, Tick, Tick> dropDuplicates;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, Tick, CandleUpdate>
        buildCandles;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, CandleUpdate, CandleRow>
        computeIndicators;
    private final Design design;
    private final Consumer<CandleRow> rows;

    Subtask(
        Intervals intervals,
        Design design,
        int parallelism,
        int index,
        Snapshot snapshot,
        Consumer<CandleRow> rows)
        throws Exception {
      this.design = design;
      this.rows = rows;
      dropDuplicates =
          open(
              new DropDuplicates(intervals, WithoutId.COUNT),
              Tick::instrument,
              parallelism,
              index,
              snapshot,
              Snapshot::dropDuplicates);
      buildCandles =
          open(
              new BuildCandles(intervals),
              Tick::instrument,
              parallelism,
              index,
              snapshot,
              Snapshot::buildCandles);
      computeIndicators =
          open(
              design.cascades() ? new ComputeIndicators() : new WithoutCascade(),
              update -> update.candle().instrument(),
              parallelism,
              index,
              snapshot,
              Snapshot::computeIndicators);
      if (!design.keepsFrontier()) {
        forgetFrontier(dropDuplicates);
        forgetFrontier(buildCandles);
      }
    }

    private static <I, O> KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> open(
        KeyedProcessFunction<Instrument, I, O> function,
        KeySelector<I, Instrument> key,
        int parallelism,
        int index,
        Snapshot snapshot,
        Function<Snapshot, OperatorSubtaskState> part)
        throws Exception {
      KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> harness =
          new KeyedOneInputStreamOperatorTestHarness<>(
              new KeyedProcessOperator<>(function),
              key,
              Types.of(Instrument.class),
              MAX_PARALLELISM,
              parallelism,
              index);
      harness.setup();
      if (snapshot != null) {
        harness.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                part.apply(snapshot), MAX_PARALLELISM, snapshot.parallelism(), parallelism, index));
      }
      harness.open();
      return harness;
    }

    private static void forgetFrontier(
        KeyedOneInputStreamOperatorTestHarness<Instrument, ?, ?> harness) throws Exception {
      ((KeyedProcessOperator<?, ?, ?>) harness.getOperator())
          .getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              new ValueStateDescriptor<>("frontier", Types.of(DropFrontier.class)),
              (key, state) -> state.update(DropFrontier.START));
    }

    void tick(Tick tick) throws Exception {
      dropDuplicates.processElement(
          new StreamRecord<>(design.deduplicates() ? tick : withoutId(tick)));
      flow();
    }

    private static Tick withoutId(Tick tick) {
      TickOrder order = tick.order();
      return new Tick(
          tick.instrument(),
          new TickOrder(order.timestampMicros(), order.sequence(), TradeId.NONE, order.origin()),
          tick.price(),
          tick.size(),
          tick.side(),
          tick.raw());
    }

    void watermark(long millis) throws Exception {
      dropDuplicates.processWatermark(new Watermark(millis));
      flow();
    }

    /** Hands on what each operator put out, elements and watermarks, in their order. */
    private void flow() throws Exception {
      pass(dropDuplicates.getOutput(), buildCandles);
      pass(buildCandles.getOutput(), computeIndicators);
      for (Object output : drain(computeIndicators.getOutput())) {
        if (output instanceof StreamRecord<?> record) {
          rows.accept((CandleRow) record.getValue());
        }
      }
    }

    @SuppressWarnings("unchecked")
    private static <T> void pass(
        ConcurrentLinkedQueue<Object> from,
        KeyedOneInputStreamOperatorTestHarness<Instrument, T, ?> to)
        throws Exception {
      for (Object output : drain(from)) {
        if (output instanceof Watermark watermark) {
          to.processWatermark(watermark);
        } else {
          to.processElement((StreamRecord<T>) output);
        }
      }
    }

    private static List<Object> drain(ConcurrentLinkedQueue<Object> output) {
      List<Object> drained = new ArrayList<>(output);
      output.clear();
      return drained;
    }
  }

  /** Hands out the row of the candle that changed, and leaves the later rows as they were. */
  private static final class WithoutCascade
      extends KeyedProcessFunction<Instrument, CandleUpdate, CandleRow> {

    private transient ValueState<IndicatorHistory> history;

    @Override
    public void open(OpenContext context) {
      history =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>("history", Types.of(IndicatorHistory.class)));
    }

    @Override
    public void processElement(CandleUpdate update, Context context, Collector<CandleRow> out)
        throws Exception {
      IndicatorHistory before =
          history.value() == null ? IndicatorHistory.start() : history.value();
      List<CandleRow> rows = new ArrayList<>();
      history.update(before.settle(update.settledBeforeMicros()).put(update.candle(), rows::add));
      out.collect(rows.get(0));
    }
  }
}

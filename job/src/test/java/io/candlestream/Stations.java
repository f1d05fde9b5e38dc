package io.candlestream;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.config.IndicatorsConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.QualityConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.gap.FillGaps;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.ComputeIndicators;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.IndicatorHistory;
import io.candlestream.ingest.GroupTicks;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.past.PastCandles;
import io.candlestream.past.WarmStart;
import io.candlestream.quality.CheckQuality;
import io.candlestream.rollup.RollUpCandles;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
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
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;

/**
 * The job's keyed operators, the real ones, from the shuffle to the sink, at some parallelism:
 * everything in one thread, so that a test decides what comes when. A snapshot can be restored at
 * another parallelism.
 */
final class Stations {

  private static final int MAX_PARALLELISM = 16;

  /** All that can be looked for, and only flagged: no row depends on it. */
  private static final QualityConfig EVERYTHING =
      JobConfig.of(
              List.of(
                  "quality.price-spike.floor=0",
                  "quality.size-spike.enabled=true",
                  "quality.sequential.*=trade-id",
                  "quality.silent-after=1s"))
          .quality();

  /** What works in the pipeline; to be broken only to show that a test notices. */
  record Design(boolean deduplicates, boolean cascades, boolean keepsFrontier) {}

  /**
   * What the stations are to do beyond candles and their indicators.
   *
   * @param generation of the indicators
   */
  record Features(Duration liveEvery, boolean fillsGaps, int generation) {}

  /** Takes the rows of all tables. */
  interface Tables {
    void accept(String table, CandleRow row);
  }

  /** The state of each station, by its name. */
  record Snapshot(int parallelism, Map<String, OperatorSubtaskState> stations) {}

  private final Design design;
  private final OneInputStreamOperatorTestHarness<Tick, Ticks> groupTicks;
  private final List<Subtask> subtasks = new ArrayList<>();

  /**
   * @param past what indicators go on from
   * @param snapshot where to go on from; null to start afresh
   * @param tables takes what reaches the sinks
   */
  Stations(
      Intervals intervals,
      Design design,
      Features features,
      PastCandles.Opener past,
      int parallelism,
      Snapshot snapshot,
      Tables tables)
      throws Exception {
    this.design = design;
    this.groupTicks = new OneInputStreamOperatorTestHarness<>(new GroupTicks(intervals));
    groupTicks.setup(Types.of(Ticks.class).createSerializer(new SerializerConfigImpl()));
    groupTicks.open();
    for (int index = 0; index < parallelism; index++) {
      subtasks.add(
          new Subtask(
              intervals, design, features, past, new Place(parallelism, index, snapshot), tables));
    }
  }

  void tick(Tick tick) throws Exception {
    groupTicks.processElement(new StreamRecord<>(design.deduplicates() ? tick : withoutId(tick)));
    shuffle();
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

  /** Hands the ticks that wait no longer each to the subtask of its instrument. */
  private void shuffle() throws Exception {
    for (Ticks ticks : groupTicks.extractOutputValues()) {
      int index =
          KeyGroupRangeAssignment.assignKeyToParallelOperator(
              ticks.instrument(), MAX_PARALLELISM, subtasks.size());
      subtasks.get(index).take(ticks);
    }
    groupTicks.getOutput().clear();
  }

  void watermark(long millis) throws Exception {
    groupTicks.processWatermark(new Watermark(millis));
    shuffle();
    for (Subtask subtask : subtasks) {
      subtask.watermark(millis);
    }
  }

  /** Moves the machine's clock. */
  void clock(long millis) throws Exception {
    groupTicks.setProcessingTime(millis);
    shuffle();
    for (Subtask subtask : subtasks) {
      subtask.clock(millis);
    }
  }

  List<Reject> late() {
    List<Reject> late = new ArrayList<>();
    for (Subtask subtask : subtasks) {
      Queue<StreamRecord<Reject>> output =
          subtask.dropDuplicates.getSideOutput(DropDuplicates.LATE);
      if (output != null) {
        output.forEach(record -> late.add(record.getValue()));
      }
    }
    return late;
  }

  Snapshot snapshot(long checkpoint) throws Exception {
    groupTicks.getOneInputOperator().prepareSnapshotPreBarrier(checkpoint);
    shuffle();
    Map<String, OperatorSubtaskState> merged = new HashMap<>();
    for (String station : subtasks.get(0).stations.keySet()) {
      List<OperatorSubtaskState> states = new ArrayList<>();
      for (Subtask subtask : subtasks) {
        states.add(subtask.stations.get(station).snapshot(checkpoint, 0));
      }
      merged.put(
          station,
          AbstractStreamOperatorTestHarness.repackageState(
              states.toArray(OperatorSubtaskState[]::new)));
    }
    return new Snapshot(subtasks.size(), merged);
  }

  void close() throws Exception {
    groupTicks.close();
    for (Subtask subtask : subtasks) {
      for (AbstractStreamOperatorTestHarness<?> station : subtask.stations.values()) {
        station.close();
      }
    }
  }

  /** Which of how many subtasks, and the snapshot that it goes on from. */
  private record Place(int parallelism, int index, Snapshot snapshot) {}

  private static final class Subtask {

    private final Map<String, KeyedOneInputStreamOperatorTestHarness<Instrument, ?, ?>> stations =
        new LinkedHashMap<>();
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, Ticks, Ticks> dropDuplicates;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, Ticks, Ticks> checkQuality;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, Ticks, CandleUpdate>
        buildCandles;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, CandleUpdate, HistoryEvent>
        warmStart;

    /** Null where gaps stay. */
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, HistoryEvent, HistoryEvent>
        fillGaps;

    private final KeyedOneInputStreamOperatorTestHarness<Instrument, HistoryEvent, CandleRow>
        computeIndicators;
    private final KeyedOneInputStreamOperatorTestHarness<Instrument, HistoryEvent, Void> rollUp;
    private final Map<
            Timeframe, KeyedOneInputStreamOperatorTestHarness<Instrument, HistoryEvent, CandleRow>>
        computeTimeframes = new EnumMap<>(Timeframe.class);
    private final Design design;
    private final Tables tables;

    Subtask(
        Intervals intervals,
        Design design,
        Features features,
        PastCandles.Opener past,
        Place place,
        Tables tables)
        throws Exception {
      this.design = design;
      this.tables = tables;
      dropDuplicates =
          open(
              "drop-duplicates",
              new CachedStateOperator<>(new DropDuplicates(intervals, WithoutId.COUNT, true)),
              Ticks::instrument,
              place);
      checkQuality =
          open(
              "check-quality",
              new CachedStateOperator<>(new CheckQuality(EVERYTHING, intervals)),
              Ticks::instrument,
              place);
      buildCandles =
          open(
              "build-candles",
              new CachedStateOperator<>(new BuildCandles(intervals, features.liveEvery())),
              Ticks::instrument,
              place);
      warmStart =
          open(
              "warm-start",
              new WarmStart(
                  past,
                  new IndicatorsConfig(true, features.generation()),
                  List.of(Timeframe.values()),
                  features.fillsGaps()),
              update -> update.candle().instrument(),
              place);
      fillGaps =
          features.fillsGaps()
              ? open("fill-gaps", new FillGaps(intervals), HistoryEvent::instrument, place)
              : null;
      computeIndicators = open("compute-indicators", compute(), HistoryEvent::instrument, place);
      rollUp =
          open(
              "roll-up-candles",
              new RollUpCandles(List.of(Timeframe.values())),
              HistoryEvent::instrument,
              place);
      for (Timeframe timeframe : Timeframe.values()) {
        computeTimeframes.put(
            timeframe,
            open(
                "compute-indicators-" + timeframe.word(),
                compute(),
                HistoryEvent::instrument,
                place));
      }
      if (!design.keepsFrontier()) {
        forgetFrontier(dropDuplicates);
        forgetFrontier(buildCandles);
      }
    }

    private KeyedProcessFunction<Instrument, HistoryEvent, CandleRow> compute() {
      return design.cascades() ? new ComputeIndicators() : new WithoutCascade();
    }

    private <I, O> KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> open(
        String name,
        KeyedProcessFunction<Instrument, I, O> function,
        KeySelector<I, Instrument> key,
        Place place)
        throws Exception {
      return open(name, new KeyedProcessOperator<>(function), key, place);
    }

    private <I, O> KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> open(
        String name,
        KeyedProcessOperator<Instrument, I, O> operator,
        KeySelector<I, Instrument> key,
        Place place)
        throws Exception {
      KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> harness =
          new KeyedOneInputStreamOperatorTestHarness<>(
              operator,
              key,
              Types.of(Instrument.class),
              MAX_PARALLELISM,
              place.parallelism(),
              place.index());
      harness.setup();
      if (place.snapshot() != null) {
        harness.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                place.snapshot().stations().get(name),
                MAX_PARALLELISM,
                place.snapshot().parallelism(),
                place.parallelism(),
                place.index()));
      }
      harness.open();
      stations.put(name, harness);
      return harness;
    }

    private static void forgetFrontier(
        KeyedOneInputStreamOperatorTestHarness<Instrument, ?, ?> harness) throws Exception {
      ((KeyedProcessOperator<?, ?, ?>) harness.getOperator())
          .getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              new ValueStateDescriptor<>("frontier", Types.uncopied(DropFrontier.class)),
              (key, state) -> state.update(DropFrontier.START));
    }

    void take(Ticks ticks) throws Exception {
      dropDuplicates.processElement(new StreamRecord<>(ticks));
      flow();
    }

    void watermark(long millis) throws Exception {
      dropDuplicates.processWatermark(new Watermark(millis));
      flow();
    }

    void clock(long millis) throws Exception {
      checkQuality.setProcessingTime(millis);
      buildCandles.setProcessingTime(millis);
      warmStart.setProcessingTime(millis);
      flow();
    }

    /** Hands on what each operator put out, elements and watermarks, in their order. */
    private void flow() throws Exception {
      pass(dropDuplicates.getOutput(), List.of(checkQuality));
      pass(checkQuality.getOutput(), List.of(buildCandles));
      pass(buildCandles.getOutput(), List.of(warmStart));
      if (fillGaps == null) {
        pass(warmStart.getOutput(), List.of(computeIndicators, rollUp));
      } else {
        pass(warmStart.getOutput(), List.of(fillGaps));
        pass(fillGaps.getOutput(), List.of(computeIndicators, rollUp));
      }
      write("market_data", computeIndicators);
      rollUp.getOutput().clear();
      for (Timeframe timeframe : Timeframe.values()) {
        Queue<StreamRecord<HistoryEvent>> rolledUp =
            rollUp.getSideOutput(RollUpCandles.output(timeframe));
        while (rolledUp != null && !rolledUp.isEmpty()) {
          computeTimeframes.get(timeframe).processElement(rolledUp.poll());
        }
        write("indicators_" + timeframe.word(), computeTimeframes.get(timeframe));
      }
    }

    private void write(
        String table, KeyedOneInputStreamOperatorTestHarness<Instrument, ?, CandleRow> from) {
      for (Object output : drain(from.getOutput())) {
        if (output instanceof StreamRecord<?> record) {
          tables.accept(table, (CandleRow) record.getValue());
        }
      }
    }

    @SuppressWarnings("unchecked")
    private static <T> void pass(
        ConcurrentLinkedQueue<Object> from,
        List<KeyedOneInputStreamOperatorTestHarness<Instrument, T, ?>> to)
        throws Exception {
      for (Object output : drain(from)) {
        for (KeyedOneInputStreamOperatorTestHarness<Instrument, T, ?> station : to) {
          if (output instanceof Watermark watermark) {
            station.processWatermark(watermark);
          } else {
            station.processElement((StreamRecord<T>) output);
          }
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
      extends KeyedProcessFunction<Instrument, HistoryEvent, CandleRow> {

    private transient ValueState<IndicatorHistory> history;

    @Override
    public void open(OpenContext context) {
      history =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>("history", Types.uncopied(IndicatorHistory.class)));
    }

    @Override
    public void processElement(HistoryEvent event, Context context, Collector<CandleRow> out)
        throws Exception {
      IndicatorHistory before =
          history.value() == null ? IndicatorHistory.start() : history.value();
      if (event.past() != null) {
        history.update(before.resume(event.past(), row -> {}));
        return;
      }
      CandleUpdate update = event.update();
      List<CandleRow> rows = new ArrayList<>();
      history.update(before.settle(update.settledBeforeMicros()).put(update.candle(), rows::add));
      out.collect(rows.get(0));
    }
  }
}

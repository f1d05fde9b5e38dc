package io.candlestream.state;

import io.candlestream.market.Instrument;
import io.candlestream.metrics.RecordedMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** One subtask of an operator, alone, driven by a test: what comes when, and what comes out. */
public final class Subtask<I, O> implements AutoCloseable {

  private static final int MAX_PARALLELISM = 16;
  private static final int MAX_STATE_BYTES = 16 << 20;

  /**
   * The state of all subtasks of an operator.
   *
   * @param parallelism how many they were
   */
  public record Snapshot(int parallelism, OperatorSubtaskState state) {

    public static Snapshot of(Subtask<?, ?>... subtasks) throws Exception {
      return of(List.of(subtasks));
    }

    public static Snapshot of(List<? extends Subtask<?, ?>> subtasks) throws Exception {
      List<OperatorSubtaskState> states = new ArrayList<>();
      for (Subtask<?, ?> subtask : subtasks) {
        states.add(subtask.harness.snapshot(1, 0));
      }
      return new Snapshot(
          states.size(),
          AbstractStreamOperatorTestHarness.repackageState(
              states.toArray(OperatorSubtaskState[]::new)));
    }
  }

  /** A snapshot that is begun, with its state still to be written. */
  public final class PendingSnapshot {

    private final OperatorSnapshotFutures futures;

    private PendingSnapshot(OperatorSnapshotFutures futures) {
      this.futures = futures;
    }

    public Snapshot finish() throws Exception {
      return new Snapshot(1, OperatorSnapshotFinalizer.create(futures).getJobManagerOwnedState());
    }
  }

  private final OneInputStreamOperatorTestHarness<I, O> harness;
  private final RecordedMetrics metrics;

  private Subtask(OneInputStreamOperatorTestHarness<I, O> harness, RecordedMetrics metrics) {
    this.harness = harness;
    this.metrics = metrics;
  }

  /** The only subtask, without state. */
  public static <I, O> Subtask<I, O> of(
      KeyedProcessFunction<Instrument, I, O> function, KeySelector<I, Instrument> key)
      throws Exception {
    return of(new KeyedProcessOperator<>(function), key);
  }

  /** The only subtask, without state. */
  public static <I, O> Subtask<I, O> of(
      KeyedProcessOperator<Instrument, I, O> operator, KeySelector<I, Instrument> key)
      throws Exception {
    return of(operator, key, 1, 0, null);
  }

  /**
   * @param snapshot where to go on from; null to start without state
   */
  public static <I, O> Subtask<I, O> of(
      KeyedProcessFunction<Instrument, I, O> function,
      KeySelector<I, Instrument> key,
      int parallelism,
      int index,
      Snapshot snapshot)
      throws Exception {
    return of(new KeyedProcessOperator<>(function), key, parallelism, index, snapshot);
  }

  /**
   * @param snapshot where to go on from; null to start without state
   */
  public static <I, O> Subtask<I, O> of(
      KeyedProcessOperator<Instrument, I, O> operator,
      KeySelector<I, Instrument> key,
      int parallelism,
      int index,
      Snapshot snapshot)
      throws Exception {
    return of(operator, key, new HashMapStateBackend(), parallelism, index, snapshot);
  }

  /**
   * @param backend where its state is
   * @param snapshot where to go on from; null to start without state
   */
  static <I, O> Subtask<I, O> of(
      KeyedProcessOperator<Instrument, I, O> operator,
      KeySelector<I, Instrument> key,
      StateBackend backend,
      int parallelism,
      int index,
      Snapshot snapshot)
      throws Exception {
    RecordedMetrics metrics = new RecordedMetrics();
    KeyedOneInputStreamOperatorTestHarness<Instrument, I, O> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            operator, key, Types.of(Instrument.class), environment(parallelism, index, metrics));
    harness.setStateBackend(backend);
    return open(harness, metrics, parallelism, index, snapshot);
  }

  /** The only subtask, without state. */
  public static <I, O> Subtask<I, O> of(ProcessFunction<I, O> function) throws Exception {
    return of(function, 1, 0, null);
  }

  /**
   * @param snapshot where to go on from; null to start without state
   */
  public static <I, O> Subtask<I, O> of(
      ProcessFunction<I, O> function, int parallelism, int index, Snapshot snapshot)
      throws Exception {
    RecordedMetrics metrics = new RecordedMetrics();
    return open(
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(function), environment(parallelism, index, metrics)),
        metrics,
        parallelism,
        index,
        snapshot);
  }

  private static MockEnvironment environment(int parallelism, int index, RecordedMetrics metrics) {
    return new MockEnvironmentBuilder()
        .setMaxParallelism(MAX_PARALLELISM)
        .setParallelism(parallelism)
        .setSubtaskIndex(index)
        .setMetricGroup(metrics.taskGroup())
        .build();
  }

  private static <I, O> Subtask<I, O> open(
      OneInputStreamOperatorTestHarness<I, O> harness,
      RecordedMetrics metrics,
      int parallelism,
      int index,
      Snapshot snapshot)
      throws Exception {
    harness.setup(new AsItIs<>());
    if (snapshot != null) {
      harness.initializeState(
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              snapshot.state(), MAX_PARALLELISM, snapshot.parallelism(), parallelism, index));
    }
    harness.open();
    return new Subtask<>(harness, metrics);
  }

  public void take(I element) throws Exception {
    harness.processElement(new StreamRecord<>(element));
  }

  /** Moves the machine's clock. */
  public void clock(long millis) throws Exception {
    harness.setProcessingTime(millis);
  }

  public void watermark(long millis) throws Exception {
    harness.processWatermark(millis);
  }

  /** What came out since the last time this was asked, watermarks left out. */
  public List<O> output() {
    List<O> output = harness.extractOutputValues();
    harness.getOutput().clear();
    return output;
  }

  /** All that came out aside. */
  public <T> List<T> output(OutputTag<T> tag) {
    Queue<StreamRecord<T>> output = harness.getSideOutput(tag);
    return output == null ? List.of() : output.stream().map(StreamRecord::getValue).toList();
  }

  public long metric(String name) {
    return metrics.value(name);
  }

  /** What an accumulator of the task holds by now. */
  public Object accumulator(String name) {
    return harness.getEnvironment().getAccumulatorRegistry().getUserMap().get(name).getLocalValue();
  }

  /** Sets the machine's clock, and fires the timers that are due by then. */
  public void processingTime(long millis) throws Exception {
    harness.setProcessingTime(millis);
  }

  /** How many timers wait for the machine's clock. */
  public int processingTimers() {
    return harness.numProcessingTimeTimers();
  }

  /** How many timers wait for a watermark. */
  public int timers() {
    return harness.numEventTimeTimers();
  }

  /** The keys of all entries of a map in keyed state, over all instruments, in their order. */
  public List<Long> entries(String map, Class<?> values) throws Exception {
    List<Long> entries = new ArrayList<>();
    if (harness.getOperator() instanceof CachedStateOperator<?, ?> cached) {
      cached.writeBack();
    }
    ((AbstractUdfStreamOperator<?, ?>) harness.getOperator())
        .getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            new MapStateDescriptor<>(map, BasicTypeInfo.LONG_TYPE_INFO, Types.of(values)),
            (key, state) -> state.keys().forEach(entries::add));
    entries.sort(null);
    return entries;
  }

  /** Begins a snapshot, and leaves it to the test when the state is written. */
  public PendingSnapshot beginSnapshot() throws Exception {
    return new PendingSnapshot(
        harness
            .getOperator()
            .snapshotState(
                1,
                0,
                CheckpointOptions.forCheckpointWithDefaultLocation(),
                new MemCheckpointStreamFactory(MAX_STATE_BYTES)));
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception e) {
      throw new IllegalStateException("the operator does not close", e);
    }
  }

  /** What comes out is to be the very object that the operator gave away. */
  private static final class AsItIs<T> extends CompactSerializer<T> {

    private static final long serialVersionUID = 1;

    @Override
    public void serialize(T value, DataOutputView target) {
      throw new UnsupportedOperationException("what comes out is never written");
    }

    @Override
    public T deserialize(DataInputView source) {
      throw new UnsupportedOperationException("what comes out is never written");
    }

    @Override
    public TypeSerializerSnapshot<T> snapshotConfiguration() {
      throw new UnsupportedOperationException("what comes out is never written");
    }
  }
}

package io.candlestream.state;

import io.candlestream.market.Instrument;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateInitializationContextImpl;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Runs a function that touches its keyed state with every tick: what it gets from {@code
 * initializeState} is a {@link StateCache} in front of Flink's state, which is written to before
 * each checkpoint.
 */
public final class CachedStateOperator<I, O> extends KeyedProcessOperator<Instrument, I, O> {

  private static final long serialVersionUID = 1;

  /** Of a backend outside the heap; one on the heap holds all of it anyway. */
  private static final long MAX_BYTES = 32 << 20;

  private final long maxBytes;

  private transient StateCache cache;

  public CachedStateOperator(KeyedProcessFunction<Instrument, I, O> function) {
    this(function, MAX_BYTES);
  }

  CachedStateOperator(KeyedProcessFunction<Instrument, I, O> function, long maxBytes) {
    super(function);
    this.maxBytes = maxBytes;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    cache =
        new StateCache(
            getKeyedStateBackend(), getExecutionConfig().getSerializerConfig(), maxBytes);
    super.initializeState(
        new StateInitializationContextImpl(
            context.isRestored() ? context.getRestoredCheckpointId().getAsLong() : null,
            context.getOperatorStateStore(),
            cache,
            context.getRawKeyedStateInputs(),
            context.getRawOperatorStateInputs()));
  }

  @Override
  public void setCurrentKey(Object key) {
    super.setCurrentKey(key);
    cache.select(key);
  }

  @Override
  public void processElement(StreamRecord<I> element) throws Exception {
    super.processElement(element);
    writeBackIfFull();
  }

  @Override
  public void onEventTime(InternalTimer<Instrument, VoidNamespace> timer) throws Exception {
    super.onEventTime(timer);
    writeBackIfFull();
  }

  @Override
  public void onProcessingTime(InternalTimer<Instrument, VoidNamespace> timer) throws Exception {
    super.onProcessingTime(timer);
    writeBackIfFull();
  }

  /** One watermark may fire timers of all keys. */
  private void writeBackIfFull() throws Exception {
    if (cache.isFull()) {
      writeBack();
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    writeBack();
    super.snapshotState(context);
  }

  void writeBack() throws Exception {
    cache.writeBack(super::setCurrentKey);
  }
}

package io.candlestream.candle;

import io.candlestream.state.Types;
import org.apache.flink.api.common.accumulators.LongMaximum;
import org.apache.flink.api.common.accumulators.LongMinimum;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * The {@link TouchedRange} of an operator that makes candles: kept in operator state, so that it
 * spans restarts and changes of parallelism, and told as accumulators when the run has ended. Those
 * of all operators and subtasks become one.
 */
public final class DurableRange {

  private final ListState<TouchedRange> state;
  private final LongMinimum from;
  private final LongMaximum to;
  private TouchedRange range = TouchedRange.NONE;

  private DurableRange(ListState<TouchedRange> state, LongMinimum from, LongMaximum to) {
    this.state = state;
    this.from = from;
    this.to = to;
  }

  /** To be called in {@code initializeState}. */
  public static DurableRange restore(RuntimeContext runtime, FunctionInitializationContext context)
      throws Exception {
    DurableRange restored =
        new DurableRange(
            context
                .getOperatorStateStore()
                .getListState(
                    new ListStateDescriptor<>("touchedRange", Types.of(TouchedRange.class))),
            minimum(runtime),
            maximum(runtime));
    for (TouchedRange saved : restored.state.get()) {
      restored.include(saved);
    }
    return restored;
  }

  // Operators in one task share their accumulators.

  private static LongMinimum minimum(RuntimeContext runtime) {
    LongMinimum known = (LongMinimum) runtime.<Long, Long>getAccumulator(TouchedRange.FROM);
    if (known != null) {
      return known;
    }
    LongMinimum minimum = new LongMinimum();
    runtime.addAccumulator(TouchedRange.FROM, minimum);
    return minimum;
  }

  private static LongMaximum maximum(RuntimeContext runtime) {
    LongMaximum known = (LongMaximum) runtime.<Long, Long>getAccumulator(TouchedRange.TO);
    if (known != null) {
      return known;
    }
    LongMaximum maximum = new LongMaximum();
    runtime.addAccumulator(TouchedRange.TO, maximum);
    return maximum;
  }

  /** Notes a candle that is written. */
  public void add(long startMicros, long endMicros) {
    if (startMicros < range.fromMicros() || endMicros > range.toMicros()) {
      include(new TouchedRange(startMicros, endMicros));
    }
  }

  private void include(TouchedRange other) {
    range = range.and(other);
    from.add(range.fromMicros());
    to.add(range.toMicros());
  }

  /** To be called in {@code snapshotState}. */
  public void save() throws Exception {
    state.clear();
    if (!range.isNone()) {
      state.add(range);
    }
  }
}

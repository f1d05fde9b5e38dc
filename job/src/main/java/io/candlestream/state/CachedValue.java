package io.candlestream.state;

import java.io.IOException;
import org.apache.flink.api.common.state.ValueState;

/** A value in a {@link StateCache}. */
final class CachedValue<T> implements ValueState<T> {

  private final StateCache cache;
  private final int index;
  private final ValueState<T> state;

  CachedValue(StateCache cache, int index, ValueState<T> state) {
    this.cache = cache;
    this.index = index;
    this.state = state;
  }

  private final class Value implements StateCache.Held {

    private T value;
    private boolean changed;

    @Override
    public void writeBack() throws IOException {
      if (changed) {
        state.update(value);
      }
    }
  }

  @SuppressWarnings("unchecked") // What is held there was put there below.
  private Value held() throws IOException {
    Value held = (Value) cache.held(index);
    if (held == null) {
      held = new Value();
      held.value = state.value();
      cache.hold(index, held);
    }
    return held;
  }

  @Override
  public T value() throws IOException {
    return held().value;
  }

  @Override
  public void update(T value) throws IOException {
    Value held = held();
    held.value = value;
    held.changed = true;
  }

  @Override
  public void clear() {
    state.clear();
    cache.hold(index, new Value());
  }
}

package io.candlestream.state;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.SerializerFactory;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.DefaultKeyedStateStore;
import org.apache.flink.runtime.state.KeyedStateBackend;

/**
 * Values and maps of keyed state, held as objects from one checkpoint to the next: read when they
 * are first asked for, and written back all at once. So a key is looked up once for each element
 * and not once for each access, and a backend outside the heap does not read and write a whole
 * object for each change in it. Other kinds of state are the backend's own.
 *
 * <p>When it is written back, the cache forgets everything: a backend on the heap goes on reading
 * what it was given while it writes a checkpoint, and hands out a copy when it is asked again.
 */
final class StateCache extends DefaultKeyedStateStore {

  /** About what a key takes, beside what is large. */
  private static final int KEY_BYTES = 512;

  /** What is held of one state of one key. */
  interface Held {

    /** Writes what has changed to the state of the current key. */
    void writeBack() throws Exception;
  }

  private final long maxBytes;
  private final Map<Object, Held[]> keys = new HashMap<>();
  private int states;
  private Held[] current;
  private long bytes;

  /**
   * @param maxBytes when it is full; of objects that the backend itself holds it never is
   */
  StateCache(KeyedStateBackend<?> backend, SerializerConfig serializers, long maxBytes) {
    super(
        backend,
        new SerializerFactory() {
          @Override
          public <T> TypeSerializer<T> createSerializer(TypeInformation<T> type) {
            return type.createSerializer(serializers);
          }
        });
    this.maxBytes = backend.isSafeToReuseKVState() ? maxBytes : Long.MAX_VALUE;
  }

  /** Makes a key the current one. */
  void select(Object key) {
    current = keys.get(key);
    if (current == null) {
      current = new Held[states];
      keys.put(key, current);
      bytes += KEY_BYTES;
    }
  }

  /** What is held of a state of the current key; null before it was put there. */
  Held held(int state) {
    return current[state];
  }

  void hold(int state, Held held) {
    current[state] = held;
  }

  /** Notes that what is held takes so much more memory, or less. */
  void grow(long moreBytes) {
    bytes += moreBytes;
  }

  /** Whether it is time to write back. */
  boolean isFull() {
    return bytes > maxBytes;
  }

  /**
   * Writes back what has changed, and forgets everything. There is no current key thereafter.
   *
   * @param selectKey makes a key the current one of the backend
   */
  void writeBack(Consumer<Object> selectKey) throws Exception {
    for (Map.Entry<Object, Held[]> key : keys.entrySet()) {
      selectKey.accept(key.getKey());
      for (Held held : key.getValue()) {
        if (held != null) {
          held.writeBack();
        }
      }
    }
    keys.clear();
    current = null;
    bytes = 0;
  }

  @Override
  public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
    return new CachedValue<>(this, states++, super.getState(descriptor));
  }

  @Override
  public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
    return new CachedMap<>(this, states++, super.getMapState(descriptor));
  }
}

package io.candlestream.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.MapState;

/**
 * A map in a {@link StateCache}, entry by entry: of those that are not asked for, none is read.
 * What is removed is removed from the state at once. Iterators are over what was there when they
 * were asked for, and remove nothing.
 */
final class CachedMap<K, V> implements MapState<K, V> {

  private final StateCache cache;
  private final int index;
  private final MapState<K, V> state;

  CachedMap(StateCache cache, int index, MapState<K, V> state) {
    this.cache = cache;
    this.index = index;
    this.state = state;
  }

  /** About what an entry takes, beside what is large. */
  private static final int ENTRY_BYTES = 256;

  private static final class Entry<V> {
    private V value;
    private boolean changed;
    private long bytes;
  }

  private final class Entries implements StateCache.Held {

    private final Map<K, Entry<V>> entries = new HashMap<>();

    /** The keys of all others that the state has; null before they were asked for. */
    private Set<K> unread;

    /** The one that was asked for last, as the next most likely is again. */
    private K lastKey;

    private Entry<V> last;

    /** Null where there is none. */
    Entry<V> find(K key) throws Exception {
      if (key.equals(lastKey)) {
        return last;
      }
      Entry<V> entry = entries.get(key);
      if (entry == null) {
        V value = unread == null || unread.remove(key) ? state.get(key) : null;
        if (value == null) {
          return null;
        }
        entry = add(key);
        set(entry, value);
      }
      lastKey = key;
      last = entry;
      return entry;
    }

    Entry<V> add(K key) {
      Entry<V> entry = new Entry<>();
      entries.put(key, entry);
      return entry;
    }

    void set(Entry<V> entry, V value) {
      entry.value = value;
      long bytes = ENTRY_BYTES + (value instanceof Bulky bulky ? bulky.bytes() : 0);
      cache.grow(bytes - entry.bytes);
      entry.bytes = bytes;
    }

    void remove(K key) throws Exception {
      Entry<V> removed = entries.remove(key);
      if (removed != null) {
        cache.grow(-removed.bytes);
      }
      if (unread != null) {
        unread.remove(key);
      }
      lastKey = null;
      state.remove(key);
    }

    List<K> keys() throws Exception {
      if (unread == null) {
        unread = new HashSet<>();
        for (K key : state.keys()) {
          if (!entries.containsKey(key)) {
            unread.add(key);
          }
        }
      }
      List<K> keys = new ArrayList<>(entries.keySet());
      keys.addAll(unread);
      return keys;
    }

    @Override
    public void writeBack() throws Exception {
      for (Map.Entry<K, Entry<V>> entry : entries.entrySet()) {
        if (entry.getValue().changed) {
          state.put(entry.getKey(), entry.getValue().value);
        }
      }
    }
  }

  @SuppressWarnings("unchecked") // What is held there was put there below.
  private Entries held() {
    Entries held = (Entries) cache.held(index);
    if (held == null) {
      held = new Entries();
      cache.hold(index, held);
    }
    return held;
  }

  @Override
  public V get(K key) throws Exception {
    Entry<V> entry = held().find(key);
    return entry == null ? null : entry.value;
  }

  @Override
  public void put(K key, V value) throws Exception {
    Entries held = held();
    Entry<V> entry = held.find(key);
    if (entry == null) {
      entry = held.add(key);
    }
    held.set(entry, value);
    entry.changed = true;
  }

  @Override
  public void putAll(Map<K, V> entries) throws Exception {
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      put(entry.getKey(), entry.getValue());
    }
  }

  @Override
  public void remove(K key) throws Exception {
    held().remove(key);
  }

  @Override
  public boolean contains(K key) throws Exception {
    return get(key) != null;
  }

  @Override
  public Iterable<K> keys() throws Exception {
    return held().keys();
  }

  @Override
  public Iterable<Map.Entry<K, V>> entries() throws Exception {
    return all().entrySet();
  }

  @Override
  public Iterable<V> values() throws Exception {
    return all().values();
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() throws Exception {
    return entries().iterator();
  }

  private Map<K, V> all() throws Exception {
    Map<K, V> all = new LinkedHashMap<>();
    for (K key : keys()) {
      all.put(key, get(key));
    }
    return Collections.unmodifiableMap(all);
  }

  @Override
  public boolean isEmpty() throws Exception {
    return !keys().iterator().hasNext();
  }

  @Override
  public void clear() {
    Entries held = held();
    held.entries.values().forEach(entry -> cache.grow(-entry.bytes));
    state.clear();
    cache.hold(index, new Entries());
  }
}

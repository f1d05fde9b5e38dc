package io.candlestream.metrics;

import io.candlestream.state.Types;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * Counters that are kept in operator state: they count each tick once, over restarts and changes of
 * parallelism, so that the sums over all subtasks add up.
 */
public final class DurableCounters {

  /** The metric group of everything that candlestream measures. */
  public static final String GROUP = "candlestream";

  /** One counter in a checkpoint. */
  public record Saved(String name, long count) {}

  private final MetricGroup metrics;
  private final ListState<Saved> state;
  private final Map<String, Long> restored = new HashMap<>();
  private final Map<String, Counter> counters = new LinkedHashMap<>();

  private DurableCounters(MetricGroup metrics, ListState<Saved> state) {
    this.metrics = metrics;
    this.state = state;
  }

  /** To be called in {@code initializeState}. */
  public static DurableCounters restore(
      RuntimeContext runtime, FunctionInitializationContext context) throws Exception {
    ListState<Saved> state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("counters", Types.of(Saved.class)));
    DurableCounters counters = new DurableCounters(runtime.getMetricGroup().addGroup(GROUP), state);
    for (Saved saved : state.get()) {
      counters.restored.merge(saved.name(), saved.count(), Long::sum);
    }
    return counters;
  }

  /** To be called in {@code snapshotState}. */
  public void save() throws Exception {
    Map<String, Long> counts = new LinkedHashMap<>(restored);
    counters.forEach((name, counter) -> counts.put(name, counter.getCount()));
    state.clear();
    for (Map.Entry<String, Long> count : counts.entrySet()) {
      state.add(new Saved(count.getKey(), count.getValue()));
    }
  }

  public Counter counter(String name) {
    return register(name, metrics.counter(name));
  }

  /** One of several counters of a name, told apart by a label such as {@code reason=LATE}. */
  public Counter counter(String name, String label, String value) {
    return register(name + '.' + value, metrics.addGroup(label, value).counter(name));
  }

  /** A level rather than a count: what was added less what was taken away, shown as a gauge. */
  public Counter level(String name) {
    Counter level = new SimpleCounter();
    metrics.gauge(name, level::getCount);
    return register(name, level);
  }

  private Counter register(String key, Counter counter) {
    counter.inc(restored.getOrDefault(key, 0L));
    counters.put(key, counter);
    return counter;
  }
}

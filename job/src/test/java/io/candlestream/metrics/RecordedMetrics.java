package io.candlestream.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;

/** What one subtask measures, as a metrics reporter would see it. */
public final class RecordedMetrics {

  /** By name, and for labelled ones by {@code label.value.name}. */
  private final Map<String, Metric> metrics = new TreeMap<>();

  /** The group for a task whose operators' metrics are to be recorded here. */
  public TaskMetricGroup taskGroup() {
    TestingMetricRegistry registry =
        TestingMetricRegistry.builder().setRegisterConsumer(this::register).build();
    return TaskManagerMetricGroup.createTaskManagerMetricGroup(
            registry, "localhost", ResourceID.generate())
        .addJob(new JobID(), "job")
        .addTask(ExecutionAttemptID.randomId(), "task");
  }

  private void register(Metric metric, String name, AbstractMetricGroup<?> group) {
    List<String> scope = Arrays.asList(group.getScopeComponents());
    int own = scope.indexOf(DurableCounters.GROUP);
    if (own >= 0) {
      StringBuilder key = new StringBuilder();
      scope.subList(own + 1, scope.size()).forEach(part -> key.append(part).append('.'));
      metrics.put(key.append(name).toString(), metric);
    }
  }

  /** The value of a counter or a gauge of whole numbers. */
  public long value(String name) {
    Metric metric = metrics.get(name);
    if (metric instanceof Counter counter) {
      return counter.getCount();
    }
    if (metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number) {
      return number.longValue();
    }
    throw new AssertionError("no number " + name + " among " + metrics.keySet());
  }
}

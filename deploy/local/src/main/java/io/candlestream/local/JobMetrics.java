package io.candlestream.local;

import io.candlestream.market.Input;
import io.candlestream.metrics.DurableCounters;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * The job's counters, read inside the process in which it runs: exact at any moment, and still
 * there when the job has ended.
 *
 * <p>Counters of events and candles are part of the job's state: after a restart they go on from
 * their restored value, so that only the newest of each subtask counts. Counters of rows begin anew
 * with every writer and are summed. Of gauges, too, the newest of each subtask counts.
 */
public final class JobMetrics implements MetricReporter {

  private static final String NAME = "candlestream";
  private static final String REPORTER = "metrics.reporter." + NAME + '.';
  private static final String ID = "id";

  /** Flink makes the reporter itself: the way to ours leads over its configuration. */
  private static final Map<String, JobMetrics> BY_ID = new ConcurrentHashMap<>();

  /** Which subtask counts what; labels are the empty text where a counter has none. */
  private record Scope(String name, String operator, String subtask, String reason, String table) {
    boolean isOfTable() {
      return !table.isEmpty();
    }
  }

  private record RowCounter(Scope scope, Counter counter) {}

  private final Map<Scope, Counter> newest = new ConcurrentHashMap<>();
  private final Map<Scope, Gauge<?>> newestGauges = new ConcurrentHashMap<>();
  private final List<RowCounter> rowCounters = new CopyOnWriteArrayList<>();
  private volatile Gauge<?> restarts = () -> 0L;

  private JobMetrics() {}

  /** The counters of the jobs that will run under {@code configuration}, one after another. */
  public static JobMetrics reportedUnder(Configuration configuration) {
    JobMetrics metrics = new JobMetrics();
    String id = UUID.randomUUID().toString();
    BY_ID.put(id, metrics);
    configuration.setString(REPORTER + "factory.class", Factory.class.getName());
    configuration.setString(REPORTER + ID, id);
    // Those of a cluster are not on the path of this process.
    configuration.set(MetricOptions.REPORTERS_LIST, NAME);
    return metrics;
  }

  /** Begins anew: the next job may have other subtasks than those before it. */
  public void forget() {
    newest.clear();
    newestGauges.clear();
    rowCounters.clear();
    restarts = () -> 0L;
  }

  JobCounts counts() {
    Map<Input, JobCounts.Events> inputs = new EnumMap<>(Input.class);
    for (Input input : Input.values()) {
      if (newest.keySet().stream().anyMatch(scope -> scope.name().equals(accepted(input)))) {
        inputs.put(input, events(input));
      }
    }
    Map<String, JobCounts.Rows> tables =
        rowCounters.stream()
            .map(each -> each.scope().table())
            .distinct()
            .collect(
                Collectors.toMap(
                    table -> table,
                    table ->
                        new JobCounts.Rows(
                            rows("rowsWritten", table),
                            rows("rowsUnchanged", table),
                            rows("rowsRefused", table))));
    return new JobCounts(
        inputs,
        count("ticksBeforeStart"),
        count("recordsWithoutTrades"),
        count("candlesClosed"),
        count("candlesCorrected"),
        count("indicatorRowsRecomputed"),
        tables,
        ((Number) restarts.getValue()).longValue());
  }

  private JobCounts.Events events(Input input) {
    String rejected = input.word() + "Rejected";
    Map<String, Long> rejectedFor =
        newest.keySet().stream()
            .filter(scope -> scope.name().equals(rejected))
            .map(Scope::reason)
            .filter(reason -> !reason.isEmpty())
            .distinct()
            .collect(
                Collectors.toMap(
                    reason -> reason,
                    reason -> sum(rejected, scope -> scope.reason().equals(reason)),
                    Long::sum,
                    TreeMap::new));
    rejectedFor.values().removeIf(count -> count == 0);
    return new JobCounts.Events(
        count(accepted(input)), count(rejected), rejectedFor, count(input.word() + "Duplicate"));
  }

  private static String accepted(Input input) {
    return input.word() + "Accepted";
  }

  /** What of the files is still to be read; empty before the job has found them. */
  Optional<FilesLeft> filesLeft() {
    return newestGauges.keySet().stream().anyMatch(scope -> scope.name().equals("filesWaiting"))
        ? Optional.of(
            new FilesLeft(
                level("filesWaiting") + level("filesOpen"),
                level("bytesWaiting") + level("bytesOpen")))
        : Optional.empty();
  }

  private long level(String name) {
    return newestGauges.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name))
        .mapToLong(entry -> ((Number) entry.getValue().getValue()).longValue())
        .sum();
  }

  /** What a counter in the job's state shows, over all its subtasks. */
  public long count(String name) {
    return sum(name, scope -> scope.reason().isEmpty());
  }

  private long sum(String name, Predicate<Scope> wanted) {
    return newest.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name) && wanted.test(entry.getKey()))
        .mapToLong(entry -> entry.getValue().getCount())
        .sum();
  }

  private long rows(String name, String table) {
    ToLongFunction<RowCounter> count = each -> each.counter().getCount();
    return rowCounters.stream()
        .filter(each -> each.scope().name().equals(name) && each.scope().table().equals(table))
        .mapToLong(count)
        .sum();
  }

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    if (name.equals("numRestarts") && metric instanceof Gauge<?> gauge) {
      restarts = gauge;
    } else if (List.of(group.getScopeComponents()).contains(DurableCounters.GROUP)) {
      Scope scope = scope(name, group.getAllVariables());
      if (metric instanceof Gauge<?> gauge) {
        newestGauges.put(scope, gauge);
      } else if (metric instanceof Counter counter) {
        if (scope.isOfTable()) {
          rowCounters.add(new RowCounter(scope, counter));
        } else {
          newest.put(scope, counter);
        }
      }
    }
  }

  private static Scope scope(String name, Map<String, String> variables) {
    return new Scope(
        name,
        variables.getOrDefault("<operator_id>", ""),
        variables.getOrDefault("<subtask_index>", ""),
        variables.getOrDefault("<reason>", ""),
        variables.getOrDefault("<table>", ""));
  }

  /** A counter keeps its final value when its task has ended, and so do we. */
  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {}

  /** How Flink comes to the reporter that its configuration names. */
  public static final class Factory implements MetricReporterFactory {
    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      String id = properties.getProperty(ID);
      JobMetrics metrics = id == null ? null : BY_ID.remove(id);
      if (metrics == null) {
        throw new IllegalStateException("no counters wait for a reporter of id " + id);
      }
      return metrics;
    }
  }
}

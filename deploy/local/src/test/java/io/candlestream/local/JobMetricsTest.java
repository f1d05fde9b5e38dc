package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Input;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobMetricsTest {

  private JobMetrics metrics;
  private MetricReporter reporter;

  @BeforeEach
  void reporterAsFlinkMakesIt() {
    Configuration configuration = new Configuration();
    metrics = JobMetrics.reportedUnder(configuration);
    Properties properties = new Properties();
    properties.setProperty("id", configuration.toMap().get("metrics.reporter.candlestream.id"));
    reporter = new JobMetrics.Factory().createMetricReporter(properties);
  }

  @Test
  void restoredTickCountersReplaceThoseOfTheFailedAttempt() {
    added("ticksAccepted", 100, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    added("ticksAccepted", 50, Map.of("<operator_id>", "a", "<subtask_index>", "1"));
    // After a restart: from the checkpoint's values on.
    added("ticksAccepted", 80, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    added("ticksAccepted", 40, Map.of("<operator_id>", "a", "<subtask_index>", "1"));

    assertThat(ticks().accepted()).isEqualTo(120);
  }

  @Test
  void aJobOfFewerSubtasksCountsAlone() {
    added("ticksAccepted", 100, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    added("ticksAccepted", 50, Map.of("<operator_id>", "a", "<subtask_index>", "1"));
    added("rowsWritten", 5, Map.of("<subtask_index>", "1", "<table>", "market_data"));
    metrics.forget();
    added("ticksAccepted", 80, Map.of("<operator_id>", "a", "<subtask_index>", "0"));

    assertThat(ticks().accepted()).isEqualTo(80);
    assertThat(metrics.counts().tables()).isEmpty();
  }

  @Test
  void rowCountersOfAllAttemptsAddUpByTable() {
    added("rowsWritten", 5, Map.of("<subtask_index>", "0", "<table>", "market_data"));
    added("rowsWritten", 7, Map.of("<subtask_index>", "0", "<table>", "market_data"));
    added("rowsUnchanged", 2, Map.of("<subtask_index>", "0", "<table>", "market_data"));
    added("rowsRefused", 3, Map.of("<subtask_index>", "0", "<table>", "market_data"));
    added("rowsWritten", 1, Map.of("<subtask_index>", "0", "<table>", "rejected_ticks"));

    assertThat(metrics.counts().tables())
        .containsOnly(
            Map.entry("market_data", new JobCounts.Rows(12, 2, 3)),
            Map.entry("rejected_ticks", new JobCounts.Rows(1, 0, 0)));
  }

  @Test
  void rejectedTicksOfAllOperatorsAreTotalledApartFromTheirReasons() {
    added("ticksAccepted", 0, Map.of("<operator_id>", "drop"));
    added("ticksRejected", 9, Map.of("<operator_id>", "accept"));
    added("ticksRejected", 6, Map.of("<operator_id>", "accept", "<reason>", "STALE"));
    added("ticksRejected", 5, Map.of("<operator_id>", "accept", "<reason>", "MALFORMED"));
    added("ticksRejected", 0, Map.of("<operator_id>", "accept", "<reason>", "FUTURE"));
    added("ticksRejected", 3, Map.of("<operator_id>", "drop"));
    added("ticksRejected", 3, Map.of("<operator_id>", "drop", "<reason>", "LATE"));

    assertThat(ticks().rejected()).isEqualTo(12);
    assertThat(ticks().rejectedFor())
        .containsOnly(Map.entry("STALE", 6L), Map.entry("MALFORMED", 5L), Map.entry("LATE", 3L));
  }

  @Test
  void streamsAreCountedApartAndAreThereAsSoonAsTheyHaveCounters() {
    added("ticksAccepted", 100, Map.of("<operator_id>", "a"));
    added("fillsAccepted", 7, Map.of("<operator_id>", "b"));
    added("fillsDuplicate", 1, Map.of("<operator_id>", "b"));
    added("fillsRejected", 2, Map.of("<operator_id>", "c"));
    added("fillsRejected", 2, Map.of("<operator_id>", "c", "<reason>", "INVALID_FEE"));

    assertThat(metrics.counts().inputs())
        .containsOnly(
            Map.entry(Input.TICKS, new JobCounts.Events(100, 0, Map.of(), 0)),
            Map.entry(Input.FILLS, new JobCounts.Events(7, 2, Map.of("INVALID_FEE", 2L), 1)));
  }

  @Test
  void countersKeepTheirValueWhenTheirTaskHasEnded() {
    Map<String, String> scope = Map.of("<operator_id>", "a", "<subtask_index>", "0");
    added("ticksAccepted", 0, scope);
    Counter counter = added("ticksDuplicate", 8, scope);
    reporter.notifyOfRemovedMetric(counter, "ticksDuplicate", group("candlestream", scope));

    assertThat(ticks().duplicates()).isEqualTo(8);
  }

  @Test
  void metricsOfOthersDoNotCount() {
    Counter others = new SimpleCounter();
    others.inc(8);
    reporter.notifyOfAddedMetric(others, "ticksAccepted", group("others", Map.of()));

    assertThat(ticks().accepted()).isZero();
  }

  @Test
  void restartsAreTheJobsOwn() {
    Gauge<Long> restarts = () -> 2L;
    reporter.notifyOfAddedMetric(restarts, "numRestarts", group("jobmanager", Map.of()));

    assertThat(metrics.counts().restarts()).isEqualTo(2);
  }

  @Test
  void whatIsLeftOfFilesWaitsOrIsBegunByAReader() {
    level("bytesOpen", 30, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    level("filesOpen", 1, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    assertThat(metrics.filesLeft()).as("before the files are found").isEmpty();

    level("bytesWaiting", 500, Map.of("<operator_id>", "a"));
    level("filesWaiting", 4, Map.of("<operator_id>", "a"));
    level("bytesOpen", 7, Map.of("<operator_id>", "a", "<subtask_index>", "1"));
    level("filesOpen", 1, Map.of("<operator_id>", "a", "<subtask_index>", "1"));
    assertThat(metrics.filesLeft()).contains(new FilesLeft(6, 537));

    // After a restart the reader goes on with another file.
    level("bytesOpen", 100, Map.of("<operator_id>", "a", "<subtask_index>", "0"));
    assertThat(metrics.filesLeft()).contains(new FilesLeft(6, 607));
  }

  private JobCounts.Events ticks() {
    return metrics.counts().of(Input.TICKS);
  }

  private void level(String name, long value, Map<String, String> variables) {
    Gauge<Long> gauge = () -> value;
    reporter.notifyOfAddedMetric(gauge, name, group("candlestream", variables));
  }

  private Counter added(String name, long count, Map<String, String> variables) {
    Counter counter = new SimpleCounter();
    counter.inc(count);
    reporter.notifyOfAddedMetric(counter, name, group("candlestream", variables));
    return counter;
  }

  private static MetricGroup group(String name, Map<String, String> variables) {
    return new UnregisteredMetricsGroup() {
      @Override
      public String[] getScopeComponents() {
        return new String[] {"localhost", "taskmanager", name};
      }

      @Override
      public Map<String, String> getAllVariables() {
        return new HashMap<>(variables);
      }
    };
  }
}

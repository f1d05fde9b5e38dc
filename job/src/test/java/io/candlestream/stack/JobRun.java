package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;

/** One submission of the job, restarts included. */
final class JobRun {

  private final JobID id;
  private final MiniCluster cluster;
  private final InMemoryReporter metrics;

  JobRun(JobID id, MiniCluster cluster, InMemoryReporter metrics) {
    this.id = id;
    this.cluster = cluster;
    this.metrics = metrics;
  }

  private record Subtask(String operator, String index) {}

  private record Attempt(int number, long count) {}

  /** Waits for the end of a job whose input ends; fails with the job's error if it fails. */
  void awaitEnd() throws Exception {
    JobResult result = cluster.requestJobResult(id).get();
    if (result.getSerializedThrowable().isPresent()) {
      throw new AssertionError(
          "the job failed",
          result.getSerializedThrowable().get().deserializeError(getClass().getClassLoader()));
    }
  }

  /** What a job says whose input has ended. */
  JobExecutionResult result() throws Exception {
    awaitEnd();
    return cluster.requestJobResult(id).get().toJobExecutionResult(getClass().getClassLoader());
  }

  /** Waits for something that this job will do; gives up when the job has ended before. */
  void eventually(Eventually.Assertions assertions) throws Exception {
    Eventually.holds(
        () -> {
          if (status().isTerminalState()) {
            awaitEnd();
          }
          assertions.check();
        });
  }

  /** Waits until every subtask runs, or has ended: a savepoint before would be refused. */
  void awaitRunning() throws Exception {
    eventually(
        () -> {
          for (AccessExecutionVertex subtask :
              cluster.getExecutionGraph(id).get().getAllExecutionVertices()) {
            assertThat(subtask.getExecutionState())
                .as(subtask.getTaskNameWithSubtaskIndex())
                .isIn(ExecutionState.RUNNING, ExecutionState.FINISHED);
          }
        });
  }

  JobStatus status() throws Exception {
    return cluster.getJobStatus(id).get();
  }

  /** How often the job was started again after a failure. */
  int restarts() throws Exception {
    int restarts = 0;
    for (AccessExecutionVertex subtask :
        cluster.getExecutionGraph(id).get().getAllExecutionVertices()) {
      restarts = Math.max(restarts, subtask.getCurrentExecutionAttempt().getAttemptNumber());
    }
    return restarts;
  }

  /** Takes a checkpoint, and returns when it is complete. */
  void checkpoint() throws Exception {
    cluster.triggerCheckpoint(id, CheckpointType.CONFIGURED).get();
  }

  /** Stops the job where it is, as for an upgrade; returns where its state lies. */
  String stopWithSavepoint() throws Exception {
    awaitRunning();
    return cluster.stopWithSavepoint(id, null, false, SavepointFormatType.CANONICAL).get();
  }

  /** Ends a job whose input does not end, as if it did: everything that is open closes. */
  void drain() throws Exception {
    awaitRunning();
    cluster.stopWithSavepoint(id, null, true, SavepointFormatType.CANONICAL).get();
    awaitEnd();
  }

  /** Cancels the job if it has not ended, and waits until it has. */
  void cancel() throws Exception {
    if (!status().isTerminalState()) {
      cluster.cancelJob(id).get();
      cluster.requestJobResult(id).get();
    }
  }

  /**
   * What a counter in the job's state shows, which goes on counting after a restart; the sum over
   * all operators that have it.
   */
  long count(String counter) {
    return sumOfLatestAttempts(counter, variables -> true);
  }

  private long sumOfLatestAttempts(String counter, Predicate<Map<String, String>> which) {
    Map<Subtask, Attempt> latest = new HashMap<>();
    forEach(
        counter,
        (variables, metric) -> {
          if (which.test(variables)) {
            Subtask subtask =
                new Subtask(variables.get("<operator_name>"), variables.get("<subtask_index>"));
            Attempt attempt =
                new Attempt(
                    Integer.parseInt(variables.get("<task_attempt_num>")),
                    ((Counter) metric).getCount());
            latest.merge(subtask, attempt, (a, b) -> a.number > b.number ? a : b);
          }
        });
    assertThat(latest).as("operators with a counter " + counter).isNotEmpty();
    return latest.values().stream().mapToLong(Attempt::count).sum();
  }

  /** What the writers of a table have counted, over all restarts. */
  long rows(String counter, String table) {
    long[] sum = {0};
    forEach(
        counter,
        (variables, metric) ->
            sum[0] += variables.get("<table>").equals(table) ? ((Counter) metric).getCount() : 0);
    return sum[0];
  }

  /** How many records the source has read since the job was last started or restarted. */
  long recordsReadInLatestAttempt() {
    return sumOfLatestAttempts(
        "numRecordsOut",
        variables -> "Source: read-ticks".equals(variables.get("<operator_name>")));
  }

  /** Whether a source has been told to read this many partitions by now. */
  boolean reads(int partitions) {
    int[] known = {0};
    forEach("currentOffset", (variables, metric) -> known[0]++);
    return known[0] == partitions;
  }

  private interface Visitor {
    void visit(Map<String, String> variables, Metric metric);
  }

  /** Counters that are kept per reason are left out: they are part of the one without a reason. */
  private void forEach(String name, Visitor visitor) {
    synchronized (metrics) {
      for (Map.Entry<MetricGroup, Map<String, Metric>> group :
          metrics.getMetricsByGroup().entrySet()) {
        Map<String, String> variables = group.getKey().getAllVariables();
        Metric metric = group.getValue().get(name);
        if (metric != null
            && id.toString().equals(variables.get("<job_id>"))
            && !variables.containsKey("<reason>")) {
          visitor.visit(variables, metric);
        }
      }
    }
  }
}

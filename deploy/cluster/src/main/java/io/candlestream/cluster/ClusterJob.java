package io.candlestream.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A job on a cluster, as its REST interface shows it. */
final class ClusterJob {

  /** The JobManager answers others, too, and has no news more often. */
  static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** The status of a job whose input has ended, or that was stopped with a savepoint. */
  static final Optional<String> FINISHED = Optional.of("FINISHED");

  /** Flink's words for jobs that do not come back. */
  static final Set<String> ENDED = Set.of("FINISHED", "CANCELED", "FAILED");

  private final FlinkRest cluster;
  private final String id;

  ClusterJob(FlinkRest cluster, String id) {
    this.cluster = cluster;
    this.id = id;
  }

  /** The jobs of a cluster that have not ended: Flink's word for what each does, by its id. */
  static Map<String, String> live(FlinkRest cluster) throws IOException, InterruptedException {
    Map<String, String> live = new LinkedHashMap<>();
    for (JsonNode job : cluster.get("/jobs").path("jobs")) {
      String status = job.path("status").asText();
      if (!ENDED.contains(status)) {
        live.put(job.path("id").asText(), status);
      }
    }
    return live;
  }

  String id() {
    return id;
  }

  /** Flink's word for what it does; empty if the cluster does not know the job. */
  Optional<String> status() throws IOException, InterruptedException {
    return ask("").map(job -> job.path("state").asText());
  }

  boolean hasEnded() throws IOException, InterruptedException {
    return status().filter(ENDED::contains).isPresent();
  }

  /** Whether every task runs. */
  boolean runs() throws IOException, InterruptedException {
    Optional<JsonNode> job = ask("");
    if (job.isEmpty() || !job.get().path("state").asText().equals("RUNNING")) {
      return false;
    }
    for (JsonNode vertex : job.get().path("vertices")) {
      if (vertex.path("tasks").path("RUNNING").asInt() != vertex.path("parallelism").asInt()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Submits it, unless the cluster has it already: a client that an interrupted program has left
   * behind may come first.
   *
   * @param deployment of this job
   * @throws SubmitException with what is wrong
   */
  void submit(Deployment deployment, FlinkClient client) throws IOException, InterruptedException {
    if (status().isPresent()) {
      return;
    }
    try {
      client.submit(deployment);
    } catch (SubmitException refused) {
      // The client waits until the job has begun, and knows best why one has not.
      if (status().isEmpty() || hasEnded()) {
        throw refused;
      }
    }
  }

  /**
   * Asks for the job to be stopped with a savepoint. To ask again under the same trigger changes
   * nothing.
   *
   * @param directory below which the savepoint goes
   */
  void stop(String trigger, String directory) throws IOException, InterruptedException {
    cluster.post(
        path("/stop"),
        Map.of(
            "triggerId",
            trigger,
            "targetDirectory",
            directory,
            "drain",
            false,
            // Read by every state backend.
            "formatType",
            "CANONICAL"));
  }

  /**
   * What became of the savepoint that was asked for.
   *
   * @param isKnown whether the cluster remembers that it was asked
   * @param isOver whether it has succeeded or failed
   * @param location where it is, if it has succeeded
   * @param failure why it has not, if it has failed
   */
  record Savepoint(
      boolean isKnown, boolean isOver, Optional<String> location, Optional<String> failure) {}

  Savepoint savepoint(String trigger) throws IOException, InterruptedException {
    Optional<JsonNode> answer = ask("/savepoints/" + trigger);
    JsonNode operation = answer.map(all -> all.path("operation")).orElse(null);
    return operation == null
        ? new Savepoint(false, false, Optional.empty(), Optional.empty())
        : new Savepoint(
            true,
            answer.get().path("status").path("id").asText().equals("COMPLETED"),
            text(operation.path("location")),
            text(operation.path("failure-cause").path("stack-trace")).map(ClusterJob::rootCause));
  }

  /** Its newest complete savepoint, for as long as the cluster knows it. */
  Optional<String> lastSavepoint() throws IOException, InterruptedException {
    return newest("savepoint");
  }

  /** Where a job that has ended can go on from, with the least to do again. */
  Optional<String> lastState() throws IOException, InterruptedException {
    Optional<String> savepoint = lastSavepoint();
    // What was stopped with a savepoint has none newer; else it may be of long before.
    return status().equals(FINISHED) && savepoint.isPresent() ? savepoint : newest("completed");
  }

  private Optional<String> newest(String kind) throws IOException, InterruptedException {
    return checkpoints().flatMap(all -> text(all.path("latest").path(kind).path("external_path")));
  }

  /** How many checkpoints are complete; each means that all ticks before it are in the database. */
  int completedCheckpoints() throws IOException, InterruptedException {
    return checkpoints().map(all -> all.path("counts").path("completed").asInt()).orElse(0);
  }

  /** Asks for a checkpoint before the next one is due. */
  void checkpoint() throws IOException, InterruptedException {
    cluster.post(path("/checkpoints"), Map.of("checkpointType", "CONFIGURED"));
  }

  void cancel() throws IOException, InterruptedException {
    cluster.patch(path("?mode=cancel"));
  }

  /** Why it failed last, in a line; empty if it never has. */
  Optional<String> lastFailure() throws IOException, InterruptedException {
    return ask("/exceptions?maxExceptions=1")
        .flatMap(
            all -> text(all.path("exceptionHistory").path("entries").path(0).path("stacktrace")))
        .map(ClusterJob::rootCause);
  }

  private Optional<JsonNode> checkpoints() throws IOException, InterruptedException {
    return ask("/checkpoints");
  }

  private Optional<JsonNode> ask(String what) throws IOException, InterruptedException {
    try {
      return Optional.of(cluster.get(path(what)));
    } catch (FlinkRest.Refused refused) {
      if (refused.isUnknown()) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  private String path(String what) {
    return "/jobs/" + id + what;
  }

  private static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
  }

  /** The last cause that a stack trace names. */
  private static String rootCause(String stackTrace) {
    return stackTrace
        .lines()
        .filter(line -> line.startsWith("Caused by: "))
        .reduce((first, second) -> second)
        .or(() -> stackTrace.lines().findFirst())
        .map(line -> line.replaceFirst("^Caused by: ", ""))
        .orElse("");
  }
}

package io.candlestream.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * A job that was submitted, and all it takes to submit it again.
 *
 * @param job its id
 * @param cluster where, such as {@code http://localhost:8081}
 * @param jar what was submitted: the name of the copy that is kept
 * @param config its configuration, likewise
 * @param sets overrides of its configuration, as {@code key.path=value}
 * @param flink overrides of Flink's configuration
 * @param savepoint where it went on from; null for a job that began without state
 * @param ignoresUnclaimedState whether state that the job has no use for may be dropped
 */
record Deployment(
    @JsonProperty("job") String job,
    @JsonProperty("cluster") String cluster,
    @JsonProperty("jar") String jar,
    @JsonProperty("config") String config,
    @JsonProperty("sets") List<String> sets,
    @JsonProperty("flink") Map<String, String> flink,
    @JsonProperty("savepoint") String savepoint,
    @JsonProperty("ignores-unclaimed-state") boolean ignoresUnclaimedState) {

  Deployment {
    sets = List.copyOf(sets);
    flink = Map.copyOf(flink);
  }

  /** Whether it reads and writes the same, if maybe by another version. */
  boolean hasConfigurationOf(Deployment other) {
    return config.equals(other.config) && sets.equals(other.sets);
  }

  /** Whether it is the same program with the same settings, wherever they begin. */
  boolean doesTheSameAs(Deployment other) {
    return jar.equals(other.jar) && hasConfigurationOf(other) && flink.equals(other.flink);
  }

  /** The same program from another place, as another job. */
  Deployment again(String otherJob, String otherSavepoint) {
    return new Deployment(
        otherJob, cluster, jar, config, sets, flink, otherSavepoint, ignoresUnclaimedState);
  }
}

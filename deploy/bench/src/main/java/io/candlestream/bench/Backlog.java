package io.candlestream.bench;

import io.candlestream.config.JobConfig;
import io.candlestream.local.EmbeddedFlink;
import io.candlestream.local.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;

/** How a job is configured that reads a topic of old ticks to its end, as fast as it goes. */
public final class Backlog {

  private Backlog() {}

  /**
   * The job's configuration.
   *
   * @param more settings, as {@code key=value}
   */
  public static JobConfig config(String brokers, String topic, List<String> more) {
    List<String> settings = new ArrayList<>();
    settings.add("source.kafka.bootstrap-servers=" + brokers);
    settings.add("source.kafka.topics=" + topic);
    settings.add("source.kafka.start=earliest");
    settings.add("source.kafka.stop=latest");
    settings.add("validation.max-age=0");
    settings.addAll(more);
    return JobConfig.of(settings);
  }

  /**
   * Flink's, as it is delivered; but a failure ends the job.
   *
   * @param directory for checkpoints, and all else that Flink writes
   * @param more laid over it
   */
  public static Configuration flink(Path directory, Map<String, String> more) {
    Map<String, String> overrides = new HashMap<>();
    overrides.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    overrides.put("io.tmp.dirs", directory.resolve("flink").toString());
    overrides.put("web.upload.dir", directory.resolve("flink").toString());
    // Any: of two processes that begin at once, each would find the same one free.
    overrides.put("rest.port", "0");
    overrides.put("restart-strategy.type", "none");
    overrides.putAll(more);
    return EmbeddedFlink.configuration(Program.flinkConfiguration(), overrides);
  }
}

package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.servers.Jdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process of a cluster logs with the configuration for production. */
class JsonLogsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  @Test
  void everyLineOfAJobManagerThatFailsToStartIsAnObjectWithItsStackTraceInside() throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String line : logOfAJobManager("jobmanager.rpc.bind-port=none")) {
      JsonNode event = JSON.readTree(line);
      assertThat(event.isObject()).as(line).isTrue();
      assertThat(List.of("@timestamp", "log.level", "message", "log.logger", "process.thread.name"))
          .as(line)
          .allMatch(event::hasNonNull);
      events.add(event);
    }

    assertThat(events).hasSizeGreaterThan(10);
    JsonNode last = events.get(events.size() - 1);
    assertThat(last.get("log.level").asText()).isEqualTo("ERROR");
    assertThat(last.get("message").asText()).startsWith("Could not start cluster entrypoint");
    assertThat(last.get("error.stack_trace").asText())
        .contains("\n\tat ", "Caused by: ", "'none' for key 'jobmanager.rpc.bind-port'");
  }

  /** All that it says until it ends. */
  private List<String> logOfAJobManager(String setting) throws Exception {
    Path flink = Program.flinkConfiguration();
    List<String> command =
        Jdk.command(
            StandaloneSessionClusterEntrypoint.class,
            "-Dlog4j.configurationFile=" + flink.resolve("log4j-console.properties"));
    command.addAll(List.of("--configDir", flink.toString(), "-D", setting));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor()).isNotZero();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(output);
  }
}

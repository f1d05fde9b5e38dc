package io.candlestream.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.time.MutableInstant;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

class LogFormatTest {

  private static final Path FILE = FlinkConfiguration.DIRECTORY.resolve("log4j-console.properties");

  @Test
  void aLogEventIsOneLineOfJson() throws JsonProcessingException {
    MutableInstant time = new MutableInstant();
    time.initFromEpochMilli(Instant.parse("2024-08-08T22:31:00.123Z").toEpochMilli(), 0);
    String line =
        written(
            Log4jLogEvent.newBuilder()
                .setInstant(time)
                .setLevel(Level.WARN)
                .setLoggerName("io.candlestream.sink.UpsertWriter")
                .setThreadName("sink \"market_data\"")
                .setMessage(new SimpleMessage("two\nlines, a \"quote\", a \\ and a tab\t"))
                .build());

    assertThat(line).endsWith("}\n").containsOnlyOnce("\n");
    assertThat(parsed(line))
        .isEqualTo(
            Map.of(
                "@timestamp", "2024-08-08T22:31:00.123Z",
                "log.level", "WARN",
                "log.logger", "io.candlestream.sink.UpsertWriter",
                "process.thread.name", "sink \"market_data\"",
                "message", "two\nlines, a \"quote\", a \\ and a tab\t",
                "error.stack_trace", ""));
  }

  @Test
  void anExceptionIsInItsLine() throws JsonProcessingException {
    Exception failure = new IllegalStateException("no \"password\"", new RuntimeException("why"));
    String line =
        written(
            Log4jLogEvent.newBuilder()
                .setLevel(Level.ERROR)
                .setLoggerName("a")
                .setThreadName("b")
                .setMessage(new SimpleMessage("c"))
                .setThrown(failure)
                .build());

    assertThat(line).containsOnlyOnce("\n");
    assertThat(parsed(line).get("error.stack_trace"))
        .startsWith(" java.lang.IllegalStateException: no \"password\"")
        .contains("\tat ", "Caused by: java.lang.RuntimeException: why");
  }

  private static String written(Log4jLogEvent event) {
    try (LoggerContext context = new LoggerContext("containers", null, FILE.toUri())) {
      context.start();
      Layout<?> layout = context.getConfiguration().getAppender("console").getLayout();
      return new String(layout.toByteArray(event), StandardCharsets.UTF_8);
    }
  }

  private static Map<String, String> parsed(String line) throws JsonProcessingException {
    return new ObjectMapper().readValue(line, new TypeReference<>() {});
  }
}

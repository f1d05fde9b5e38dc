package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alert rules: promtool takes them, they do what their own tests say, and people find help. */
class AlertRulesTest {

  private static final Path DIRECTORY = Path.of("..", "deploy", "prometheus");
  private static final Path README = Path.of("..", "README.md");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check rules alerts.yml",
        "check config prometheus.yml",
        "check config prometheus-compose.yml",
        "test rules alerts.test.yml"
      })
  void promtoolHasNothingToSay(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(PrometheusServer.require("promtool")));
    command.addAll(List.of(arguments.split(" ")));
    Process promtool =
        new ProcessBuilder(command).directory(DIRECTORY.toFile()).redirectErrorStream(true).start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(promtool.waitFor()).as(said).isZero();
    assertThat(said).contains("SUCCESS");
  }

  @Test
  void everyAlertIsTestedToFireAndToBeQuiet() throws IOException {
    Map<String, Set<String>> tested = new TreeMap<>();
    for (JsonNode test :
        YAML.readTree(DIRECTORY.resolve("alerts.test.yml").toFile()).get("tests")) {
      for (JsonNode moment : test.get("alert_rule_test")) {
        tested
            .computeIfAbsent(moment.get("alertname").asText(), name -> new TreeSet<>())
            .add(moment.get("exp_alerts").isEmpty() ? "quiet" : "fires");
      }
    }

    assertThat(tested.keySet())
        .containsExactlyInAnyOrderElementsOf(
            alerts().stream().map(alert -> alert.get("alert").asText()).toList());
    assertThat(tested.values()).allMatch(Set.of("fires", "quiet")::equals);
  }

  @Test
  void everyAlertSaysHowBadItIsAndWhatToDo() throws IOException {
    List<String> headings =
        Files.readAllLines(README).stream().filter(line -> line.startsWith("### ")).toList();
    for (JsonNode alert : alerts()) {
      String name = alert.get("alert").asText();
      String words = name.replaceAll("(?<=.)([A-Z])", " $1").toLowerCase(Locale.ROOT);
      assertThat(alert.get("labels").get("severity").asText()).isIn("warning", "critical");
      assertThat(alert.get("annotations").get("summary").asText()).as(name).isNotBlank();
      assertThat(alert.get("annotations").get("description").asText()).as(name).isNotBlank();
      assertThat(alert.get("annotations").get("runbook").asText())
          .isEqualTo("README.md#alert-" + words.replace(' ', '-'));
      assertThat(headings).contains("### Alert: " + words);
    }
  }

  private static List<JsonNode> alerts() throws IOException {
    List<JsonNode> alerts = new ArrayList<>();
    for (JsonNode group : YAML.readTree(DIRECTORY.resolve("alerts.yml").toFile()).get("groups")) {
      group.get("rules").forEach(alerts::add);
    }
    return alerts;
  }
}

package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Grafana is given, as far as it can be told without one. */
class DashboardTest {

  private static final Path DATASOURCES =
      Dashboard.DIRECTORY.resolveSibling("provisioning/datasources/candlestream.yml");

  @ParameterizedTest
  @CsvSource({
    "pipeline.json, candlestream-prometheus",
    "market.json, candlestream-database",
  })
  void everyPanelIsDescribedAndAsksASourceThatIsProvisioned(String name, String source)
      throws IOException {
    List<Dashboard.Panel> panels = Dashboard.load(name).panels();

    assertThat(panels).hasSizeGreaterThan(10);
    assertThat(panels).allMatch(panel -> !panel.description().isBlank());
    assertThat(panels).allMatch(panel -> !panel.queries().isEmpty());
    assertThat(panels).extracting(Dashboard.Panel::datasource).containsOnly(source);
    assertThat(datasources()).extracting(one -> one.get("uid").asText()).contains(source);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline.json", "market.json"})
  void noPanelCoversAnother(String name) throws IOException {
    boolean[][] taken = new boolean[200][24];
    for (JsonNode panel :
        new ObjectMapper().readTree(Dashboard.DIRECTORY.resolve(name).toFile()).get("panels")) {
      JsonNode at = panel.get("gridPos");
      for (int y = at.get("y").asInt(); y < at.get("y").asInt() + at.get("h").asInt(); y++) {
        for (int x = at.get("x").asInt(); x < at.get("x").asInt() + at.get("w").asInt(); x++) {
          assertThat(taken[y][x]).as("%s at %d, %d", panel.get("title"), x, y).isFalse();
          taken[y][x] = true;
        }
      }
    }
  }

  @Test
  void whereAndAsWhomGrafanaAsksIsInItsEnvironment() throws IOException {
    List<String> settings = new ArrayList<>();
    for (JsonNode source : datasources()) {
      settings.add(source.get("url").asText());
      settings.add(source.path("user").asText("${none}"));
      settings.add(source.path("secureJsonData").path("password").asText("${none}"));
      settings.add(source.path("jsonData").path("database").asText("${none}"));
    }

    assertThat(settings).hasSize(8).allMatch(value -> value.matches("\\$\\{\\w+}"));
  }

  private static List<JsonNode> datasources() throws IOException {
    List<JsonNode> sources = new ArrayList<>();
    new ObjectMapper(new YAMLFactory())
        .readTree(DATASOURCES.toFile())
        .get("datasources")
        .forEach(sources::add);
    return sources;
  }
}

package io.candlestream.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A dashboard of the project, as far as it asks for something. */
record Dashboard(List<Variable> variables, List<Panel> panels) {

  static final Path DIRECTORY = Path.of("..", "deploy", "grafana", "dashboards");

  /** What one can choose on it, if the choice is asked for. */
  record Variable(String name, String query) {}

  /**
   * A panel.
   *
   * @param datasource the uid
   * @param queries what it shows, in PromQL or SQL
   * @param format of the answer, for SQL
   * @param fields the columns that it takes by their names
   */
  record Panel(
      String title,
      String type,
      String description,
      String datasource,
      List<String> queries,
      String format,
      List<String> fields) {}

  static Dashboard load(String name) throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(DIRECTORY.resolve(name).toFile());
    List<Variable> variables = new ArrayList<>();
    for (JsonNode variable : dashboard.get("templating").get("list")) {
      if (variable.get("type").asText().equals("query")) {
        JsonNode query = variable.get("query");
        variables.add(
            new Variable(
                variable.get("name").asText(),
                query.isTextual() ? query.asText() : query.get("query").asText()));
      }
    }
    List<Panel> panels = new ArrayList<>();
    for (JsonNode panel : dashboard.get("panels")) {
      if (!panel.get("type").asText().equals("row")) {
        panels.add(panel(panel));
      }
    }
    return new Dashboard(variables, panels);
  }

  private static Panel panel(JsonNode panel) {
    List<String> queries = new ArrayList<>();
    String format = "";
    for (JsonNode target : panel.get("targets")) {
      queries.add(target.has("expr") ? target.get("expr").asText() : target.get("rawSql").asText());
      format = target.path("format").asText();
    }
    return new Panel(
        panel.get("title").asText(),
        panel.get("type").asText(),
        panel.path("description").asText(),
        panel.get("datasource").get("uid").asText(),
        queries,
        format,
        StreamSupport.stream(panel.path("options").path("fields").spliterator(), false)
            .map(JsonNode::asText)
            .toList());
  }

  /**
   * A query as Grafana sends it.
   *
   * @param values what stands for each of Grafana's macros and the dashboard's variables
   * @throws IllegalArgumentException if it uses others
   */
  static String filledIn(String query, Map<String, String> values) {
    String filled = query;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace(value.getKey(), value.getValue());
    }
    if (filled.contains("$")) {
      throw new IllegalArgumentException("no value for a variable of: " + filled);
    }
    return filled;
  }
}

package io.candlestream.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What was measured, for people and for programs.
 *
 * @param name the key in JSON
 * @param title the line above it in print
 */
public record Table(String name, String title, List<Column> columns, List<List<Object>> rows) {

  /**
   * @param name the key in JSON
   * @param head in print, with the unit
   */
  public record Column(String name, String head) {}

  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "%s has %d columns, a row of it %d".formatted(name, columns.size(), row.size()));
      }
    }
  }

  /** Numbers to the right, text to the left. */
  public void print(PrintWriter out) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Column::head).toList());
    rows.forEach(row -> lines.add(row.stream().map(Table::text).toList()));
    out.println(title);
    for (List<String> line : lines) {
      StringBuilder printed = new StringBuilder();
      for (int column = 0; column < columns.size(); column++) {
        String layout = "  %" + (isNumber(column) ? "" : "-") + width(lines, column) + "s";
        printed.append(layout.formatted(line.get(column)));
      }
      out.println(printed.toString().stripTrailing());
    }
    out.println();
    out.flush();
  }

  public ArrayNode json() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (List<Object> row : rows) {
      ObjectNode object = array.addObject();
      for (int column = 0; column < columns.size(); column++) {
        object.putPOJO(columns.get(column).name(), row.get(column));
      }
    }
    return array;
  }

  private boolean isNumber(int column) {
    return !rows.isEmpty() && rows.get(0).get(column) instanceof Number;
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(1);
  }

  private static String text(Object value) {
    if (value instanceof Long) {
      return String.format(Locale.ROOT, "%,d", value);
    }
    return value instanceof Double ? String.format(Locale.ROOT, "%,.2f", value) : value.toString();
  }
}

package io.candlestream.local.ticks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The fields of a JSON object, of a record rare enough to be made of strings. */
final class Fields {
  static final Fields NONE = new Fields(Map.of());

  /** JSON text of each field's value, in the order in which they are written. */
  private final Map<String, String> values;

  private Fields(Map<String, String> values) {
    this.values = values;
  }

  /**
   * These with a field in the place it has, or at the end.
   *
   * @param json text of its value; null leaves the field out
   */
  Fields with(String name, String json) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    if (json == null) {
      changed.remove(name);
    } else {
      changed.put(name, json);
    }
    return new Fields(changed);
  }

  /** The same, of a value that is a string without anything to escape. */
  Fields withText(String name, String text) {
    return with(name, '"' + text + '"');
  }

  /** The text of a field that is a string. */
  String text(String name) {
    String json = values.get(name);
    return json.substring(1, json.length() - 1);
  }

  /** Each character as one byte: only ASCII is UTF-8, too. */
  byte[] toJson() {
    return values.entrySet().stream()
        .map(field -> '"' + field.getKey() + "\":" + field.getValue())
        .collect(Collectors.joining(",", "{", "}"))
        .getBytes(ISO_8859_1);
  }
}

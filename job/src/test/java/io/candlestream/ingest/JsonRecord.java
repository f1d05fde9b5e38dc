package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A record of one JSON object, to be varied by tests.
 *
 * @param fields the JSON text of each field
 * @param repeated further members, which may repeat a name
 */
record JsonRecord(Map<String, String> fields, String repeated) {

  static final JsonRecord EMPTY = new JsonRecord(Map.of(), "");

  JsonRecord with(String name, String json) {
    Map<String, String> changed = new LinkedHashMap<>(fields);
    changed.put(name, json);
    return new JsonRecord(changed, repeated);
  }

  JsonRecord withText(String name, String text) {
    return with(name, "\"" + text + "\"");
  }

  JsonRecord without(String name) {
    Map<String, String> changed = new LinkedHashMap<>(fields);
    changed.remove(name);
    return new JsonRecord(changed, repeated);
  }

  /** With one more member, whether there is one of this name or not. */
  JsonRecord and(String name, String json) {
    return new JsonRecord(fields, repeated + ",\"" + name + "\":" + json);
  }

  String json() {
    StringBuilder json = new StringBuilder();
    fields.forEach(
        (name, value) ->
            json.append(json.isEmpty() ? "{\"" : ",\"").append(name).append("\":").append(value));
    return json.append(repeated).append('}').toString();
  }

  byte[] bytes() {
    return json().getBytes(UTF_8);
  }
}

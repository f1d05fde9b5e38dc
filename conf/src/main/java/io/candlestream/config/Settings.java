package io.candlestream.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The value of every key: the defaults, with a file and then single settings laid over them. The
 * defaults, {@code job.yaml}, also say which keys there are. One whose default is <code>{}</code>
 * is a free map: its entries have names of their own.
 */
final class Settings {

  /** The path of the whole document. */
  private static final String ROOT = "";

  private final Map<String, JsonNode> values = new LinkedHashMap<>();
  private final Set<String> freeMaps = new LinkedHashSet<>();
  private final Map<String, List<String>> sections = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  /** The defaults. */
  Settings() {
    try (InputStream defaults = Settings.class.getResourceAsStream("job.yaml")) {
      String text = new String(defaults.readAllBytes(), StandardCharsets.UTF_8);
      declare(ROOT, Yaml.read(text, line -> "job.yaml:" + line, problems));
    } catch (IOException e) {
      throw new UncheckedIOException("the defaults, job.yaml, cannot be read from the jar", e);
    }
  }

  /** Lays a file over what is there. */
  void layFile(Path file) {
    JsonNode root = Yaml.read(textOf(file), line -> file + ":" + line, problems);
    if (root.isMissingNode()) {
      throw new ConfigException(problems);
    }
    if (root.isObject() || root.isNull()) {
      lay(ROOT, root);
    } else {
      problems.add(file + ": must hold keys and values, as conf/job.yaml does");
    }
  }

  /**
   * Lays one setting over what is there.
   *
   * @param setting {@code key.path=value}; a value in brackets, braces or quotes is YAML, any other
   *     is taken as it is
   */
  void set(String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      // What was given stays unsaid: it may be a secret that went astray on the command line.
      problems.add("--set: must be key.path=value, such as --set candles.interval=5s");
      return;
    }
    String path = setting.substring(0, equals);
    String text = setting.substring(equals + 1);
    boolean yaml = !text.isEmpty() && "[{\"'".indexOf(text.charAt(0)) >= 0;
    lay(path, yaml ? Yaml.read(text, line -> "--set " + path, problems) : TextNode.valueOf(text));
  }

  /**
   * The value of a key. A missing node: it could not be read, which is reported already.
   *
   * @param path one of the defaults' keys
   */
  JsonNode get(String path) {
    return Objects.requireNonNull(values.get(path), () -> "job.yaml has no key " + path);
  }

  /** The keys that have a value, in the order of the defaults. */
  Set<String> paths() {
    return values.keySet();
  }

  /** What was wrong so far; open for more. */
  List<String> problems() {
    return problems;
  }

  static String join(String path, String key) {
    return path.equals(ROOT) ? key : path + "." + key;
  }

  private void declare(String path, JsonNode value) {
    if (value.isObject() && !value.isEmpty()) {
      sections.put(path, new ArrayList<>());
      value
          .properties()
          .forEach(
              child -> {
                sections.get(path).add(child.getKey());
                declare(join(path, child.getKey()), child.getValue());
              });
    } else {
      values.put(path, value);
      if (value.isObject()) {
        freeMaps.add(path);
      }
    }
  }

  private void lay(String path, JsonNode value) {
    if (values.containsKey(path)) {
      values.put(path, value);
    } else if (sections.containsKey(path)) {
      laySection(path, value);
    } else {
      freeMaps.stream()
          .filter(map -> path.startsWith(map + "."))
          .findFirst()
          .ifPresentOrElse(
              map -> layEntry(map, path.substring(map.length() + 1), value),
              () -> problems.add(path + ": unknown key; " + advice(path)));
    }
  }

  private void laySection(String path, JsonNode value) {
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> child : value.properties()) {
        if (child.getKey().contains(".")) {
          problems.add(
              join(path, child.getKey())
                  + ": write nested keys one below the other, not joined by dots");
        } else {
          lay(join(path, child.getKey()), child.getValue());
        }
      }
    } else if (value.isTextual() || value.isArray()) {
      problems.add(path + ": must be a section, not a value; it has the keys " + keysOf(path));
    }
    // An empty section, all of its keys commented out perhaps, changes nothing.
  }

  private void layEntry(String map, String key, JsonNode value) {
    JsonNode entries = values.get(map);
    if (entries.isObject()) {
      ObjectNode changed = entries.deepCopy();
      changed.set(key, value);
      values.put(map, changed);
    }
    // Anything else is of the wrong type, which is reported as the map is read.
  }

  private String advice(String path) {
    return nearest(path)
        .map(key -> "did you mean " + key + "?")
        .orElseGet(
            () -> {
              String section = path;
              while (!sections.containsKey(section)) {
                section = parent(section);
              }
              String name = section.equals(ROOT) ? "the top level" : section;
              return name + " has the keys " + keysOf(section);
            });
  }

  /** The key that was probably meant: the same words further down, or a slip of a few letters. */
  private Optional<String> nearest(String path) {
    List<String> known =
        Stream.concat(sections.keySet().stream(), values.keySet().stream())
            .filter(key -> !key.equals(ROOT))
            .toList();
    String last = path.substring(path.lastIndexOf('.') + 1);
    int slips = Math.max(2, last.length() / 3);
    String written = path.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(key -> key.endsWith("." + path))
        .findFirst()
        .or(
            () ->
                known.stream()
                    .min(Comparator.comparingInt(key -> edits(key, written)))
                    .filter(key -> edits(key, written) <= slips));
  }

  private static String parent(String path) {
    return path.contains(".") ? path.substring(0, path.lastIndexOf('.')) : ROOT;
  }

  private String keysOf(String section) {
    return String.join(", ", sections.get(section));
  }

  /**
   * How many characters must be inserted, deleted or replaced to make one text of the other
   * (Levenshtein).
   */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }

  private static String textOf(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(List.of(file + ": there is no such file"));
    } catch (CharacterCodingException e) {
      throw new ConfigException(List.of(file + ": must be UTF-8 text"));
    } catch (IOException e) {
      throw new ConfigException(List.of(file + ": cannot be read: " + e.getMessage()));
    }
  }
}

package io.candlestream.manifests;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of the repository, and the versions that its build knows. */
final class Repository {

  static final Path HOME = Path.of(System.getProperty("candlestream.home"));
  static final Path DEPLOY = HOME.resolve("deploy");
  static final String VERSION = System.getProperty("candlestream.version");
  static final String FLINK_VERSION = System.getProperty("flink.version");
  static final String KAFKA_VERSION = System.getProperty("kafka.version");

  private Repository() {}

  /** A file's text. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The YAML documents of a file; a key that is given twice is refused. */
  static List<Map<String, Object>> documents(Path file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<Map<String, Object>> documents = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file)) {
      for (Object document : new Yaml(new SafeConstructor(options)).loadAll(reader)) {
        documents.add(asMapping(document, file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return documents;
  }

  /** The one YAML document of a file. */
  static Map<String, Object> document(Path file) {
    List<Map<String, Object>> documents = documents(file);
    if (documents.size() != 1) {
      throw new AssertionError(file + " has " + documents.size() + " documents");
    }
    return documents.get(0);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> asMapping(Object document, Path file) {
    if (document instanceof Map<?, ?>) {
      return (Map<String, Object>) document;
    }
    throw new AssertionError(file + " has a document that is no mapping");
  }
}

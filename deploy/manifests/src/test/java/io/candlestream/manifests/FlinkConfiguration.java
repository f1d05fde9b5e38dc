package io.candlestream.manifests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;

/** conf/flink/config.yaml, and the options that Flink knows. */
final class FlinkConfiguration {

  static final Path DIRECTORY = Repository.HOME.resolve("conf/flink");

  private FlinkConfiguration() {}

  /** What Flink reads of conf/flink/config.yaml. */
  static Map<String, String> ofRepository() {
    return GlobalConfiguration.loadConfiguration(DIRECTORY.toString()).toMap();
  }

  /** The keys of all options in flink-core; older names that Flink still takes are none of them. */
  static Set<String> options() {
    Set<String> keys = new TreeSet<>();
    URI jar =
        URI.create("jar:" + CoreOptions.class.getProtectionDomain().getCodeSource().getLocation());
    try (FileSystem files = FileSystems.newFileSystem(jar, Map.of());
        Stream<Path> classes = Files.list(files.getPath("/org/apache/flink/configuration"))) {
      List<String> names =
          classes
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith("Options.class"))
              .map(name -> name.substring(0, name.length() - ".class".length()))
              .toList();
      for (String name : names) {
        addKeys(Class.forName("org.apache.flink.configuration." + name), keys);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return keys;
  }

  private static void addKeys(Class<?> options, Set<String> keys) throws IllegalAccessException {
    for (Field field : options.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && ConfigOption.class == field.getType()) {
        keys.add(((ConfigOption<?>) field.get(null)).key());
      }
    }
  }
}

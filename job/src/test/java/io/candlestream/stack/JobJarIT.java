package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is submitted to a cluster, and the list of what is in it. */
class JobJarIT {

  private static final Path TARGET = Path.of("target");
  private static final Path JAR = TARGET.resolve("candlestream-job.jar");

  /**
   * Of it, Kafka's client and the codecs that it brings for each kind of machine have four fifths.
   */
  private static final long MOST_BYTES = 30_000_000;

  /** Neither Flink's runtime, which a cluster has, nor a logging or test library. */
  @Test
  void theBillOfMaterialsNamesWhatTheJobNeedsAndNothingElse() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode component : components()) {
      names.add(component.get("group").asText() + ":" + component.get("name").asText());
    }

    assertThat(names)
        .containsExactlyInAnyOrder(
            "at.yawk.lz4:lz4-java",
            "com.fasterxml.jackson.core:jackson-annotations",
            "com.fasterxml.jackson.core:jackson-core",
            "com.fasterxml.jackson.core:jackson-databind",
            "com.fasterxml.jackson.dataformat:jackson-dataformat-csv",
            "com.fasterxml.jackson.dataformat:jackson-dataformat-yaml",
            "com.fasterxml.jackson.datatype:jackson-datatype-jdk8",
            "com.fasterxml.jackson.datatype:jackson-datatype-jsr310",
            "com.github.luben:zstd-jni",
            "info.picocli:picocli",
            "io.candlestream:candlestream-conf",
            "org.apache.commons:commons-lang3",
            "org.apache.flink:flink-connector-files",
            "org.apache.flink:flink-connector-jdbc-core",
            "org.apache.flink:flink-connector-kafka",
            "org.apache.flink:flink-file-sink-common",
            "org.apache.kafka:kafka-clients",
            "org.postgresql:postgresql",
            "org.xerial.snappy:snappy-java",
            "org.yaml:snakeyaml");
  }

  @Test
  void everyClassInTheJarIsTheJobsOrOfAComponentOfTheBill() throws IOException {
    Set<String> known = classesIn(TARGET.resolve("classes"));
    for (JsonNode component : components()) {
      Set<String> classes =
          classesIn(onClassPath(component.get("name").asText(), component.get("version").asText()));
      assertThat(classes).as(component.get("name").asText()).isNotEmpty();
      known.addAll(classes);
    }

    Set<String> unknown = classesIn(JAR);
    assertThat(unknown).contains("io/candlestream/CandlestreamJob.class");
    unknown.removeAll(known);
    assertThat(unknown).isEmpty();
  }

  @Test
  void theJarIsSmall() throws IOException {
    assertThat(Files.size(JAR)).isLessThan(MOST_BYTES);
  }

  private static Iterable<JsonNode> components() throws IOException {
    Path file = TARGET.resolve("candlestream-job-bom.json");
    assumeThat(file).as("a build that is offline writes no bill of materials").exists();
    JsonNode bill = new ObjectMapper().readTree(file.toFile());
    assertThat(bill.get("bomFormat").asText()).isEqualTo("CycloneDX");
    return bill.get("components");
  }

  /** The jar of a library, or the classes of a module that is built along with this one. */
  private static Path onClassPath(String name, String version) {
    Path module = Path.of("..", name.replace("candlestream-", ""), "target", "classes");
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> path.endsWith(name + "-" + version + ".jar"))
        .findFirst()
        .orElse(module);
  }

  private static Set<String> classesIn(Path place) throws IOException {
    Set<String> classes = new TreeSet<>();
    if (Files.isDirectory(place)) {
      try (Stream<Path> files = Files.walk(place)) {
        files.forEach(file -> classes.add(place.relativize(file).toString()));
      }
    } else {
      try (JarFile jar = new JarFile(place.toFile())) {
        jar.stream().map(JarEntry::getName).forEach(classes::add);
      }
    }
    classes.removeIf(name -> !name.endsWith(".class") || name.endsWith("module-info.class"));
    return classes;
  }
}

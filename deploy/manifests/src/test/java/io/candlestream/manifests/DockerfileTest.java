package io.candlestream.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.manifests.Dockerfile.Instruction;
import io.candlestream.manifests.Dockerfile.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.apache.flink.runtime.util.ConfigurationParserUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerfileTest {

  private final Dockerfile dockerfile = Dockerfile.read();

  @Test
  void everythingThatIsCopiedIsThere() {
    List<String> ignored =
        Repository.text(Repository.HOME.resolve(".dockerignore")).lines().toList();
    dockerfile
        .stages()
        .forEach(
            (name, stage) -> {
              for (Instruction copy : stage.all("COPY")) {
                if (copy.from() != null) {
                  assertThat(dockerfile.stages()).as(copy.toString()).containsKey(copy.from());
                  continue;
                }
                for (String source : copy.sources()) {
                  assertThat(Repository.HOME.resolve(source)).exists();
                  assertThat(ignored).contains("!" + Path.of(source).getName(0));
                }
              }
            });
  }

  @Test
  void jarsAreCopiedFromWhereTheBuildPutsThem() {
    assertThat(jarOf("job")).isEqualTo("/src/job/target/candlestream-job.jar");
    assertThat(jarOf("schema")).isEqualTo("/src/schema/target/candlestream-schema.jar");
    for (String module : List.of("job", "schema")) {
      assertThat(Repository.text(Repository.HOME.resolve(module).resolve("pom.xml")))
          .contains(
              "<outputFile>${project.build.directory}/candlestream-"
                  + module
                  + ".jar</outputFile>");
    }
  }

  private String jarOf(String stage) {
    return dockerfile.stage(stage).all("COPY").stream()
        .filter(copy -> "build".equals(copy.from()))
        .findFirst()
        .orElseThrow()
        .sources()
        .get(0);
  }

  @Test
  void imagesAreThoseOfOurVersionsAndNoneRunsAsRoot() {
    Stage job = dockerfile.stage("job");
    Stage schema = dockerfile.stage("schema");
    assertThat(job.image()).isEqualTo("flink:" + Repository.FLINK_VERSION + "-java17");
    assertThat(schema.image()).matches("eclipse-temurin:17\\.\\d+\\.\\d+_\\d+-jre-noble");
    assertThat(dockerfile.stage("build").image())
        .matches("maven:3\\.\\d+\\.\\d+-eclipse-temurin-17");

    assertThat(job.all("USER")).as("the base image's user is flink, and stays").isEmpty();
    assertThat(schema.all("USER"))
        .extracting(Instruction::words)
        .containsExactly(List.of("9999:9999"));
  }

  /** What the RUN instruction does, done by the class behind config-parser-utils.sh. */
  @Test
  void theConfigurationInTheImageIsTheRepositorysWithWhatContainersNeed(@TempDir Path conf)
      throws Exception {
    Files.copy(FlinkConfiguration.DIRECTORY.resolve("config.yaml"), conf.resolve("config.yaml"));
    List<String> words = dockerfile.stage("job").all("RUN").get(0).words();
    int script = words.indexOf("/opt/flink/bin/config-parser-utils.sh");
    assertThat(words.subList(script + 1, script + 4))
        .containsExactly("/opt/flink/conf", "/opt/flink/bin", "/opt/flink/lib");
    List<String> changes = words.subList(script + 4, words.size());
    List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
    arguments.addAll(changes);

    Files.write(
        conf.resolve("config.yaml"),
        ConfigurationParserUtils.loadAndModifyConfiguration(
            arguments.toArray(String[]::new), "config-parser-utils.sh"));

    Map<String, String> expected = new TreeMap<>(FlinkConfiguration.ofRepository());
    expected.remove("taskmanager.host");
    expected.put("rest.address", "0.0.0.0");
    expected.put("rest.bind-address", "0.0.0.0");
    expected.put("jobmanager.bind-host", "0.0.0.0");
    expected.put("taskmanager.bind-host", "0.0.0.0");
    expected.put("execution.checkpointing.dir", "file:///opt/flink/checkpoints");
    expected.put("execution.checkpointing.savepoint-dir", "file:///opt/flink/savepoints");
    expected.put("metrics.reporter.prom.factory.class", PrometheusReporterFactory.class.getName());
    expected.put("metrics.reporter.prom.port", "9250");
    assertThat(new TreeMap<>(GlobalConfiguration.loadConfiguration(conf.toString()).toMap()))
        .isEqualTo(expected);
  }

  @Test
  void everyOptionThatIsSetIsOneOfFlinks() {
    assertThat(
            dockerfile.stage("job").all("RUN").get(0).words().stream()
                .filter(word -> word.startsWith("-D") && !word.startsWith("-Dmetrics.reporter."))
                .map(word -> word.substring(2, word.indexOf('='))))
        .isNotEmpty()
        .allSatisfy(key -> assertThat(FlinkConfiguration.options()).contains(key));
  }

  @Test
  void directoriesForVolumesAreMade() {
    List<String> made = dockerfile.stage("job").all("RUN").get(0).words();
    assertThat(made.subList(0, 4))
        .isEqualTo(List.of("mkdir", "-p", "/opt/flink/checkpoints", "/opt/flink/savepoints"));
  }
}

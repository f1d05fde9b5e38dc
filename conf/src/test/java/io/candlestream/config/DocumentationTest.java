package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files of conf/ say what is true. */
class DocumentationTest {

  @Test
  void everyKeyOfJobYamlHasACommentAboveOrBesideIt() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("job.yaml"));
    List<String> documented = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      boolean leaf = line.matches("[a-z0-9-]+: +[^#\\s].*");
      if (leaf && (line.contains(" # ") || lines.get(i - 1).strip().startsWith("# "))) {
        documented.add(line.substring(0, line.indexOf(':')));
      }
    }

    assertThat(documented)
        .containsExactlyElementsOf(
            new Settings()
                .paths().stream().map(path -> path.substring(path.lastIndexOf('.') + 1)).toList());
  }

  @Test
  void flinkOpensThePackagesThatTheBuildOpens() throws IOException {
    List<String> problems = new ArrayList<>();
    JsonNode flink =
        Yaml.read(
            Files.readString(Path.of("flink/config.yaml")),
            line -> "config.yaml:" + line,
            problems);

    assertThat(problems).isEmpty();
    assertThat(flink.get("env.java.opts.all").textValue().split(" "))
        .containsExactlyInAnyOrderElementsOf(
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens"))
                .toList());
  }
}

package io.candlestream.manifests;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The instructions of deploy/Dockerfile, by stage. */
record Dockerfile(Map<String, Stage> stages) {

  static final Path FILE = Repository.DEPLOY.resolve("Dockerfile");

  record Stage(String image, List<Instruction> instructions) {

    List<Instruction> all(String keyword) {
      return instructions.stream().filter(step -> step.keyword().equals(keyword)).toList();
    }
  }

  /**
   * @param flags those that begin with two dashes
   * @param words what follows them
   */
  record Instruction(String keyword, List<String> flags, List<String> words) {

    private static Instruction of(String line) {
      List<String> words = new ArrayList<>(Arrays.asList(line.split("\\s+")));
      String keyword = words.remove(0);
      List<String> flags = words.stream().takeWhile(word -> word.startsWith("--")).toList();
      return new Instruction(keyword, flags, words.subList(flags.size(), words.size()));
    }

    /** The stage that a COPY takes from; null for the build's context. */
    String from() {
      return flags.stream()
          .filter(flag -> flag.startsWith("--from="))
          .map(flag -> flag.substring("--from=".length()))
          .findFirst()
          .orElse(null);
    }

    List<String> sources() {
      return words.subList(0, words.size() - 1);
    }
  }

  static Dockerfile read() {
    Map<String, Stage> stages = new LinkedHashMap<>();
    List<Instruction> steps = null;
    String text = Repository.text(FILE).replaceAll("(?m)^#.*\\R", "").replaceAll("\\\\\\R", " ");
    for (String line : text.split("\\R")) {
      if (line.isBlank()) {
        continue;
      }
      Instruction step = Instruction.of(line);
      if (step.keyword().equals("FROM")) {
        steps = new ArrayList<>();
        stages.put(step.words().get(2), new Stage(step.words().get(0), steps));
      } else {
        Objects.requireNonNull(steps, () -> "before the first FROM: " + line).add(step);
      }
    }
    return new Dockerfile(stages);
  }

  Stage stage(String stage) {
    return Objects.requireNonNull(stages.get(stage), () -> "no stage " + stage);
  }
}

package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOrderTest {

  @TempDir private Path directory;

  /** An instrument's later days must not be read before its first: they would make it late. */
  @Test
  void filesAreReadInTheOrderOfTheirNames() throws Exception {
    List<String> names = new ArrayList<>();
    for (int day = 1; day <= 9; day++) {
      names.add("day-%02d.jsonl".formatted(day));
      Files.writeString(directory.resolve(names.get(day - 1)), "not a tick\n");
    }
    JobConfig config =
        JobConfig.of(List.of("source.type=files", "source.files.paths=[" + directory + "/*]"));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    List<String> read =
        env
            .fromSource(
                FileRecords.source(config.source().files().paths(), TickDecoders.of(config)),
                EventWatermarks.bounded(config.time().outOfOrderness()),
                "files")
            .executeAndCollect(names.size())
            .stream()
            .map(verdict -> Path.of(verdict.origin().topic()).getFileName().toString())
            .toList();
    assertThat(read).isEqualTo(names);
  }
}

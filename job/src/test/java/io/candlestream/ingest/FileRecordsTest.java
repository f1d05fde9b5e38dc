package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.mocks.MockSplitEnumeratorContext;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecordsTest {

  @TempDir Path folder;

  @BeforeEach
  void createFiles() throws IOException {
    create("a.jsonl");
    create("b.jsonl.gz");
    create("notes.txt");
    create("2024/01/c.jsonl");
    create("2024/02/d.jsonl");
    create("2024/02/.hidden.jsonl");
    create("2024/02/_SUCCESS");
    create("[odd].jsonl");
  }

  @Test
  void aFileIsItself() {
    assertThat(resolve("a.jsonl")).containsExactly("a.jsonl");
  }

  @Test
  void aGlobIsTheFilesThatFitInTheOrderOfTheirNames() {
    assertThat(resolve("*.jsonl*")).containsExactly("[odd].jsonl", "a.jsonl", "b.jsonl.gz");
    assertThat(resolve("?.jsonl")).containsExactly("a.jsonl");
    assertThat(resolve("{a,b}.jsonl*")).containsExactly("a.jsonl", "b.jsonl.gz");
    assertThat(resolve("2024/*/?.jsonl")).containsExactly("2024/01/c.jsonl", "2024/02/d.jsonl");
    assertThat(resolve("**/?.jsonl")).containsExactly("2024/01/c.jsonl", "2024/02/d.jsonl");
  }

  @Test
  void aGlobMayBeRelativeToTheWorkingDirectory() {
    Path relative = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    assertThat(FileRecords.resolve(List.of(relative + "/a.*")))
        .containsExactly(new org.apache.flink.core.fs.Path(folder.resolve("a.jsonl").toUri()));
  }

  @Test
  void aFileWhoseNameLooksLikeAGlobIsThatFile() {
    assertThat(resolve("[odd].jsonl")).containsExactly("[odd].jsonl");
  }

  @Test
  void severalPathsAreAllOfTheirFiles() {
    assertThat(resolve("a.jsonl", "2024/*/c.jsonl")).containsExactly("a.jsonl", "2024/01/c.jsonl");
  }

  @Test
  void aPathThatLeadsNowhereIsNamed() throws IOException {
    Files.createDirectory(folder.resolve("empty"));
    for (String path : List.of("none.jsonl", "none/*.jsonl", "*.csv", "empty/*", "empty")) {
      assertThatThrownBy(() -> resolve("a.jsonl", path))
          .as(path)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no readable file at " + folder.resolve(path));
    }
  }

  @Test
  void aDirectoryIsReadWithAllThatIsBelowItButHiddenFiles() throws Exception {
    assertThat(filesRead("2024")).containsExactlyInAnyOrder("2024/01/c.jsonl", "2024/02/d.jsonl");
  }

  @Test
  void aFileNamedOutrightIsReadEvenIfHidden() throws Exception {
    assertThat(filesRead("2024/02/_SUCCESS", "2024/02/.hidden.jsonl"))
        .containsExactlyInAnyOrder("2024/02/_SUCCESS", "2024/02/.hidden.jsonl");
  }

  @Test
  void aFileThatTwoPathsLeadToIsReadOnce() throws Exception {
    assertThat(filesRead("a.jsonl", "?.jsonl", "a.jsonl")).containsExactly("a.jsonl");
    assertThat(filesRead("2024", "2024/01", "2024/01/c.jsonl"))
        .containsExactlyInAnyOrder("2024/01/c.jsonl", "2024/02/d.jsonl");
  }

  @Test
  void everyFileMustHaveTheNameThatIsToTellItsSymbol() throws IOException {
    create("BTC-trades-1.csv");
    create("days.zip");
    FileRecords.requireFiles(named("(?<symbol>[A-Z]+)-trades-", "BTC-trades-1.csv", "days.zip"));
    assertThatThrownBy(
            () -> FileRecords.requireFiles(named("(?<symbol>[A-Z]+)-trades-", "*.jsonl")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "source.files.name-pattern: does not fit file:%s; correct one or the other"
                .formatted(folder.resolve("[odd].jsonl").toUri().getPath()));
  }

  @Test
  void theFirstLineOfEveryFileMustTellTheColumnsThatAreNotConfigured() throws IOException {
    Files.writeString(folder.resolve("1.csv"), "time,price,qty\n");
    Files.writeString(folder.resolve("2.csv"), "");
    Files.writeString(folder.resolve("3.csv"), "1,2,3\n");
    FileRecords.requireFiles(csv("1.csv", "2.csv"));
    assertThatThrownBy(() -> FileRecords.requireFiles(csv("1.csv", "2.csv", "3.csv")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "source.csv.columns: must name the columns, as the first line of file:%s has no columns"
                    .formatted(folder.resolve("3.csv").toUri().getPath())
                + " price, size and timestamp");
    FileRecords.requireFiles(csv("3.csv", "source.csv.columns=[price, size, timestamp]"));
  }

  /** Names of files, and settings. */
  private SourceConfig csv(String... names) {
    String[] files = Stream.of(names).filter(name -> !name.contains("=")).toArray(String[]::new);
    return JobConfig.of(
            Stream.concat(
                    Stream.of(
                        "source.type=files",
                        "source.format=csv",
                        "source.files.paths=['" + String.join("','", paths(files)) + "']"),
                    Stream.of(names).filter(name -> name.contains("=")))
                .toList())
        .source();
  }

  private SourceConfig named(String pattern, String... names) {
    return JobConfig.of(
            List.of(
                "source.type=files",
                "source.files.paths=['" + String.join("','", paths(names)) + "']",
                "source.files.name-pattern=" + pattern))
        .source();
  }

  private void create(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{}\n");
  }

  /** What the paths below the folder stand for, relative to it. */
  private List<String> resolve(String... names) {
    return FileRecords.resolve(paths(names)).stream().map(this::name).toList();
  }

  /** The files that the source reads in the end. */
  @SuppressWarnings("try") // Of the context, whose close may be interrupted.
  private List<String> filesRead(String... names) throws Exception {
    String paths = "source.files.paths=['" + String.join("','", paths(names)) + "']";
    JobConfig config = JobConfig.of(List.of("source.type=files", paths));
    try (MockSplitEnumeratorContext<FileSourceSplit> context = new MockSplitEnumeratorContext<>(1);
        SplitEnumerator<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>> enumerator =
            FileRecords.source(config.source().files().paths(), TickDecoders.of(config))
                .createEnumerator(context)) {
      return enumerator.snapshotState(1).getSplits().stream()
          .map(split -> name(split.path()))
          .toList();
    }
  }

  private List<String> paths(String... names) {
    return Stream.of(names).map(name -> folder + "/" + name).toList();
  }

  private String name(org.apache.flink.core.fs.Path path) {
    return folder.relativize(Path.of(path.toUri().getPath())).toString();
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ticks from files to the table; on one edition, as the database has no part in it. */
class FilesIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  @TempDir private Path folder;

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);

  @AfterEach
  void drop() {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz", "ticks.zip"})
  void everyTickOfFileIsCounted(String name) throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(11, 5, Duration.ofMinutes(90));
    write(folder.resolve(name), ticks);

    JobRun job = run(folder.resolve(name).toString(), 2);

    assertContentIsThatOf(ticks);
    assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate")).isEqualTo(ticks.size());
  }

  @Test
  void globNamesFilesOfDifferentInstruments() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(12, 4, Duration.ofMinutes(60));
    write(
        folder.resolve("even.jsonl"), ticks.stream().filter(t -> t.instrument() % 2 == 0).toList());
    write(
        folder.resolve("odd.jsonl.gz"),
        ticks.stream().filter(t -> t.instrument() % 2 == 1).toList());
    write(folder.resolve("other.csv"), GeneratedTicks.inTime(13, 9, Duration.ofMinutes(5)));

    run(folder + "/*.jsonl*", 2);

    assertContentIsThatOf(ticks);
  }

  /** As a recorder writes them that begins a new one every quarter of an hour. */
  @ParameterizedTest
  @CsvSource({"2, 1", "2, 2", "12, 1", "12, 2", "12, 4"})
  void globNamesFilesThatFollowEachOtherInTime(int files, int parallelism) throws Exception {
    List<GeneratedTicks.Arrival> ticks =
        GeneratedTicks.inTime(14, 4, Duration.ofMinutes(15).multipliedBy(files));
    for (int file = 0; file < files; file++) {
      write(
          folder.resolve("ticks-%02d.jsonl".formatted(file)),
          ticks.subList(ticks.size() * file / files, ticks.size() * (file + 1) / files));
    }

    run(folder + "/ticks-*.jsonl", parallelism);

    assertThat(database.query("SELECT count(*) FROM rejected_ticks")).containsExactly("0");
    assertContentIsThatOf(ticks);
  }

  /** Time goes back where an instrument's files end and those of the next begin. */
  @Test
  void filesOfEachInstrumentFollowEachOtherInTime() throws Exception {
    int quarters = 8;
    List<GeneratedTicks.Arrival> ticks =
        GeneratedTicks.inTime(16, 4, Duration.ofMinutes(15).multipliedBy(quarters));
    for (int i = 0; i < 4; i++) {
      int instrument = i;
      List<GeneratedTicks.Arrival> own =
          ticks.stream().filter(tick -> tick.instrument() == instrument).toList();
      for (int quarter = 0; quarter < quarters; quarter++) {
        write(
            folder.resolve("S%d-%d.jsonl".formatted(instrument, quarter)),
            own.subList(own.size() * quarter / quarters, own.size() * (quarter + 1) / quarters));
      }
    }

    run(folder.toString(), 4);

    assertThat(database.query("SELECT count(*) FROM rejected_ticks")).containsExactly("0");
    assertContentIsThatOf(ticks);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz", "ticks.zip"})
  void failureInTheMiddleOfFileGoesOnAtTheRightLine(String name) throws Exception {
    List<GeneratedTicks.Arrival> ticks =
        new ArrayList<>(GeneratedTicks.partlyLate(15, 5, Duration.ofHours(3)));
    int pause = ticks.size() / 2 + 7;
    Path file = folder.resolve(name);
    List<byte[]> lines = new ArrayList<>(ticks.stream().map(GeneratedTicks.Arrival::json).toList());
    int badLine = pause + 100;
    lines.add(badLine, "no tick".getBytes(UTF_8));
    writeLines(file, lines);
    JobConfig config = config(file.toString());
    JobRun job = FLINK.runWithFailure(config, pause);

    assertThat(job.restarts()).isEqualTo(1);
    assertThat(job.recordsReadInLatestAttempt()).isEqualTo(lines.size() - pause);
    assertContentIsThatOf(ticks);
    assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate")).isEqualTo(ticks.size());
    assertThat(database.query("SELECT topic, \"offset\", raw FROM rejected_ticks"))
        .singleElement()
        .asString()
        .endsWith(name + "|" + badLine + "|\\x6e6f207469636b");
  }

  private JobRun run(String paths, int parallelism) throws Exception {
    JobConfig config = config(paths);
    JobRun job = FLINK.start(config, parallelism);
    job.awaitEnd();
    return job;
  }

  private JobConfig config(String paths) {
    return JobConfig.of(
        Stream.concat(
                database.settings().stream(),
                Stream.of("source.type=files", "source.files.paths=[\"" + paths + "\"]"))
            .toList());
  }

  private void assertContentIsThatOf(List<GeneratedTicks.Arrival> ticks) throws Exception {
    assertThat(Row.difference(BATCH.marketData(GeneratedTicks.lines(ticks)), database.candles()))
        .isEmpty();
  }

  private static void write(Path file, List<GeneratedTicks.Arrival> ticks) throws IOException {
    writeLines(file, ticks.stream().map(GeneratedTicks.Arrival::json).toList());
  }

  /** The last line without a line feed. */
  private static void writeLines(Path file, List<byte[]> lines) throws IOException {
    try (OutputStream bytes = Files.newOutputStream(file)) {
      if (file.toString().endsWith(".zip")) {
        writeArchive(bytes, lines);
      } else if (file.toString().endsWith(".gz")) {
        try (OutputStream compressed = new GZIPOutputStream(bytes)) {
          writeLines(compressed, lines);
        }
      } else {
        writeLines(bytes, lines);
      }
    }
  }

  /** One of several files, of which each holds a third of the lines. */
  private static void writeArchive(OutputStream out, List<byte[]> lines) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int third = 0; third < 3; third++) {
        zip.putNextEntry(new ZipEntry("part-" + third + ".jsonl"));
        writeLines(zip, lines.subList(lines.size() * third / 3, lines.size() * (third + 1) / 3));
        zip.closeEntry();
      }
    }
  }

  private static void writeLines(OutputStream out, List<byte[]> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        out.write('\n');
      }
      out.write(lines.get(i));
    }
  }
}

package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineFormatTest {

  private static final LineFormat FORMAT = format(List.of("source.default-source=venue"));
  private static final long MODIFIED_MILLIS = 1_700_000_000_000L;

  @TempDir Path folder;

  private static LineFormat format(List<String> settings) {
    JobConfig config = JobConfig.of(settings);
    return new LineFormat(config.source(), config.validation());
  }

  @Test
  void readsATickALineAndRejectsTheOthers() throws IOException {
    Path file =
        write(
            "ticks.jsonl",
            tick(1) + "\r\n" + "no tick\n" + "\n" + tick(2) + "  \n" + "[]\n" + tick(3));
    List<Verdict> verdicts = values(read(split(file), null));

    assertThat(verdicts).hasSize(6);
    assertThat(verdicts.stream().map(Verdict::hasAccepted))
        .containsExactly(true, false, false, true, false, true);
    assertThat(verdicts.stream().filter(Verdict::hasAccepted).map(LineFormatTest::id))
        .containsExactly("1", "2", "3");
    assertThat(verdicts.stream().flatMap(v -> v.rejected().stream()).map(RejectedTick::reasons))
        .containsOnly(List.of(RejectReason.MALFORMED));
    assertThat(verdicts.get(1).rejected().get(0).raw()).asString(UTF_8).isEqualTo("no tick");
    assertThat(verdicts.get(0).accepted().get(0).raw()).asString(UTF_8).isEqualTo(tick(1) + "\r");
  }

  @Test
  void aTickComesFromItsLineOfItsFile() throws IOException {
    Path file = write("ticks.jsonl", tick(1) + "\n\n" + tick(2) + "\n");
    List<Verdict> verdicts = values(read(split(file), null));
    String path = file.toUri().getPath();
    assertThat(verdicts.get(2).accepted().get(0).order().origin())
        .isEqualTo(new Origin("file:" + path, 0, 2, 0, MODIFIED_MILLIS));
    assertThat(verdicts.get(1).rejected().get(0).origin())
        .isEqualTo(new Origin("file:" + path, 0, 1, 0, MODIFIED_MILLIS));
  }

  @Test
  void ticksOfFilesAreNotStale() throws IOException {
    Path file = write("old.jsonl", tick(1).replace("1723161599", "1"));
    assertThat(values(read(split(file), null)).get(0).hasAccepted()).isTrue();
  }

  @Test
  void anEmptyFileHasNoTick() throws IOException {
    assertThat(read(split(write("empty.jsonl", "")), null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz"})
  void readingGoesOnAtEveryPositionOfACheckpoint(String name) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 2_345; i++) {
      lines.add(i % 7 == 3 ? "no tick " + i : tick(i));
    }
    Path file = write(name, String.join("\n", lines));
    List<RecordAndPosition<Verdict>> all = read(split(file), null);
    assertThat(all).hasSize(2_345);

    for (int done : new int[] {1, 2, 999, 1_000, 1_001, 2_000, 2_344, 2_345}) {
      RecordAndPosition<Verdict> last = all.get(done - 1);
      CheckpointedPosition position =
          new CheckpointedPosition(last.getOffset(), last.getRecordSkipCount());
      List<RecordAndPosition<Verdict>> rest = read(split(file), position);
      assertThat(places(rest))
          .as("after %d lines", done)
          .isEqualTo(places(all.subList(done, all.size())));
    }
  }

  @Test
  void aPositionBehindTheEndOfAFileThatShrankReadsNothing() throws IOException {
    FileSourceSplit split = split(write("ticks.jsonl", tick(1) + "\n"));
    assertThat(read(split, new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, 5))).isEmpty();
  }

  @Test
  void severalGzipMembersInOneFileAreOneFile() throws IOException {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.writeBytes(gzip(tick(1) + "\n"));
    members.writeBytes(gzip(tick(2) + "\n"));
    Path file = Files.write(folder.resolve("two.jsonl.gz"), members.toByteArray());
    assertThat(values(read(split(file), null)).stream().map(LineFormatTest::id))
        .containsExactly("1", "2");
  }

  @Test
  void aFileThatOnlyPretendsToBeCompressedIsAnErrorThatNamesIt() throws IOException {
    Path file = Files.writeString(folder.resolve("plain.jsonl.gz"), tick(1));
    assertThatThrownBy(() -> read(split(file), null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot decompress")
        .hasMessageContaining("plain.jsonl.gz");
  }

  @Test
  void aFileIsReadAsAWhole() {
    assertThat(FORMAT.isSplittable()).isFalse();
  }

  private Path write(String name, String text) throws IOException {
    byte[] bytes = name.endsWith(".gz") ? gzip(text) : text.getBytes(UTF_8);
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static String tick(int id) {
    return "{\"symbol\":\"BTC\",\"trade_id\":%d,\"price\":1,\"size\":1,\"timestamp\":1723161599}"
        .formatted(id);
  }

  private static FileSourceSplit split(Path file) throws IOException {
    long size = Files.size(file);
    return new FileSourceSplit(
        "1", new org.apache.flink.core.fs.Path(file.toUri()), 0, size, MODIFIED_MILLIS, size);
  }

  /**
   * @param position where to go on from; null to begin
   */
  private static List<RecordAndPosition<Verdict>> read(
      FileSourceSplit split, CheckpointedPosition position) throws IOException {
    List<RecordAndPosition<Verdict>> read = new ArrayList<>();
    Configuration none = new Configuration();
    try (BulkFormat.Reader<Verdict> reader =
        position == null
            ? FORMAT.createReader(none, split)
            : FORMAT.restoreReader(none, split.updateWithCheckpointedPosition(position))) {
      for (BulkFormat.RecordIterator<Verdict> batch = reader.readBatch();
          batch != null;
          batch = reader.readBatch()) {
        for (RecordAndPosition<Verdict> next = batch.next(); next != null; next = batch.next()) {
          // The iterator may hand out the same object again.
          read.add(
              new RecordAndPosition<>(
                  next.getRecord(), next.getOffset(), next.getRecordSkipCount()));
        }
        batch.releaseBatch();
      }
    }
    return read;
  }

  private static List<Verdict> values(List<RecordAndPosition<Verdict>> records) {
    return records.stream().map(RecordAndPosition::getRecord).toList();
  }

  private static List<String> places(List<RecordAndPosition<Verdict>> records) {
    return records.stream()
        .map(record -> record.getRecord().origin() + " then " + record.getRecordSkipCount())
        .toList();
  }

  private static String id(Verdict verdict) {
    return verdict.accepted().get(0).tradeId().toString();
  }
}

package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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

  private static final LineFormat<Tick> FORMAT = format(List.of("source.default-source=venue"));
  private static final long MODIFIED_MILLIS = 1_700_000_000_000L;

  @TempDir Path folder;

  private static LineFormat<Tick> format(List<String> settings) {
    JobConfig config = JobConfig.of(settings);
    return new LineFormat<>(TickDecoders.of(config));
  }

  @Test
  void readsATickALineAndRejectsTheOthers() throws IOException {
    Path file =
        write(
            "ticks.jsonl",
            tick(1) + "\r\n" + "no tick\n" + "\n" + tick(2) + "  \n" + "[]\n" + tick(3));
    List<Verdict<Tick>> verdicts = values(read(split(file), null));

    assertThat(verdicts).hasSize(6);
    assertThat(verdicts.stream().map(Verdict::hasAccepted))
        .containsExactly(true, false, false, true, false, true);
    assertThat(verdicts.stream().filter(Verdict::hasAccepted).map(LineFormatTest::id))
        .containsExactly("1", "2", "3");
    assertThat(verdicts.stream().flatMap(v -> v.rejected().stream()).map(Reject::reasons))
        .containsOnly(List.of(RejectReason.MALFORMED));
    assertThat(verdicts.get(1).rejected().get(0).raw()).asString(UTF_8).isEqualTo("no tick");
    assertThat(verdicts.get(0).accepted().get(0).raw()).asString(UTF_8).isEqualTo(tick(1) + "\r");
  }

  @Test
  void aTickComesFromItsLineOfItsFile() throws IOException {
    Path file = write("ticks.jsonl", tick(1) + "\n\n" + tick(2) + "\n");
    List<Verdict<Tick>> verdicts = values(read(split(file), null));
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
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz", "ticks.zip"})
  void readingGoesOnAtEveryPositionOfACheckpoint(String name) throws IOException {
    Path file = write(name, lines(2_345));
    List<RecordAndPosition<Verdict<Tick>>> all = read(split(file), null);
    assertThat(all).hasSize(2_345);

    for (int done : new int[] {1, 2, 999, 1_000, 1_001, 2_000, 2_344, 2_345}) {
      RecordAndPosition<Verdict<Tick>> last = all.get(done - 1);
      CheckpointedPosition position =
          new CheckpointedPosition(last.getOffset(), last.getRecordSkipCount());
      List<RecordAndPosition<Verdict<Tick>>> rest = read(split(file), position);
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
  void anArchiveIsReadFileByFileButWithoutHiddenOnes() throws IOException {
    Path file =
        zip(
            "days.zip",
            "data/",
            "",
            "data/2.jsonl",
            tick(2) + "\n" + tick(3),
            "data/.hidden",
            "no tick",
            "__MACOSX/data/1.jsonl",
            "no tick",
            "1.jsonl",
            tick(1) + "\n");
    List<Verdict<Tick>> verdicts = values(read(split(file), null));
    assertThat(verdicts.stream().map(LineFormatTest::id)).containsExactly("2", "3", "1");
    assertThat(verdicts.stream().map(verdict -> verdict.origin().offset()))
        .containsExactly(0L, 1L, 2L);
  }

  @Test
  void anArchiveWithoutFilesHasNoTick() throws IOException {
    assertThat(read(split(zip("empty.zip", "data/", "")), null)).isEmpty();
    assertThat(read(split(zip("void.zip")), null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 10, 60, 200, 1_000})
  void anArchiveThatIsCutOrNoneIsAnErrorThatNamesIt(int length) throws IOException {
    byte[] whole = Files.readAllBytes(write("whole.zip", lines(2_000)));
    Path file = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, length));
    assertThatThrownBy(() -> read(split(file), null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot decompress")
        .hasMessageContaining("cut.zip");
  }

  @Test
  void aDamagedArchiveIsAnErrorThatNamesTheFileAndTheLine() throws IOException {
    Path file = folder.resolve("damaged.zip");
    byte[] text = (tick(1) + "\n").getBytes(UTF_8);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntry stored = new ZipEntry("a.jsonl");
      CRC32 checksum = new CRC32();
      checksum.update(text);
      stored.setMethod(ZipEntry.STORED);
      stored.setSize(text.length);
      stored.setCrc(checksum.getValue());
      zip.putNextEntry(stored);
      zip.write(text);
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[new String(bytes, ISO_8859_1).indexOf("1723161599")] = '2';
    Files.write(file, bytes);
    assertThatThrownBy(() -> read(split(file), null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged.zip after line 1")
        .hasStackTraceContaining("a.jsonl is damaged");
  }

  @Test
  void eachFileOfAnArchiveHasItsOwnHeaderAndName() throws IOException {
    Path file =
        zip(
            "2024-08-08.zip",
            "BTCUSDT-trades-2024-08-08.csv",
            "id,price,qty,time\n1,2,3,1723161599\n",
            "ETHUSDT-trades-2024-08-08.csv",
            "time,id,price,qty\n1723161599,2,2,3\n1723161599,3,2,3");
    LineFormat<Tick> format =
        format(
            List.of(
                "source.type=files",
                "source.files.paths=[x]",
                "source.format=csv",
                "source.default-source=binance",
                "source.files.name-pattern=(?<symbol>[A-Z0-9]+)-trades-"));
    List<RecordAndPosition<Verdict<Tick>>> all = read(format, split(file), null);
    List<String> ticks = List.of("binance:BTCUSDT 1", "binance:ETHUSDT 2", "binance:ETHUSDT 3");
    assertThat(all).hasSize(5);
    assertThat(instrumentsAndIds(all)).isEqualTo(ticks);
    for (int done = 0; done <= 5; done++) {
      List<RecordAndPosition<Verdict<Tick>>> rest =
          read(format, split(file), new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, done));
      assertThat(places(rest)).isEqualTo(places(all.subList(done, 5)));
      assertThat(instrumentsAndIds(rest)).isEqualTo(instrumentsAndIds(all.subList(done, 5)));
    }
  }

  @Test
  void aRestartKnowsWhatTheRecordsBeforeHaveSaid() throws IOException {
    String subscribed =
        "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":%d,\"symbol\":\"t%s\"}\n";
    String trade = "[%d,\"tu\",[%d,1723161599000,1,2]]\n";
    Path file =
        write(
            "session.txt",
            subscribed.formatted(1, "BTCUSD")
                + subscribed.formatted(2, "ETHUSD")
                + trade.formatted(1, 1)
                + trade.formatted(2, 2)
                + subscribed.formatted(1, "XRPUSD")
                + trade.formatted(1, 3));
    LineFormat<Tick> format =
        format(List.of("source.type=files", "source.files.paths=[x]", "source.format=bitfinex"));
    List<RecordAndPosition<Verdict<Tick>>> all = read(format, split(file), null);
    assertThat(instrumentsAndIds(all))
        .containsExactly("bitfinex:tBTCUSD 1", "bitfinex:tETHUSD 2", "bitfinex:tXRPUSD 3");
    for (int done = 0; done <= 6; done++) {
      assertThat(
              instrumentsAndIds(
                  read(
                      format,
                      split(file),
                      new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, done))))
          .isEqualTo(instrumentsAndIds(all.subList(done, 6)));
    }
  }

  @Test
  void aFileIsReadAsAWhole() {
    assertThat(FORMAT.isSplittable()).isFalse();
  }

  private Path write(String name, String text) throws IOException {
    if (name.endsWith(".zip")) {
      int half = text.indexOf('\n', text.length() / 2) + 1;
      return zip(
          name,
          "a.jsonl",
          text.substring(0, half),
          "empty.jsonl",
          "",
          "b.jsonl",
          text.substring(half));
    }
    byte[] bytes = name.endsWith(".gz") ? gzip(text) : text.getBytes(UTF_8);
    return Files.write(folder.resolve(name), bytes);
  }

  /**
   * @param entries name and text of each, by turns; the name of a folder ends in a slash
   */
  private Path zip(String name, String... entries) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < entries.length; i += 2) {
        zip.putNextEntry(new ZipEntry(entries[i]));
        zip.write(entries[i + 1].getBytes(UTF_8));
        zip.closeEntry();
      }
    }
    return file;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Some of them no ticks; the last one without a line feed. */
  private static String lines(int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(i % 7 == 3 ? "no tick " + i : tick(i));
    }
    return String.join("\n", lines);
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
  private static List<RecordAndPosition<Verdict<Tick>>> read(
      FileSourceSplit split, CheckpointedPosition position) throws IOException {
    return read(FORMAT, split, position);
  }

  private static List<RecordAndPosition<Verdict<Tick>>> read(
      LineFormat<Tick> format, FileSourceSplit split, CheckpointedPosition position)
      throws IOException {
    List<RecordAndPosition<Verdict<Tick>>> read = new ArrayList<>();
    Configuration none = new Configuration();
    try (BulkFormat.Reader<Verdict<Tick>> reader =
        position == null
            ? format.createReader(none, split)
            : format.restoreReader(none, split.updateWithCheckpointedPosition(position))) {
      for (BulkFormat.RecordIterator<Verdict<Tick>> batch = reader.readBatch();
          batch != null;
          batch = reader.readBatch()) {
        for (RecordAndPosition<Verdict<Tick>> next = batch.next();
            next != null;
            next = batch.next()) {
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

  private static List<String> instrumentsAndIds(List<RecordAndPosition<Verdict<Tick>>> records) {
    return values(records).stream()
        .flatMap(verdict -> verdict.accepted().stream())
        .map(tick -> tick.instrument() + " " + tick.tradeId())
        .toList();
  }

  private static List<Verdict<Tick>> values(List<RecordAndPosition<Verdict<Tick>>> records) {
    return records.stream().map(RecordAndPosition::getRecord).toList();
  }

  private static List<String> places(List<RecordAndPosition<Verdict<Tick>>> records) {
    return records.stream()
        .map(record -> record.getRecord().origin() + " then " + record.getRecordSkipCount())
        .toList();
  }

  private static String id(Verdict<Tick> verdict) {
    return verdict.accepted().get(0).tradeId().toString();
  }
}

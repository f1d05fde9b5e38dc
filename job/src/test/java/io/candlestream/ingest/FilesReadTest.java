package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Tick;
import io.candlestream.metrics.RecordedMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.mocks.MockSplitEnumeratorContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalSplitEnumeratorMetricGroup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What metrics say of the files: how much waits, is begun and has been read. */
class FilesReadTest {

  private static final int LINES = 100_000;

  @TempDir Path folder;

  private RecordedMetrics metrics;
  private LineFormat<Tick> format;

  @BeforeEach
  void measure() {
    metrics = new RecordedMetrics();
    JobConfig config = JobConfig.of(List.of("source.default-source=venue"));
    format = new LineFormat<>(TickDecoders.of(config));
    format.measureIn(metrics.taskGroup());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz", "ticks.zip"})
  void bytesRiseWithTheLinesToTheSizeOnTheDisk(String name) throws IOException {
    Path file = write(name);
    long size = Files.size(file);
    try (BulkFormat.Reader<Verdict<Tick>> reader =
        format.createReader(new Configuration(), split(file))) {
      assertState(0, 0, 1, size);
      long before = 0;
      int lines = 0;
      while (reader.readBatch() != null) {
        lines += 1_000;
        long read = metrics.value("bytesRead");
        assertThat(read).isBetween(before, size);
        // Buffers are read ahead of the lines.
        assertThat((double) read / size).isBetween(0.9 * lines / LINES, 1.1 * lines / LINES + 0.1);
        assertState(0, read, 1, size - read);
        before = read;
      }
    }
    assertState(1, size, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ticks.jsonl", "ticks.jsonl.gz", "ticks.zip"})
  void whatIsLeftOfAFileIsRightAfterARestart(String name) throws IOException {
    Path file = write(name);
    long size = Files.size(file);
    FileSourceSplit restored =
        split(file)
            .updateWithCheckpointedPosition(
                new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, LINES / 2));
    try (BulkFormat.Reader<Verdict<Tick>> reader =
        format.restoreReader(new Configuration(), restored)) {
      reader.readBatch();
      assertThat((double) metrics.value("bytesOpen") / size).isBetween(0.35, 0.5);
    }
  }

  @Test
  void filesAreReadOneAfterTheOther() throws IOException {
    long sum = 0;
    for (String name : List.of("a.jsonl", "b.jsonl.gz")) {
      Path file = write(name);
      sum += Files.size(file);
      try (BulkFormat.Reader<Verdict<Tick>> reader =
          format.createReader(new Configuration(), split(file))) {
        while (reader.readBatch() != null) {}
      }
    }
    assertState(2, sum, 0, 0);
  }

  @Test
  @SuppressWarnings("try") // Of the context, whose close may be interrupted.
  void filesThatNoReaderHasAskedForWait() throws Exception {
    long first = Files.size(write("a.jsonl"));
    long second = Files.size(write("b.jsonl.gz"));
    JobConfig config =
        JobConfig.of(List.of("source.type=files", "source.files.paths=[\"" + folder + "\"]"));
    PendingSplitsCheckpoint<FileSourceSplit> checkpoint;
    try (MockSplitEnumeratorContext<FileSourceSplit> context = context();
        SplitEnumerator<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>> files =
            FileRecords.source(config.source().files().paths(), TickDecoders.of(config))
                .createEnumerator(context)) {
      context.registerReader(new ReaderInfo(0, "localhost"));
      assertWaiting(2, first + second);
      files.handleSplitRequest(0, "localhost");
      assertWaiting(1, second);
      checkpoint = files.snapshotState(1);
      List<FileSourceSplit> begun =
          context.getSplitsAssignmentSequence().get(0).assignment().get(0);
      files.addSplitsBack(begun, 0);
      assertWaiting(2, first + second);
    }
    try (MockSplitEnumeratorContext<FileSourceSplit> context = context();
        SplitEnumerator<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>> files =
            FileRecords.source(config.source().files().paths(), TickDecoders.of(config))
                .restoreEnumerator(context, checkpoint)) {
      assertThat(files.snapshotState(2).getSplits()).hasSize(1);
      assertWaiting(1, second);
    }
  }

  @SuppressWarnings("try")
  private MockSplitEnumeratorContext<FileSourceSplit> context() {
    metrics = new RecordedMetrics();
    return new MockSplitEnumeratorContext<>(1) {
      @Override
      public SplitEnumeratorMetricGroup metricGroup() {
        return new InternalSplitEnumeratorMetricGroup(metrics.taskGroup());
      }
    };
  }

  private void assertWaiting(int files, long bytes) {
    assertThat(List.of(metrics.value("filesWaiting"), metrics.value("bytesWaiting")))
        .containsExactly((long) files, bytes);
  }

  private void assertState(int filesRead, long bytesRead, int filesOpen, long bytesOpen) {
    assertThat(
            List.of(
                metrics.value("filesRead"),
                metrics.value("bytesRead"),
                metrics.value("filesOpen"),
                metrics.value("bytesOpen")))
        .containsExactly((long) filesRead, bytesRead, (long) filesOpen, bytesOpen);
  }

  /** In an archive, a part of each half. */
  private Path write(String name) throws IOException {
    Path file = folder.resolve(name);
    Random random = new Random(5);
    try (OutputStream bytes = Files.newOutputStream(file)) {
      if (name.endsWith(".zip")) {
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
          for (int half = 0; half < 2; half++) {
            zip.putNextEntry(new ZipEntry("half-" + half));
            writeLines(zip, LINES / 2, random);
          }
        }
      } else if (name.endsWith(".gz")) {
        try (OutputStream compressed = new GZIPOutputStream(bytes)) {
          writeLines(compressed, LINES, random);
        }
      } else {
        writeLines(bytes, LINES, random);
      }
    }
    return file;
  }

  private static void writeLines(OutputStream out, int count, Random random) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append(random.nextLong()).append('\n');
    }
    out.write(lines.toString().getBytes(UTF_8));
  }

  private static FileSourceSplit split(Path file) throws IOException {
    long size = Files.size(file);
    return new FileSourceSplit(
        "1", new org.apache.flink.core.fs.Path(file.toUri()), 0, size, 0, size);
  }
}

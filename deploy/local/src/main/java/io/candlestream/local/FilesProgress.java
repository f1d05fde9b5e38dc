package io.candlestream.local;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.ingest.FileRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far the job is with files: how much of them it has read, and how long the rest will take at
 * the pace so far. What is read is not yet done, so 100% is for the job that has ended.
 */
final class FilesProgress {

  private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

  private final FilesLeft total;

  /** By the latest look. */
  private FilesLeft seen;

  /** Of the latest two looks. */
  private FilesLeft left;

  private long nowNanos;

  /** From the first look on, the pace is measured: before, files may have been read elsewhere. */
  private FilesLeft leftAtFirst;

  private long firstNanos;

  FilesProgress(FilesLeft total) {
    this.total = total;
    this.left = total;
  }

  /**
   * Of the files of a configuration as they are by now; empty where it reads none.
   *
   * @throws IllegalArgumentException if a path leads to no file
   */
  static Optional<FilesProgress> of(JobConfig config) throws IOException {
    if (config.source().type() != SourceConfig.Type.FILES) {
      return Optional.empty();
    }
    var files = FileRecords.resolve(config.source().files().paths());
    long bytes = 0;
    for (var file : files) {
      bytes += Files.size(Path.of(file.toUri()));
    }
    return Optional.of(new FilesProgress(new FilesLeft(files.size(), bytes)));
  }

  /**
   * Notes what is left. A file that was handed to a reader which has not begun it yet is missing
   * for a moment, so what one of two looks in a row still saw is still there.
   *
   * @param nanos by {@link System#nanoTime()}
   */
  void observe(FilesLeft nowLeft, long nanos) {
    left = seen == null ? nowLeft : nowLeft.orMore(seen);
    seen = nowLeft;
    nowNanos = nanos;
    if (leftAtFirst == null) {
      leftAtFirst = left;
      firstNanos = nanos;
    }
  }

  /** While the job is running. */
  String running() {
    return text(left, Math.min(99, percent(left)))
        + timeLeft().map(time -> ", %s left".formatted(clock(time))).orElse("");
  }

  /** When the job has ended. */
  String ended() {
    FilesLeft unread = seen == null ? total : seen;
    return text(unread, percent(unread));
  }

  private String text(FilesLeft unread, long percent) {
    int unit = 0;
    double size = 1;
    while (unit + 1 < UNITS.size() && total.bytes() >= 1_000 * size) {
      unit++;
      size *= 1_000;
    }
    return String.format(
        Locale.ROOT,
        unit == 0
            ? "%3d%%  %.0f of %.0f %s, %,d of %,d files"
            : "%3d%%  %.1f of %.1f %s, %,d of %,d files",
        percent,
        read(unread) / size,
        total.bytes() / size,
        UNITS.get(unit),
        Math.max(0, total.files() - unread.files()),
        total.files());
  }

  private long read(FilesLeft unread) {
    return Math.max(0, total.bytes() - unread.bytes());
  }

  private long percent(FilesLeft unread) {
    if (total.bytes() == 0) {
      return unread.files() == 0 ? 100 : 0;
    }
    return (long) (100.0 * read(unread) / total.bytes());
  }

  /** Empty while there is no pace, and when all is read: what is in flight then has no measure. */
  private Optional<Duration> timeLeft() {
    if (leftAtFirst == null || left.bytes() == 0) {
      return Optional.empty();
    }
    long read = leftAtFirst.bytes() - left.bytes();
    return read <= 0
        ? Optional.empty()
        : Optional.of(
            Duration.ofNanos((long) ((double) (nowNanos - firstNanos) * left.bytes() / read)));
  }

  private static String clock(Duration time) {
    return "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }
}

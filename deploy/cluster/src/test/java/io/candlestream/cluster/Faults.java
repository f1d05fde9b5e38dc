package io.candlestream.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** How much is broken, and the table of what came of it. */
final class Faults {

  /** Everything, for hours, and not the quick part that every build goes through. */
  private static final boolean ALL = "all".equals(System.getProperty("candlestream.faults"));

  /** Of this run. */
  private static final Path TABLE = emptyTable();

  private Faults() {}

  private static Path emptyTable() {
    try {
      return Files.write(
          Path.of("target", "faults.md"),
          List.of("| fault | how often | records | time |", "|---|---|---:|---:|"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the table of faults", e);
    }
  }

  /** How often, or how long. */
  static int times(int quickly, int all) {
    return ALL ? all : quickly;
  }

  /** Adds a row to the table. */
  static synchronized void survived(String fault, String howOften, Run run, Duration time)
      throws IOException {
    String row =
        "| %s | %s | %,d | %d s |".formatted(fault, howOften, run.load().size(), time.toSeconds());
    System.out.println(row);
    Files.write(TABLE, List.of(row), StandardOpenOption.APPEND);
  }
}

package io.candlestream;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The real market data that lies beside the project, in {@code ../shared/data} seen from the
 * project's root. It is not part of the project: a test that needs it is skipped where it is
 * absent.
 */
public final class SharedData {

  private static final Path FOLDER = Path.of("shared", "data");

  private SharedData() {}

  /**
   * A file of the shared data.
   *
   * @param relative its path inside {@code shared/data}
   * @return the file; where there is none, the calling test is aborted with a line that names it
   */
  public static Path require(String relative) {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(FOLDER).resolve(relative);
      if (Files.exists(file)) {
        return file;
      }
    }
    return Assumptions.abort(
        "skipped: no " + FOLDER.resolve(relative) + " in " + start + " or any folder above it");
  }
}

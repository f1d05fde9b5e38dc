package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import io.candlestream.config.ValidationConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.connector.file.src.FileSource;

/** Ticks from files of lines, one to a line, each file read once and to its end. */
public final class FileTicks {

  private static final String GLOB_CHARACTERS = "*?[{";

  private FileTicks() {}

  /**
   * @param source names files, directories (read with all that is below them, hidden files left
   *     out) and globs
   * @throws IllegalArgumentException if a path leads to no file
   */
  public static FileSource<Verdict> source(SourceConfig source, ValidationConfig validation) {
    LineFormat lines = new LineFormat(source.defaultSource(), validation);
    return FileSource.forBulkFileFormat(
            lines, resolve(source.files().paths()).toArray(org.apache.flink.core.fs.Path[]::new))
        .build();
  }

  /**
   * What the configured paths stand for by now.
   *
   * @throws IllegalArgumentException if one leads to no file
   */
  public static List<org.apache.flink.core.fs.Path> resolve(List<String> paths) {
    List<org.apache.flink.core.fs.Path> resolved = new ArrayList<>();
    for (String path : paths) {
      List<Path> files = isGlob(path) ? expand(path) : List.of(Path.of(path));
      if (files.isEmpty() || !Files.isReadable(files.get(0))) {
        throw new IllegalArgumentException(
            "source.files.paths: there is no readable file at " + path);
      }
      files.forEach(
          file -> resolved.add(new org.apache.flink.core.fs.Path(file.toAbsolutePath().toUri())));
    }
    return resolved;
  }

  private static boolean isGlob(String path) {
    return path.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0)
        && !Files.exists(Path.of(path));
  }

  private static List<Path> expand(String glob) {
    Path absolute = Path.of("").toAbsolutePath().resolve(glob).normalize();
    Path start = absolute.getRoot();
    for (Path name : absolute) {
      if (name.toString().chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0)) {
        break;
      }
      start = start.resolve(name);
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + absolute);
    if (!Files.isDirectory(start)) {
      return List.of();
    }
    try (Stream<Path> below = Files.walk(start)) {
      return below.filter(Files::isRegularFile).filter(matcher::matches).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + start, e);
    }
  }
}

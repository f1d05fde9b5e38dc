package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.feed.Trades;
import io.candlestream.market.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;

/**
 * Records from files of lines, one to a line, each file read once and to its end. Files are begun
 * in the order in which they are named, those of a directory or glob in the order of their names:
 * an instrument's files of many days must be read from the first day on, or its past comes too
 * late.
 */
public final class FileRecords {

  private static final String GLOB_CHARACTERS = "*?[{";

  private FileRecords() {}

  /**
   * @param paths of files, directories (read with all that is below them, hidden files left out)
   *     and globs
   * @throws IllegalArgumentException if a path leads to no file
   */
  public static <T extends Event>
      Source<Verdict<T>, FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>> source(
          List<String> paths, Decoders<T> decoders) {
    return new FilesInOrder<>(resolve(paths), new LineFormat<>(decoders));
  }

  /**
   * Checks that there is something to read, and that its names tell what they are to tell.
   *
   * @throws IllegalArgumentException if a path leads to no file, or to one that cannot be read, or
   *     to one whose name the configured pattern does not fit; of a file in an archive, the name
   *     may do
   */
  public static void requireFiles(SourceConfig source) {
    FileNames names = new FileNames(source);
    for (org.apache.flink.core.fs.Path file : resolve(source.files().paths())) {
      if (!names.fits(file.toString()) && !FileLines.isArchive(file)) {
        throw new IllegalArgumentException(
            "source.files.name-pattern: does not fit " + file + "; correct one or the other");
      }
      if (source.format().equals("csv")
          && source.csv().columns().isEmpty()
          && !hasHeader(file, source)) {
        throw new IllegalArgumentException(
            "source.csv.columns: must name the columns, as the first line of "
                + file
                + " has no columns price, size and timestamp");
      }
    }
  }

  /** Whether the first line tells the columns; so too where there is no line. */
  private static boolean hasHeader(org.apache.flink.core.fs.Path file, SourceConfig source) {
    try (FileLines lines = FileLines.open(file)) {
      byte[] first = lines.next();
      if (first != null) {
        FeedFormats.named(source.format())
            .reader(new FileNames(source).settings(file.toString(), lines.partName()))
            .read(first, Trades.NOBODY);
      }
      return true;
    } catch (MalformedRecord noHeader) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * The files that the configured paths stand for by now, each once.
   *
   * @throws IllegalArgumentException if a path leads to no file, or to one that cannot be read
   */
  public static List<org.apache.flink.core.fs.Path> resolve(List<String> paths) {
    Set<Path> resolved = new LinkedHashSet<>();
    for (String path : paths) {
      List<Path> files = isGlob(path) ? expand(path) : below(Path.of(path));
      if (files.isEmpty() || !files.stream().allMatch(Files::isReadable)) {
        throw new IllegalArgumentException("there is no readable file at " + path);
      }
      files.forEach(file -> resolved.add(file.toAbsolutePath().normalize()));
    }
    return resolved.stream().map(file -> new org.apache.flink.core.fs.Path(file.toUri())).toList();
  }

  /** The file itself, or all files below a directory but hidden ones. */
  private static List<Path> below(Path path) {
    if (!Files.isDirectory(path)) {
      return Files.exists(path) ? List.of(path) : List.of();
    }
    try (Stream<Path> below = Files.walk(path)) {
      return below
          .filter(Files::isRegularFile)
          .filter(file -> !isHidden(path.relativize(file)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + path, e);
    }
  }

  private static boolean isHidden(Path relative) {
    for (Path name : relative) {
      if (isHidden(name.toString())) {
        return true;
      }
    }
    return false;
  }

  /** Whether a file or folder is called as those that are not finished, or not data. */
  static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
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
    int depth =
        glob.contains("**") ? Integer.MAX_VALUE : absolute.getNameCount() - start.getNameCount();
    try (Stream<Path> below = Files.walk(start, depth)) {
      return below.filter(Files::isRegularFile).filter(matcher::matches).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + start, e);
    }
  }
}

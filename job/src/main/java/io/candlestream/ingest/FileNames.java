package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import io.candlestream.feed.FeedSettings;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the name of a file tells about its ticks: archives have one for each symbol and day. */
final class FileNames {

  private final SourceConfig source;

  /** Null where names tell nothing. */
  private final Pattern pattern;

  FileNames(SourceConfig source) {
    this.source = source;
    String regex = source.files().namePattern();
    this.pattern = regex.isEmpty() ? null : Pattern.compile(regex);
  }

  /** Whether the name tells what it is to tell. */
  boolean fits(String path) {
    return pattern == null || pattern.matcher(path).find();
  }

  /**
   * @param path of the file
   * @param part the name of a file in it, if it is an archive, which goes first; or empty
   */
  FeedSettings settings(String path, String part) {
    Optional<Matcher> found = find(part).or(() -> find(path));
    return FeedSettings.ofFile(
        source,
        found.map(match -> group("source", match)).orElse(source.defaultSource()),
        found.map(match -> group("symbol", match)).orElse(""));
  }

  private Optional<Matcher> find(String name) {
    return Optional.ofNullable(pattern).map(p -> p.matcher(name)).filter(Matcher::find);
  }

  /** Null where the pattern has no such group, or it took no part in the match. */
  private String group(String name, Matcher match) {
    return source.files().namesTell(name) ? match.group(name) : null;
  }
}

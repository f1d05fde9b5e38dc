package io.candlestream.feed;

import static java.util.Objects.requireNonNull;

import io.candlestream.config.SourceConfig;

/**
 * What a reader is told about its records from outside.
 *
 * @param defaultSource the venue of trades whose record names none; empty: not known
 * @param defaultSymbol the symbol of trades whose record names none; empty: not known
 * @param mayBeginWithHeader whether the first record may be a line of column names, as in a file
 * @param csv how lines of separated values are read
 */
public record FeedSettings(
    String defaultSource, String defaultSymbol, boolean mayBeginWithHeader, SourceConfig.Csv csv) {

  public FeedSettings {
    requireNonNull(defaultSource, "defaultSource");
    requireNonNull(defaultSymbol, "defaultSymbol");
    requireNonNull(csv, "csv");
  }

  /** For the records of a topic. */
  public static FeedSettings ofTopic(SourceConfig source) {
    return new FeedSettings(source.defaultSource(), "", false, source.csv());
  }

  /**
   * For the lines of a file.
   *
   * @param defaultSource the venue that the file's name tells, or else the configured one
   * @param defaultSymbol the symbol that the file's name tells; empty for none
   */
  public static FeedSettings ofFile(
      SourceConfig source, String defaultSource, String defaultSymbol) {
    return new FeedSettings(defaultSource, defaultSymbol, true, source.csv());
  }

  /** The venue of a format whose records name none: the format's own, unless told otherwise. */
  public String venue(String own) {
    return defaultSource.isEmpty() ? own : defaultSource;
  }
}

package io.candlestream.config;

import java.io.Serializable;
import java.time.Instant;
import java.util.Locale;

/**
 * Where a job without a checkpoint begins to read a topic.
 *
 * @param timestamp the first record at or after it is the first to be read; given exactly for
 *     {@link Kind#TIMESTAMP}, else null
 */
public record StartPosition(Kind kind, Instant timestamp) implements Serializable {

  public StartPosition {
    if ((kind == Kind.TIMESTAMP) != (timestamp != null)) {
      throw new IllegalArgumentException("a timestamp belongs to TIMESTAMP and to nothing else");
    }
  }

  /** A place in a partition. */
  public enum Kind {
    /** The group's committed offset; the earliest record where it has none. */
    COMMITTED,
    /** The first record there is. */
    EARLIEST,
    /** Behind the last record there is. */
    LATEST,
    /** The first record at or after a time. */
    TIMESTAMP,
    /** Where a job of this group was at its last checkpoint, less what could still change then. */
    RESUME
  }

  static StartPosition parse(String text) {
    return text.equals("resume")
        ? new StartPosition(Kind.RESUME, null)
        : parse(
            text,
            "must be committed, earliest, latest, resume or a time such as"
                + " timestamp:2024-08-08T00:00:00Z");
  }

  /** For another stream than that of ticks: candles say where a job resumes, and only for these. */
  static StartPosition parseWithoutResume(String text) {
    return parse(
        text,
        "must be committed, earliest, latest or a time such as timestamp:2024-08-08T00:00:00Z"
            + " (resume goes by the job's candles, and is for source.kafka.start alone)");
  }

  private static StartPosition parse(String text, String requirement) {
    return switch (text) {
      case "committed" -> new StartPosition(Kind.COMMITTED, null);
      case "earliest" -> new StartPosition(Kind.EARLIEST, null);
      case "latest" -> new StartPosition(Kind.LATEST, null);
      default -> new StartPosition(Kind.TIMESTAMP, Scalars.timestamp(text, requirement));
    };
  }

  @Override
  public String toString() {
    return kind == Kind.TIMESTAMP ? "timestamp:" + timestamp : kind.name().toLowerCase(Locale.ROOT);
  }
}

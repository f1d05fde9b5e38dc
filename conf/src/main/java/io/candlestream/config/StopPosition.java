package io.candlestream.config;

import java.io.Serializable;
import java.time.Instant;
import java.util.Locale;

/**
 * Where a job stops reading a topic, and so ends.
 *
 * @param timestamp the first record at or after it is the first not to be read; given exactly for
 *     {@link Kind#TIMESTAMP}, else null
 */
public record StopPosition(Kind kind, Instant timestamp) implements Serializable {

  public StopPosition {
    if ((kind == Kind.TIMESTAMP) != (timestamp != null)) {
      throw new IllegalArgumentException("a timestamp belongs to TIMESTAMP and to nothing else");
    }
  }

  /** A place in a partition. */
  public enum Kind {
    /** Nowhere: the job runs until it is stopped. */
    NEVER,
    /** Behind the last record there is when the job starts. */
    LATEST,
    /** Before the first record at or after a time. */
    TIMESTAMP
  }

  static StopPosition parse(String text) {
    return switch (text) {
      case "never" -> new StopPosition(Kind.NEVER, null);
      case "latest" -> new StopPosition(Kind.LATEST, null);
      default ->
          new StopPosition(
              Kind.TIMESTAMP,
              Scalars.timestamp(
                  text, "must be never, latest or a time such as timestamp:2024-08-08T00:00:00Z"));
    };
  }

  @Override
  public String toString() {
    return kind == Kind.TIMESTAMP ? "timestamp:" + timestamp : kind.name().toLowerCase(Locale.ROOT);
  }
}

package io.candlestream.config;

import java.time.Duration;
import java.util.StringJoiner;

/** Durations as text. */
public final class Durations {
  private Durations() {}

  /** As the configuration writes it, in the largest unit of which it is a whole number. */
  public static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (duration.toMillis() % 1_000 != 0) {
      return duration.toMillis() + "ms";
    } else if (seconds == 0) {
      return "0";
    } else if (seconds % 60 != 0) {
      return seconds + "s";
    } else if (seconds % 3_600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3_600 + "h";
  }

  /** For people, in all units from days to seconds: {@code 1d 5m 5s}. */
  public static String words(Duration duration) {
    if (duration.toMillis() % 1_000 != 0 || duration.toSeconds() == 0) {
      return text(duration);
    }
    StringJoiner words = new StringJoiner(" ");
    part(words, duration.toDays(), "d");
    part(words, duration.toHoursPart(), "h");
    part(words, duration.toMinutesPart(), "m");
    part(words, duration.toSecondsPart(), "s");
    return words.toString();
  }

  private static void part(StringJoiner words, long count, String unit) {
    if (count != 0) {
      words.add(count + unit);
    }
  }
}

package io.candlestream.config;

import java.time.Duration;

/** Durations for people. */
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
}

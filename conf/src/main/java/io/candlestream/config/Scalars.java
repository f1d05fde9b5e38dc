package io.candlestream.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads single values from their text, and states their ranges. What does not fit is an {@link
 * IllegalArgumentException} whose message says what the value must be, and never what it was: it
 * may be a secret.
 */
final class Scalars {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** Far beyond a tick's own limits, and small enough that no arithmetic on it can run away. */
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?\\d{1,60}(\\.\\d{1,60})?([eE][+-]?\\d{1,2})?");

  private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?\\d{1,9}");
  private static final String TIMESTAMP = "timestamp:";

  private Scalars() {}

  static Duration duration(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be a duration such as 500ms, 5s, 30m, 24h, 7d or 0");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("must be a duration of at most 36500d");
    }
    return duration;
  }

  static Duration positive(Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException("must be more than 0");
    }
    return duration;
  }

  static Duration notNegative(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("must be 0 or more");
    }
    return duration;
  }

  /** A decimal, exactly as written: it never passes through a double. */
  static BigDecimal decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new IllegalArgumentException("must be a decimal number such as 0.000001");
    }
    return new BigDecimal(text);
  }

  static BigDecimal notNegative(BigDecimal number) {
    if (number.signum() < 0) {
      throw new IllegalArgumentException("must be 0 or more");
    }
    return number;
  }

  static int wholeNumber(String text) {
    if (!WHOLE_NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("must be a whole number");
    }
    return Integer.parseInt(text);
  }

  static int within(int least, int most, int number) {
    if (number < least || number > most) {
      throw new IllegalArgumentException("must be from " + least + " to " + most);
    }
    return number;
  }

  static double within(double least, double most, double number) {
    if (!(number >= least && number <= most)) {
      throw new IllegalArgumentException(
          "must be from %s to %s".formatted(decimal(least), decimal(most)));
    }
    return number;
  }

  private static String decimal(double bound) {
    return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
  }

  static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  static String notBlank(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must not be empty");
    }
    return text;
  }

  /** The constant of {@code type} whose name, in lower case and with hyphens, is {@code text}. */
  static <E extends Enum<E>> E choice(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        Arrays.stream(type.getEnumConstants())
            .map(Scalars::word)
            .collect(Collectors.joining(", ", "must be one of ", "")));
  }

  /**
   * The time in {@code timestamp:} and an ISO-8601 time with zone; {@code requirement} says what
   * else was possible.
   */
  static Instant timestamp(String text, String requirement) {
    if (!text.startsWith(TIMESTAMP)) {
      throw new IllegalArgumentException(requirement);
    }
    try {
      return Instant.parse(text.substring(TIMESTAMP.length()));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(requirement, e);
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

package io.candlestream.feed;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/**
 * Reads timestamps in the forms that feeds send them: microseconds since the epoch, 1970 to 9999.
 */
final class EpochMicros {

  private static final long END = 253_402_300_800L * 1_000_000;

  private static final Pattern FRACTION = Pattern.compile("\\.[0-9]+");

  private static final long SECONDS_BELOW = 100_000_000_000L;
  private static final long MILLIS_BELOW = 100_000_000_000_000L;
  private static final long MICROS_BELOW = 100_000_000_000_000_000L;

  private EpochMicros() {}

  /**
   * Takes an integer epoch: seconds below 1e11, milliseconds below 1e14, microseconds below 1e17,
   * else nanoseconds, of which whole microseconds are kept.
   *
   * @throws DateTimeException if it lies before 1970
   */
  static long ofInteger(long epoch) {
    if (epoch < 0) {
      throw new DateTimeException("before 1970: " + epoch);
    }
    if (epoch < SECONDS_BELOW) {
      return epoch * 1_000_000;
    }
    if (epoch < MILLIS_BELOW) {
      return epoch * 1_000;
    }
    return epoch < MICROS_BELOW ? epoch : epoch / 1_000;
  }

  /**
   * Reads ISO-8601 with a zone, such as {@code 2024-08-09T00:00:00.123456Z}; digits beyond the
   * microsecond are cut off.
   *
   * @throws DateTimeException if it is no such text, or lies outside 1970 to 9999
   */
  static long ofIso(char[] text, int offset, int length) {
    long micros =
        isUtcToTheSecond(text, offset, length)
            ? ofUtc(text, offset, length)
            : ofAnyIso(new String(text, offset, length));
    if (micros < 0 || micros >= END) {
      throw new DateTimeException("not in 1970 to 9999: " + new String(text, offset, length));
    }
    return micros;
  }

  /**
   * Reads an integer epoch as {@link #ofInteger} does, one with a decimal fraction of its unit, or
   * ISO-8601 as {@link #ofIso} does. Digits beyond the microsecond are cut off.
   *
   * @throws DateTimeException if it is none of these, or lies outside 1970 to 9999
   */
  static long ofText(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    boolean isInteger = digits > 0 && digits == text.length();
    boolean isDecimal = digits > 0 && FRACTION.matcher(text.substring(digits)).matches();
    if (!isInteger && !isDecimal) {
      return ofIso(text.toCharArray(), 0, text.length());
    }
    long epoch;
    try {
      epoch = Long.parseLong(text, 0, digits, 10);
    } catch (NumberFormatException e) {
      throw new DateTimeException("beyond 64 bits: " + text, e);
    }
    long micros = ofInteger(epoch);
    return isInteger ? micros : micros + fraction(text, digits + 1, digitsOfMicros(epoch));
  }

  /** How many digits of a fraction of the epoch's unit are microseconds. */
  private static int digitsOfMicros(long epoch) {
    if (epoch < SECONDS_BELOW) {
      return 6;
    }
    return epoch < MILLIS_BELOW ? 3 : 0;
  }

  private static long fraction(String text, int start, int digits) {
    long fraction = 0;
    for (int i = start; i < start + digits; i++) {
      fraction = fraction * 10 + (i < text.length() ? text.charAt(i) - '0' : 0);
    }
    return fraction;
  }

  private static long ofAnyIso(String text) {
    Instant instant = OffsetDateTime.parse(text).toInstant();
    if (instant.getEpochSecond() < 0 || instant.getEpochSecond() >= END / 1_000_000) {
      throw new DateTimeException("not in 1970 to 9999: " + text);
    }
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  /** Whether it reads {@code dddd-dd-ddTdd:dd:dd[.d…]Z}, the form nearly all feeds use. */
  private static boolean isUtcToTheSecond(char[] text, int offset, int length) {
    if (length < 20 || length > 30 || length == 21 || text[offset + length - 1] != 'Z') {
      return false;
    }
    for (int i = 0; i < length - 1; i++) {
      char c = text[offset + i];
      boolean fits =
          switch (i) {
            case 4, 7 -> c == '-';
            case 10 -> c == 'T';
            case 13, 16 -> c == ':';
            case 19 -> c == '.';
            default -> c >= '0' && c <= '9';
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static long ofUtc(char[] text, int offset, int length) {
    int hour = number(text, offset + 11, 2);
    int minute = number(text, offset + 14, 2);
    int second = number(text, offset + 17, 2);
    if (hour > 23 || minute > 59 || second > 59) {
      throw new DateTimeException("no time of day: " + new String(text, offset, length));
    }
    long day =
        LocalDate.of(
                number(text, offset, 4), number(text, offset + 5, 2), number(text, offset + 8, 2))
            .toEpochDay();
    long seconds = ((day * 24 + hour) * 60 + minute) * 60 + second;
    int fractionDigits = Math.min(Math.max(length - 21, 0), 6);
    long micros = number(text, offset + 20, fractionDigits);
    for (int i = fractionDigits; i < 6; i++) {
      micros *= 10;
    }
    return seconds * 1_000_000 + micros;
  }

  private static int number(char[] text, int offset, int digits) {
    int number = 0;
    for (int i = 0; i < digits; i++) {
      number = number * 10 + (text[offset + i] - '0');
    }
    return number;
  }
}

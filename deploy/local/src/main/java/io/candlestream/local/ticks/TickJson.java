package io.candlestream.local.ticks;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * Writes JSON text straight into bytes: no strings, no library, nothing allocated but the finished
 * record.
 */
final class TickJson {
  private static final int CAPACITY = 512;
  private static final byte[] HEX = ascii("0123456789abcdef");

  private final byte[] buffer = new byte[CAPACITY];
  private final byte[] isoSecond = ascii("1970-01-01T00:00:00");
  private long isoSecondEpoch;
  private int length;

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  TickJson clear() {
    length = 0;
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(buffer, length);
  }

  TickJson raw(byte[] text) {
    System.arraycopy(text, 0, buffer, length, text.length);
    length += text.length;
    return this;
  }

  TickJson raw(char character) {
    buffer[length++] = (byte) character;
    return this;
  }

  /** A number ≥ 0. */
  TickJson number(long value) {
    int end = length + digits(value);
    length = end;
    long rest = value;
    do {
      long next = rest / 10;
      buffer[--end] = (byte) ('0' + (rest - next * 10));
      rest = next;
    } while (rest > 0);
    return this;
  }

  /**
   * {@code unscaled} · 10^−{@code scale}, both ≥ 0, with exactly {@code scale} fractional digits.
   */
  TickJson decimal(long unscaled, int scale) {
    if (scale == 0) {
      return number(unscaled);
    }
    int width = Math.max(digits(unscaled), scale + 1);
    int at = length + width;
    length = at + 1;
    long rest = unscaled;
    for (int digit = 0; digit < width; digit++) {
      if (digit == scale) {
        buffer[at--] = '.';
      }
      long next = rest / 10;
      buffer[at--] = (byte) ('0' + (rest - next * 10));
      rest = next;
    }
    return this;
  }

  /** A random (version 4) UUID with the given bits, its version and variant set. */
  TickJson uuid(long high, long low) {
    long first = high & ~0xf000L | 0x4000L;
    long second = low & ~(3L << 62) | 2L << 62;
    return hex(first >>> 32, 8)
        .raw('-')
        .hex(first >>> 16, 4)
        .raw('-')
        .hex(first, 4)
        .raw('-')
        .hex(second >>> 48, 4)
        .raw('-')
        .hex(second, 12);
  }

  /** {@code 2026-01-31T23:59:59.123456Z}. */
  TickJson isoMicros(long epochMicros) {
    long second = epochMicros / 1_000_000;
    if (second != isoSecondEpoch) {
      renderSecond(second);
    }
    raw(isoSecond).raw('.');
    padded((int) (epochMicros - second * 1_000_000), 6);
    return raw('Z');
  }

  private void renderSecond(long epochSecond) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
    int keep = length;
    padded(time.getYear(), 4);
    raw('-').padded(time.getMonthValue(), 2);
    raw('-').padded(time.getDayOfMonth(), 2);
    raw('T').padded(time.getHour(), 2);
    raw(':').padded(time.getMinute(), 2);
    raw(':').padded(time.getSecond(), 2);
    System.arraycopy(buffer, keep, isoSecond, 0, isoSecond.length);
    length = keep;
    isoSecondEpoch = epochSecond;
  }

  private void padded(int value, int width) {
    int rest = value;
    for (int at = length + width - 1; at >= length; at--) {
      buffer[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += width;
  }

  private TickJson hex(long bits, int width) {
    for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) {
      buffer[length++] = HEX[(int) (bits >>> shift) & 0xf];
    }
    return this;
  }

  private static int digits(long value) {
    int digits = 1;
    for (long bound = 10; digits < 19 && value >= bound; bound *= 10) {
      digits++;
    }
    return digits;
  }
}

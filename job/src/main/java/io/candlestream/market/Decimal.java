package io.candlestream.market;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * An exact decimal number without a fixed scale: {@code unscaled × 10^-scale}.
 *
 * <p>Every value has one representation: the scale is the least that is not negative and holds the
 * value, so trailing zeros carry no meaning and {@link #equals} compares by value. Values whose
 * unscaled part fits a {@code long} (all prices and sizes, nearly all sums) cost two machine words;
 * larger ones fall back to {@link BigInteger}. Nothing is ever rounded but by {@link #divide}.
 */
public final class Decimal implements Comparable<Decimal> {

  public static final Decimal ZERO = new Decimal(0, 0, null);

  /** The most significant digits that {@link #parse} takes, trailing zeros not counted. */
  public static final int MAX_SIGNIFICANT_DIGITS = 18;

  /** The most fractional digits that {@link #parse} takes, trailing zeros not counted. */
  public static final int MAX_FRACTIONAL_DIGITS = 30;

  /** The most digits before the point that {@link #parse} takes: 1e35 is read, 1e36 is not. */
  public static final int MAX_INTEGER_DIGITS = 36;

  private static final long[] POWERS_OF_TEN = new long[19];

  static {
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
    }
  }

  /** 2^53: integers up to here are exact as {@code double}. */
  private static final long MAX_EXACT_DOUBLE = 1L << 53;

  private static final double[] EXACT_DOUBLE_POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private final long unscaled;
  private final int scale;

  /** The unscaled value where it does not fit a {@code long}, else null. */
  private final BigInteger large;

  private Decimal(long unscaled, int scale, BigInteger large) {
    this.unscaled = unscaled;
    this.scale = scale;
    this.large = large;
  }

  /** The value {@code unscaled × 10^-scale}; the scale must not be negative. */
  public static Decimal of(long unscaled, int scale) {
    if (scale < 0) {
      throw new IllegalArgumentException("negative scale: " + scale);
    }
    long value = unscaled;
    int digits = scale;
    while (digits > 0 && value % 10 == 0) {
      value /= 10;
      digits--;
    }
    return new Decimal(value, digits, null);
  }

  /** The same for an unscaled value of any size. */
  public static Decimal of(BigInteger unscaled, int scale) {
    return of(new BigDecimal(unscaled, scale));
  }

  public static Decimal of(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    if (stripped.scale() < 0) {
      stripped = stripped.setScale(0);
    }
    BigInteger unscaled = stripped.unscaledValue();
    return unscaled.bitLength() < Long.SIZE
        ? new Decimal(unscaled.longValue(), stripped.scale(), null)
        : new Decimal(0, stripped.scale(), unscaled);
  }

  /**
   * Reads a number in JSON's grammar ({@code -12.50e3}), exactly.
   *
   * @throws NumberFormatException if the text is not such a number, or has more than {@value
   *     #MAX_SIGNIFICANT_DIGITS} significant, {@value #MAX_FRACTIONAL_DIGITS} fractional or {@value
   *     #MAX_INTEGER_DIGITS} integer digits (trailing zeros of the fraction not counted)
   */
  public static Decimal parse(char[] text, int offset, int length) {
    int end = offset + length;
    int at = offset;
    boolean negative = at < end && text[at] == '-';
    if (negative) {
      at++;
    }

    // Zeros wait until a digit follows them, so that trailing ones never enter the value.
    long value = 0;
    int significant = 0;
    int waitingZeros = 0;
    int start = at;
    int point = -1;
    for (; at < end; at++) {
      char c = text[at];
      if (c == '.' && point < 0) {
        point = at;
      } else if (c == '0') {
        waitingZeros += value == 0 ? 0 : 1;
      } else if (isDigit(c)) {
        significant += waitingZeros + 1;
        if (significant > MAX_SIGNIFICANT_DIGITS) {
          throw tooManyDigits(text, offset, length);
        }
        value = value * POWERS_OF_TEN[waitingZeros + 1] + (c - '0');
        waitingZeros = 0;
      } else {
        break;
      }
    }
    int integerDigits = (point < 0 ? at : point) - start;
    int fractionDigits = point < 0 ? 0 : at - point - 1;
    if (integerDigits == 0
        || (integerDigits > 1 && text[start] == '0')
        || (point >= 0 && fractionDigits == 0)) {
      throw notANumber(text, offset, length);
    }
    long exponent = 0;
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      boolean negativeExponent = at < end && text[at] == '-';
      if (at < end && (text[at] == '-' || text[at] == '+')) {
        at++;
      }
      int exponentStart = at;
      while (at < end && isDigit(text[at])) {
        exponent = Math.min(exponent * 10 + (text[at++] - '0'), Integer.MAX_VALUE);
      }
      if (at == exponentStart) {
        throw notANumber(text, offset, length);
      }
      exponent = negativeExponent ? -exponent : exponent;
    }
    if (at != end) {
      throw notANumber(text, offset, length);
    }
    if (value == 0) {
      return ZERO;
    }

    long scale = fractionDigits - waitingZeros - exponent;
    if (scale > MAX_FRACTIONAL_DIGITS || significant - scale > MAX_INTEGER_DIGITS) {
      throw tooManyDigits(text, offset, length);
    }
    long signed = negative ? -value : value;
    if (scale >= 0) {
      return new Decimal(signed, (int) scale, null);
    }
    return significant - scale <= MAX_SIGNIFICANT_DIGITS
        ? new Decimal(signed * POWERS_OF_TEN[(int) -scale], 0, null)
        : of(BigDecimal.valueOf(signed, (int) scale));
  }

  /** {@link #parse(char[], int, int)} of a whole text. */
  public static Decimal parse(String text) {
    return parse(text.toCharArray(), 0, text.length());
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static NumberFormatException notANumber(char[] text, int offset, int length) {
    return new NumberFormatException("not a decimal number: " + excerpt(text, offset, length));
  }

  private static NumberFormatException tooManyDigits(char[] text, int offset, int length) {
    return new NumberFormatException("too many digits: " + excerpt(text, offset, length));
  }

  private static String excerpt(char[] text, int offset, int length) {
    return new String(text, offset, Math.min(length, 64)) + (length > 64 ? "…" : "");
  }

  public Decimal add(Decimal other) {
    if (large == null && other.large == null) {
      long left = unscaled;
      long right = other.unscaled;
      int sumScale = Math.max(scale, other.scale);
      boolean exact = true;
      if (scale < sumScale) {
        exact = scalesUp(left, sumScale - scale);
        left = exact ? left * POWERS_OF_TEN[sumScale - scale] : 0;
      } else if (other.scale < sumScale) {
        exact = scalesUp(right, sumScale - other.scale);
        right = exact ? right * POWERS_OF_TEN[sumScale - other.scale] : 0;
      }
      long sum = left + right;
      boolean overflow = ((left ^ sum) & (right ^ sum)) < 0;
      if (exact && !overflow) {
        return of(sum, sumScale);
      }
    }
    return of(toBigDecimal().add(other.toBigDecimal()));
  }

  public Decimal subtract(Decimal other) {
    return add(other.negate());
  }

  public Decimal negate() {
    return large == null && unscaled != Long.MIN_VALUE
        ? new Decimal(-unscaled, scale, null)
        : of(toBigDecimal().negate());
  }

  public Decimal abs() {
    return signum() < 0 ? negate() : this;
  }

  public Decimal multiply(Decimal other) {
    if (large == null && other.large == null) {
      long product = unscaled * other.unscaled;
      if (Math.multiplyHigh(unscaled, other.unscaled) == product >> (Long.SIZE - 1)) {
        return of(product, scale + other.scale);
      }
    }
    return of(toBigDecimal().multiply(other.toBigDecimal()));
  }

  /**
   * The quotient, rounded half-even to the given number of fractional digits.
   *
   * @throws ArithmeticException if the divisor is zero
   */
  public Decimal divide(Decimal divisor, int fractionalDigits) {
    return of(
        toBigDecimal().divide(divisor.toBigDecimal(), fractionalDigits, RoundingMode.HALF_EVEN));
  }

  public Decimal max(Decimal other) {
    return compareTo(other) >= 0 ? this : other;
  }

  public Decimal min(Decimal other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** −1, 0 or 1 as the value is negative, zero or positive. */
  public int signum() {
    return large == null ? Long.signum(unscaled) : large.signum();
  }

  @Override
  public int compareTo(Decimal other) {
    if (large == null && other.large == null) {
      if (scale == other.scale) {
        return Long.compare(unscaled, other.unscaled);
      }
      if (scale < other.scale) {
        int by = other.scale - scale;
        if (scalesUp(unscaled, by)) {
          return Long.compare(unscaled * POWERS_OF_TEN[by], other.unscaled);
        }
      } else {
        int by = scale - other.scale;
        if (scalesUp(other.unscaled, by)) {
          return Long.compare(unscaled, other.unscaled * POWERS_OF_TEN[by]);
        }
      }
    }
    return toBigDecimal().compareTo(other.toBigDecimal());
  }

  /** Whether {@code value × 10^digits} fits a {@code long}. */
  private static boolean scalesUp(long value, int digits) {
    if (digits >= POWERS_OF_TEN.length) {
      return false;
    }
    long power = POWERS_OF_TEN[digits];
    return Math.multiplyHigh(value, power) == (value * power) >> (Long.SIZE - 1);
  }

  /** Whether the unscaled value fits a {@code long}, and {@link #unscaledLong} is it. */
  public boolean isCompact() {
    return large == null;
  }

  /** The unscaled value of a {@link #isCompact() compact} number. */
  public long unscaledLong() {
    if (large != null) {
      throw new ArithmeticException(this + " has more digits than fit 64 bits");
    }
    return unscaled;
  }

  public BigInteger unscaledValue() {
    return large == null ? BigInteger.valueOf(unscaled) : large;
  }

  /** The number of fractional digits: never negative, and the least that holds the value. */
  public int scale() {
    return scale;
  }

  public BigDecimal toBigDecimal() {
    return large == null ? BigDecimal.valueOf(unscaled, scale) : new BigDecimal(large, scale);
  }

  /** The nearest {@code double}, correctly rounded. */
  public double doubleValue() {
    if (large == null
        && Math.abs(unscaled) <= MAX_EXACT_DOUBLE
        && scale < EXACT_DOUBLE_POWERS.length) {
      // Both operands are exact, so the one rounding of the division is the correct one (Clinger).
      return unscaled / EXACT_DOUBLE_POWERS[scale];
    }
    return Double.parseDouble(toBigDecimal().toString());
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Decimal other
        && unscaled == other.unscaled
        && scale == other.scale
        && (large == null ? other.large == null : large.equals(other.large));
  }

  @Override
  public int hashCode() {
    return 31 * (large == null ? Long.hashCode(unscaled) : large.hashCode()) + scale;
  }

  /** The plain decimal text, without exponent and without trailing zeros: {@code 0.00012}. */
  @Override
  public String toString() {
    return toBigDecimal().toPlainString();
  }
}

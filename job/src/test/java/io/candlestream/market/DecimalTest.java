package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Decimal} against {@link BigDecimal}. */
class DecimalTest {

  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  @Property
  void holdsEveryValueExactly(@ForAll("bigDecimals") BigDecimal value) {
    assertThat(Decimal.of(value).toBigDecimal()).isEqualTo(canonical(value));
  }

  @Property
  void isTheUnscaledValueAtItsScale(@ForAll long unscaled, @ForAll @IntRange(max = 40) int scale) {
    assertThat(Decimal.of(unscaled, scale).toBigDecimal())
        .isEqualTo(canonical(BigDecimal.valueOf(unscaled, scale)));
  }

  @Property
  void partsMakeUpTheValue(@ForAll("bigDecimals") BigDecimal value) {
    Decimal decimal = Decimal.of(value);
    assertThat(Decimal.of(decimal.unscaledValue(), decimal.scale())).isEqualTo(decimal);
    assertThat(decimal.isCompact()).isEqualTo(fits64Bits(canonical(value).unscaledValue()));
    if (decimal.isCompact()) {
      assertThat(Decimal.of(decimal.unscaledLong(), decimal.scale())).isEqualTo(decimal);
    } else {
      assertThatThrownBy(decimal::unscaledLong).isInstanceOf(ArithmeticException.class);
    }
  }

  @Property
  void isWrittenPlainAndWithoutTrailingZeros(@ForAll("bigDecimals") BigDecimal value) {
    assertThat(Decimal.of(value)).hasToString(canonical(value).toPlainString());
  }

  @Property
  void addsExactly(
      @ForAll("bigDecimals") BigDecimal left, @ForAll("bigDecimals") BigDecimal right) {
    assertThat(Decimal.of(left).add(Decimal.of(right)).toBigDecimal())
        .isEqualTo(canonical(left.add(right)));
  }

  @Property
  void addsExactlyAtTheBorderOf64Bits(@ForAll long left, @ForAll long right) {
    assertThat(Decimal.of(left, 0).add(Decimal.of(right, 0)).toBigDecimal())
        .isEqualTo(canonical(BigDecimal.valueOf(left).add(BigDecimal.valueOf(right))));
  }

  @Property
  void zeroAddsNothing(@ForAll("bigDecimals") BigDecimal value) {
    Decimal decimal = Decimal.of(value);
    assertThat(Decimal.ZERO.add(decimal)).isEqualTo(decimal);
    assertThat(decimal.add(Decimal.ZERO)).isEqualTo(decimal);
  }

  @Property
  void subtractsExactly(
      @ForAll("bigDecimals") BigDecimal left, @ForAll("bigDecimals") BigDecimal right) {
    assertThat(Decimal.of(left).subtract(Decimal.of(right)).toBigDecimal())
        .isEqualTo(canonical(left.subtract(right)));
  }

  @Property
  void subtractsExactlyAtTheBorderOf64Bits(@ForAll long left, @ForAll long right) {
    assertThat(Decimal.of(left, 0).subtract(Decimal.of(right, 0)).toBigDecimal())
        .isEqualTo(canonical(BigDecimal.valueOf(left).subtract(BigDecimal.valueOf(right))));
  }

  @Property
  void lessItselfEveryValueIsZero(@ForAll("bigDecimals") BigDecimal value) {
    assertThat(Decimal.of(value).subtract(Decimal.of(value))).isEqualTo(Decimal.ZERO);
  }

  @Property
  void hasAnOppositeAndAMagnitude(@ForAll("bigDecimals") BigDecimal value) {
    Decimal decimal = Decimal.of(value);
    assertThat(decimal.negate().toBigDecimal()).isEqualTo(canonical(value.negate()));
    assertThat(decimal.negate().negate()).isEqualTo(decimal);
    assertThat(decimal.abs().toBigDecimal()).isEqualTo(canonical(value.abs()));
    assertThat(decimal.negate().abs()).isEqualTo(decimal.abs());
  }

  /** One of the two fits 64 bits, and the other does not. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 18, 19, 30})
  void theLeastOf64BitsHasItsOppositeToo(int scale) {
    Decimal least = Decimal.of(Long.MIN_VALUE, scale);
    Decimal opposite = Decimal.of(BigInteger.TWO.pow(63), scale);
    assertThat(least.isCompact()).isTrue();
    assertThat(opposite.isCompact()).isFalse();
    assertThat(least.negate()).isEqualTo(opposite);
    assertThat(least.abs()).isEqualTo(opposite);
    assertThat(opposite.negate()).isEqualTo(least).hasSameHashCodeAs(least);
    assertThat(Decimal.ZERO.subtract(least)).isEqualTo(opposite);
    assertThat(least.subtract(opposite).toBigDecimal())
        .isEqualTo(canonical(new BigDecimal(BigInteger.TWO.pow(64).negate(), scale)));
  }

  @Property
  void multipliesExactly(
      @ForAll("bigDecimals") BigDecimal left, @ForAll("bigDecimals") BigDecimal right) {
    assertThat(Decimal.of(left).multiply(Decimal.of(right)).toBigDecimal())
        .isEqualTo(canonical(left.multiply(right)));
  }

  @Property
  void dividesRoundingHalfEven(
      @ForAll("bigDecimals") BigDecimal dividend,
      @ForAll("nonZeros") BigDecimal divisor,
      @ForAll @IntRange(max = 20) int digits) {
    assertThat(Decimal.of(dividend).divide(Decimal.of(divisor), digits).toBigDecimal())
        .isEqualTo(canonical(dividend.divide(divisor, digits, RoundingMode.HALF_EVEN)));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3, 4, 0.3333",
    "2, 3, 4, 0.6667",
    "1, 8, 2, 0.12",
    "3, 8, 2, 0.38",
    "-1, 8, 2, -0.12",
    "10, 5, 18, 2",
    "0, 7, 18, 0"
  })
  void halfGoesToTheEvenDigit(String dividend, String divisor, int digits, String quotient) {
    assertThat(Decimal.parse(dividend).divide(Decimal.parse(divisor), digits))
        .hasToString(quotient);
  }

  @Test
  void nothingIsDividedByZero() {
    assertThatThrownBy(() -> Decimal.of(1, 0).divide(Decimal.ZERO, 18))
        .isInstanceOf(ArithmeticException.class);
  }

  @Property
  void comparesByValue(
      @ForAll("bigDecimals") BigDecimal left, @ForAll("bigDecimals") BigDecimal right) {
    int order = left.compareTo(right);
    Decimal a = Decimal.of(left);
    Decimal b = Decimal.of(right);
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(order);
    assertThat(a.equals(b)).isEqualTo(order == 0);
    assertThat(a.max(b).toBigDecimal()).isEqualTo(canonical(left.max(right)));
    assertThat(a.min(b).toBigDecimal()).isEqualTo(canonical(left.min(right)));
  }

  @Property
  void comparesWithZeroByItsSign(@ForAll("bigDecimals") BigDecimal value) {
    Decimal decimal = Decimal.of(value);
    assertThat(decimal.signum()).isEqualTo(value.signum());
    assertThat(Integer.signum(decimal.compareTo(Decimal.ZERO))).isEqualTo(value.signum());
    assertThat(Integer.signum(Decimal.ZERO.compareTo(decimal))).isEqualTo(-value.signum());
  }

  @Property
  void trailingZerosCarryNoMeaning(
      @ForAll("bigDecimals") BigDecimal value, @ForAll @IntRange(max = 40) int zeros) {
    Decimal padded = Decimal.of(value.setScale(value.scale() + zeros));
    assertThat(padded).isEqualTo(Decimal.of(value)).hasSameHashCodeAs(Decimal.of(value));
  }

  @Property
  void isTheSameHoweverItWasComputed(
      @ForAll("bigDecimals") BigDecimal left, @ForAll("bigDecimals") BigDecimal right) {
    Decimal a = Decimal.of(left);
    Decimal b = Decimal.of(right);
    Decimal back = a.add(b).add(b.multiply(Decimal.of(-1, 0)));
    assertThat(back).isEqualTo(a).hasSameHashCodeAs(a).hasToString(a.toString());
  }

  @Property
  void becomesTheNearestDouble(@ForAll("bigDecimals") BigDecimal value) {
    assertThat(Decimal.of(value).doubleValue())
        .isEqualTo(Double.parseDouble(value.toPlainString()));
  }

  @Property
  void everyLongBecomesTheNearestDouble(
      @ForAll long unscaled, @ForAll @IntRange(max = 30) int scale) {
    assertThat(Decimal.of(unscaled, scale).doubleValue())
        .isEqualTo(Double.parseDouble(BigDecimal.valueOf(unscaled, scale).toPlainString()));
  }

  @Property(tries = 3_000)
  void readsAllDigitsWithinTheLimitsAndRefusesMore(@ForAll("numbers") String text) {
    BigDecimal value = new BigDecimal(text);
    if (isWithinLimits(value)) {
      assertThat(Decimal.parse(text).toBigDecimal()).isEqualTo(canonical(value));
    } else {
      assertThatThrownBy(() -> Decimal.parse(text))
          .isInstanceOf(NumberFormatException.class)
          .hasMessageStartingWith("too many digits: ");
    }
  }

  @Property(tries = 3_000)
  void readsExactlyTheGrammarOfJson(@ForAll("nearlyNumbers") String text) {
    if (JSON_NUMBER.matcher(text).matches()) {
      if (isWithinLimits(new BigDecimal(text))) {
        assertThat(Decimal.parse(text).toBigDecimal()).isEqualTo(canonical(new BigDecimal(text)));
      } else {
        assertThatThrownBy(() -> Decimal.parse(text)).hasMessage("too many digits: " + text);
      }
    } else {
      assertThatThrownBy(() -> Decimal.parse(text))
          .isInstanceOf(NumberFormatException.class)
          .hasMessage("not a decimal number: " + text);
    }
  }

  @Property
  void readsWhatItWrites(@ForAll("readable") Decimal value) {
    assertThat(Decimal.parse(value.toString())).isEqualTo(value);
  }

  @Property
  void readsAPartOfALongerText(@ForAll("readable") Decimal value) {
    char[] text = ("9" + value + "9").toCharArray();
    assertThat(Decimal.parse(text, 1, text.length - 2)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.000, 0",
    "-0.0e5, 0",
    "0e999999999999, 0",
    "0E-999999999999, 0",
    "1.10, 1.1",
    "100, 100",
    "1.5e3, 1500",
    "15e-1, 1.5",
    "1000e-3, 1",
    "-12.50e3, -12500",
    "0.000020295, 0.000020295",
    "999999999999999999, 999999999999999999",
    "0.999999999999999999, 0.999999999999999999",
    "100000000000000000000000000000000000, 100000000000000000000000000000000000",
    "1e35, 100000000000000000000000000000000000",
    "999999999999999999e18, 999999999999999999000000000000000000",
    "1e-30, 0.000000000000000000000000000001",
    "0.0000000000000000000000000000010, 0.000000000000000000000000000001",
    "10e-31, 0.000000000000000000000000000001"
  })
  void readsTheExactValue(String text, String value) {
    assertThat(Decimal.parse(text)).hasToString(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1234567890123456789",
        "1.234567890123456789",
        "1000000000000000000.1",
        "1e36",
        "1e400",
        "1e99999999999999999999",
        "1e-31",
        "1e-99999999999999999999",
        "0.0000000000000000000000000000001"
      })
  void refusesMoreDigitsThanTheLimits(String text) {
    assertThatThrownBy(() -> Decimal.parse(text))
        .isInstanceOf(NumberFormatException.class)
        .hasMessage("too many digits: " + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "-.",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1.e5",
        "1e",
        "1e+",
        "e5",
        "1e5.0",
        "1..2",
        "1.2.3",
        "--1",
        "1-",
        " 1",
        "1 ",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "1e5e5",
        "1f",
        "١"
      })
  void refusesWhatIsNoJsonNumber(String text) {
    assertThatThrownBy(() -> Decimal.parse(text))
        .isInstanceOf(NumberFormatException.class)
        .hasMessage("not a decimal number: " + text);
  }

  @Test
  void aRefusalQuotesOnlyTheBeginningOfALongText() {
    assertThatThrownBy(() -> Decimal.parse("9".repeat(60_000)))
        .hasMessage("too many digits: " + "9".repeat(64) + "…");
  }

  @Test
  void thereIsNoNegativeScale() {
    assertThatThrownBy(() -> Decimal.of(1, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static BigDecimal canonical(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  private static boolean fits64Bits(BigInteger value) {
    return value.bitLength() < 64;
  }

  private static boolean isWithinLimits(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.signum() == 0
        || (stripped.precision() <= 18
            && stripped.scale() <= 30
            && stripped.precision() - stripped.scale() <= 36);
  }

  @Provide
  Arbitrary<BigDecimal> bigDecimals() {
    return Decimals.big();
  }

  @Provide
  Arbitrary<BigDecimal> nonZeros() {
    return Decimals.big().filter(value -> value.signum() != 0);
  }

  @Provide
  Arbitrary<Decimal> readable() {
    return Decimals.positive();
  }

  /** Numbers in all their notations, on both sides of the limits. */
  @Provide
  Arbitrary<String> numbers() {
    Arbitrary<String> digits = Arbitraries.strings().withChars("0009123456789").ofMaxLength(20);
    Arbitrary<String> whole = digits.map(text -> text.replaceFirst("^0+", ""));
    Arbitrary<String> exponent =
        Arbitraries.integers()
            .between(-40, 40)
            .flatMap(
                value -> Arbitraries.of("", "e" + value, "E" + (value < 0 ? "" : "+") + value));
    return Combinators.combine(Arbitraries.of("", "-"), whole, digits, exponent)
        .as(
            (sign, integer, fraction, power) ->
                sign
                    + (integer.isEmpty() ? "0" : integer)
                    + (fraction.isEmpty() ? "" : "." + fraction)
                    + power);
  }

  @Provide
  Arbitrary<String> nearlyNumbers() {
    return Arbitraries.strings().withChars("0012.-+eE x").ofMaxLength(8);
  }
}

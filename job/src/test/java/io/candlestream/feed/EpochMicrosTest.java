package io.candlestream.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EpochMicrosTest {

  private static final long END_OF_YEAR_9999 = 253_402_300_800_000_000L;

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1000000",
    "1723161599, 1723161599000000",
    "99999999999, 99999999999000000",
    "100000000000, 100000000000000",
    "1723161599123, 1723161599123000",
    "99999999999999, 99999999999999000",
    "100000000000000, 100000000000000",
    "1723161599123456, 1723161599123456",
    "99999999999999999, 99999999999999999",
    "100000000000000000, 100000000000000",
    "1723161599123456789, 1723161599123456",
    "1723161599123456999, 1723161599123456",
    "9223372036854775807, 9223372036854775"
  })
  void anIntegersSizeTellsItsUnit(long epoch, long micros) {
    assertThat(EpochMicros.ofInteger(epoch)).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "1723161599, 1723161599000000",
    "1723161599.1, 1723161599100000",
    "1723161599.1234567, 1723161599123456",
    "0.000001, 1",
    "1723161599123.4567, 1723161599123456",
    "1723161599123456.7, 1723161599123456",
    "2024-08-08T23:59:59.123Z, 1723161599123000"
  })
  void aTextMayBeAnIntegerOrADecimalEpochOrIso(String text, long micros) {
    assertThat(EpochMicros.ofText(text)).isEqualTo(micros);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e9",
        "1.5e3",
        " 1",
        "99999999999999999999",
        "x"
      })
  void anyOtherTextIsRefused(String text) {
    assertThatThrownBy(() -> EpochMicros.ofText(text)).isInstanceOf(DateTimeException.class);
  }

  @Property
  void everyIntegerFrom1970OnLiesBefore10000(@ForAll @LongRange(min = 0) long epoch) {
    assertThat(EpochMicros.ofInteger(epoch)).isBetween(0L, END_OF_YEAR_9999 - 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, -1723161599, Long.MIN_VALUE})
  void anIntegerBefore1970IsRefused(long epoch) {
    assertThatThrownBy(() -> EpochMicros.ofInteger(epoch))
        .isInstanceOf(DateTimeException.class)
        .hasMessage("before 1970: " + epoch);
  }

  @Property
  void readsAnyMomentInAnyZoneWithAnyNumberOfDigits(
      @ForAll @LongRange(min = 0, max = END_OF_YEAR_9999 - 1) long micros,
      @ForAll @IntRange(max = 9) int digits,
      @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offsetMinutes) {
    Instant moment =
        Instant.ofEpochSecond(micros / 1_000_000, Math.floorMod(micros, 1_000_000) * 1_000L);
    OffsetDateTime local = moment.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));
    Assume.that(local.getYear() <= 9999);
    String pattern = "uuuu-MM-dd'T'HH:mm:ss" + (digits == 0 ? "" : "." + "S".repeat(digits));
    String text = local.format(DateTimeFormatter.ofPattern(pattern + "XXX"));
    long unit = (long) Math.pow(10, Math.max(6 - digits, 0));
    assertThat(ofIso(text)).isEqualTo(micros - micros % unit);
  }

  @Property(tries = 3_000)
  void theFastPathReadsWhatTheLibraryReads(@ForAll("nearlyUtc") String text) {
    Long expected = byTheLibrary(text);
    if (expected == null) {
      assertThatThrownBy(() -> ofIso(text)).isInstanceOf(DateTimeException.class);
    } else {
      assertThat(ofIso(text)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "1970-01-01T00:00:00.000001Z, 1",
    "1970-01-01T01:00:00+01:00, 0",
    "1969-12-31T19:00:00-05:00, 0",
    "2024-02-29T23:59:59.5Z, 1709251199500000",
    "2024-08-08T23:59:59.123456789Z, 1723161599123456",
    "2024-08-08T23:59Z, 1723161540000000",
    "9999-12-31T23:59:59.999999999Z, 253402300799999999",
    "+10000-01-01T00:59:59+01:00, 253402300799000000"
  })
  void readsIsoWithAZone(String text, long micros) {
    assertThat(ofIso(text)).isEqualTo(micros);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "+10000-01-01T00:00:00Z"
      })
  void aMomentOutside1970To9999IsRefused(String text) {
    assertThatThrownBy(() -> ofIso(text))
        .isInstanceOf(DateTimeException.class)
        .hasMessage("not in 1970 to 9999: " + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2024-08-08",
        "2024-08-08T23:59:59",
        "2024-08-08T23:59:60Z",
        "2024-08-08T24:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-08-08T23:59:59.1234567890Z",
        "2024-08-08T23:59:59Z ",
        "now"
      })
  void whatIsNoMomentIsRefused(String text) {
    assertThatThrownBy(() -> ofIso(text)).isInstanceOf(DateTimeException.class);
  }

  private static long ofIso(String text) {
    char[] padded = ("9" + text + "9").toCharArray();
    return EpochMicros.ofIso(padded, 1, text.length());
  }

  private static Long byTheLibrary(String text) {
    try {
      Instant moment = OffsetDateTime.parse(text).toInstant();
      long micros = moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1_000;
      return micros >= 0 && micros < END_OF_YEAR_9999 ? micros : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Every field around its limits, and sometimes one character that does not belong. */
  @Provide
  Arbitrary<String> nearlyUtc() {
    Arbitrary<String> texts =
        Combinators.combine(
                Arbitraries.of("0000", "1969", "1970", "2023", "2024", "2100", "9999"),
                Arbitraries.of("00", "01", "02", "06", "12", "13"),
                Arbitraries.of("00", "01", "28", "29", "30", "31", "32"),
                Arbitraries.of("00", "23", "24"),
                Arbitraries.of("00", "59", "60"),
                Arbitraries.of("00", "59", "60"),
                Arbitraries.strings().numeric().ofMaxLength(10))
            .as(
                (year, month, day, hour, minute, second, fraction) ->
                    "%s-%s-%sT%s:%s:%s%sZ"
                        .formatted(
                            year,
                            month,
                            day,
                            hour,
                            minute,
                            second,
                            fraction.isEmpty() ? "" : "." + fraction));
    Arbitrary<String> damaged =
        Combinators.combine(
                texts,
                Arbitraries.integers().between(0, 30),
                Arbitraries.of(".", ":", "-", "T", "Z", " ", "0", "z", "t", "٣", "+"))
            .as(
                (text, at, character) ->
                    at >= text.length()
                        ? text + character
                        : text.substring(0, at) + character + text.substring(at + 1));
    return Arbitraries.oneOf(texts, damaged);
  }
}

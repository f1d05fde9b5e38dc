package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TradeIdTest {

  /** The order as the design words it: numbers as numbers, then texts, then none. */
  private static final Comparator<String> ORDER =
      Comparator.comparing((String id) -> id.isEmpty())
          .thenComparing(id -> !isNumber(id))
          .thenComparing(
              (left, right) ->
                  isNumber(left)
                      ? new BigInteger(left).compareTo(new BigInteger(right))
                      : left.compareTo(right));

  @Property
  void aNumberAndItsTextAreOneId(@ForAll long number) {
    TradeId text = TradeId.of(Long.toString(number));
    assertThat(text).isEqualTo(TradeId.of(number)).hasSameHashCodeAs(TradeId.of(number));
    assertThat(text.isLong()).isTrue();
    assertThat(text.asLong()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"007", "-0", "-07", "+7", "7.0", "7e0", "0x7", " 7", "7 ", "-", "", "٧", "a7"})
  void whatIsNoCanonicalIntegerIsAText(String text) {
    TradeId id = TradeId.of(text);
    assertThat(id.isPresent()).isTrue();
    assertThat(id.isLong()).isFalse();
    assertThat(id).isNotEqualTo(TradeId.of(7)).isNotEqualTo(TradeId.of(0)).hasToString(text);
    assertThat(id).isGreaterThan(TradeId.of("9".repeat(40))).isLessThan(TradeId.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "123456789012345678901234567890"
      })
  void aNumberBeyond64BitsIsANumberStill(String text) {
    TradeId id = TradeId.of(text);
    assertThat(id.isLong()).isFalse();
    assertThat(id).isEqualTo(TradeId.of(text)).hasToString(text);
    assertThat(id).isLessThan(TradeId.of("0x"));
  }

  @Test
  void idsOrderAsNumbersThenTextsThenNone() {
    List<TradeId> inOrder =
        List.of(
            TradeId.of("-100000000000000000000"),
            TradeId.of(Long.MIN_VALUE),
            TradeId.of(-1),
            TradeId.of("0"),
            TradeId.of("9"),
            TradeId.of(10),
            TradeId.of(Long.MAX_VALUE),
            TradeId.of("9223372036854775808"),
            TradeId.of("100000000000000000000"),
            TradeId.of(""),
            TradeId.of("-0"),
            TradeId.of("007"),
            TradeId.of("10-1"),
            TradeId.of("9-1"),
            TradeId.of("B"),
            TradeId.of("a"),
            TradeId.of("é"),
            TradeId.NONE);
    List<TradeId> shuffled = new ArrayList<>(inOrder);
    Collections.shuffle(shuffled, new Random(1));
    assertThat(shuffled.stream().sorted()).containsExactlyElementsOf(inOrder);
  }

  @Property
  void theOrderIsThatOfTheDesignAndConsistentWithEquals(
      @ForAll("ids") TradeId left, @ForAll("ids") TradeId right) {
    int order = ORDER.compare(left.toString(), right.toString());
    assertThat(Integer.signum(left.compareTo(right))).isEqualTo(Integer.signum(order));
    assertThat(left.equals(right)).isEqualTo(order == 0);
    if (order == 0) {
      assertThat(left).hasSameHashCodeAs(right);
    }
  }

  @Property
  void theOrderIsTotal(
      @ForAll("ids") TradeId a, @ForAll("ids") TradeId b, @ForAll("ids") TradeId c) {
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
    if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
      assertThat(a).isLessThanOrEqualTo(c);
    }
  }

  @Property
  void theTextOfAnIdMakesItAgain(@ForAll("ids") TradeId id) {
    if (id.isPresent()) {
      assertThat(TradeId.of(id.toString())).isEqualTo(id);
    } else {
      assertThat(id.toString()).isEmpty();
    }
  }

  private static boolean isNumber(String id) {
    return id.matches("0|-?[1-9][0-9]*");
  }

  @Provide
  Arbitrary<TradeId> ids() {
    return TradeIdSamples.any();
  }
}

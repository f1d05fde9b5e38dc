package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Decimal;
import io.candlestream.market.TradeId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordRulesTest {

  private static final long CLOCK_MILLIS = 1_723_161_600_000L;
  private static final long CLOCK_MICROS = CLOCK_MILLIS * 1_000;
  private static final long DAY_MICROS = 86_400_000_000L;

  private static final RecordRules RULES = rules(true);

  @ParameterizedTest
  @CsvSource({
    "0.000001, true",
    "0.0000009999, false",
    "0, false",
    "-1, false",
    "1000000, true",
    "1000000.00000000001, false"
  })
  void aPriceLiesWithinItsBoundsInclusively(String price, boolean allowed) {
    assertThat(RULES.limitsOf("BTC").allowsPrice(Decimal.parse(price))).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "0, true",
    "1e-30, true",
    "-1e-30, false",
    "1000000000, true",
    "1000000000.00000001, false"
  })
  void aSizeLiesWithinItsBoundsInclusively(String size, boolean allowed) {
    assertThat(RULES.limitsOf("BTC").allowsSize(Decimal.parse(size))).isEqualTo(allowed);
  }

  @Test
  void aPriceOfZeroIsRefusedWhateverTheBoundsSay() {
    RecordRules.Limits limits = rules(true, "validation.price.min=0").limitsOf("BTC");
    assertThat(limits.allowsPrice(Decimal.ZERO)).isFalse();
    assertThat(limits.allowsPrice(Decimal.parse("1e-30"))).isTrue();
  }

  @Test
  void theFirstOverrideThatFitsTheSymbolCountsAndGeneralBoundsFillIt() {
    RecordRules rules =
        rules(
            true,
            "validation.overrides={'*/IDR': {price: {max: 10000000000}}, 'BTC/*': {size: {max:"
                + " 2}}}");
    Decimal high = Decimal.parse("1600000000");
    Decimal three = Decimal.parse("3");

    assertThat(rules.limitsOf("BTC/IDR").allowsPrice(high)).isTrue();
    assertThat(rules.limitsOf("BTC/IDR").allowsSize(three)).isTrue();
    assertThat(rules.limitsOf("BTC/IDR").allowsPrice(Decimal.parse("0.0000001"))).isFalse();
    assertThat(rules.limitsOf("BTC/USD").allowsPrice(high)).isFalse();
    assertThat(rules.limitsOf("BTC/USD").allowsSize(three)).isFalse();
    assertThat(rules.limitsOf("ETH/USD").allowsPrice(high)).isFalse();
    assertThat(rules.limitsOf("ETH/USD").allowsSize(three)).isTrue();
    // The same when asked again.
    assertThat(rules.limitsOf("BTC/IDR").allowsPrice(high)).isTrue();
    assertThat(rules.limitsOf("BTC/USD").allowsSize(three)).isFalse();
  }

  @Test
  void aTickIsStaleWhenOlderThanTheMaximumToTheMicrosecond() {
    assertThat(RULES.isStale(CLOCK_MICROS - DAY_MICROS, CLOCK_MILLIS)).isFalse();
    assertThat(RULES.isStale(CLOCK_MICROS - DAY_MICROS - 1, CLOCK_MILLIS)).isTrue();
    assertThat(RULES.isStale(0, CLOCK_MILLIS)).isTrue();
  }

  @Test
  void aMaximumAgeOfZeroTurnsTheRuleOff() {
    assertThat(rules(true, "validation.max-age=0").isStale(0, CLOCK_MILLIS)).isFalse();
  }

  @Test
  void ticksOfFilesAreNeverStaleButMayBeFuture() {
    RecordRules files = rules(false);
    assertThat(files.isStale(0, CLOCK_MILLIS)).isFalse();
    assertThat(files.isFuture(CLOCK_MICROS + 5_000_001, CLOCK_MILLIS)).isTrue();
  }

  @Test
  void aTickIsFutureWhenAheadByMoreThanTheMaximumToTheMicrosecond() {
    assertThat(RULES.isFuture(CLOCK_MICROS + 5_000_000, CLOCK_MILLIS)).isFalse();
    assertThat(RULES.isFuture(CLOCK_MICROS + 5_000_001, CLOCK_MILLIS)).isTrue();
  }

  @Test
  void withNoAheadAllowedOnlyTheClockItselfIsNotFuture() {
    RecordRules strict = rules(true, "validation.max-ahead=0");
    assertThat(strict.isFuture(CLOCK_MICROS, CLOCK_MILLIS)).isFalse();
    assertThat(strict.isFuture(CLOCK_MICROS + 1, CLOCK_MILLIS)).isTrue();
  }

  @Test
  void theLongestAgesDoNotOverflow() {
    RecordRules patient = rules(true, "validation.max-age=36500d", "validation.max-ahead=36500d");
    assertThat(patient.isStale(0, CLOCK_MILLIS)).isFalse();
    assertThat(patient.isFuture(4_070_908_800_000_000L, CLOCK_MILLIS)).isFalse();
    assertThat(patient.isFuture(253_402_300_799_999_999L, CLOCK_MILLIS)).isTrue();
  }

  @Test
  void aTradeIdIsAnyTextWithoutControlCharacters() {
    assertThat(TradeId.fits("a b/é-\uD83D\uDE00")).isTrue();
    for (String text : List.of("", "\n", "a\0", "\u001f", "\u007f", "\u0085")) {
      assertThat(TradeId.fits(text)).isFalse();
    }
  }

  private static RecordRules rules(boolean judgesAge, String... sets) {
    ValidationConfig validation = JobConfig.of(List.of(sets)).validation();
    return new RecordRules(validation, judgesAge);
  }
}

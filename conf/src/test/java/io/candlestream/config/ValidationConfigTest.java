package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.candlestream.config.ValidationConfig.Bounds;
import io.candlestream.config.ValidationConfig.SymbolOverride;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationConfigTest {

  @Test
  void firstOverrideThatFitsCountsAndFallsBackToTheGeneralBounds() {
    ValidationConfig validation =
        JobConfig.of(
                List.of(
                    "validation.size.max=9",
                    "validation.overrides={BTC-*: {price: {min: 2}}, '*': {size: {max: 1}}}"))
            .validation();

    assertThat(validation.priceBounds("BTC-USD")).isEqualTo(bounds("2", "1000000"));
    assertThat(validation.sizeBounds("BTC-USD")).isEqualTo(bounds("0", "9"));
    assertThat(validation.priceBounds("ETH-USD")).isEqualTo(bounds("0.000001", "1000000"));
    assertThat(validation.sizeBounds("ETH-USD")).isEqualTo(bounds("0", "1"));
  }

  @Test
  void withoutOverridesTheGeneralBoundsCount() {
    ValidationConfig validation = JobConfig.of(List.of()).validation();

    assertThat(validation.priceBounds("A")).isEqualTo(validation.price());
    assertThat(validation.sizeBounds("A")).isEqualTo(validation.size());
  }

  @ParameterizedTest
  @CsvSource({
    "BTCUSDT, BTCUSDT, true",
    "BTCUSDT, BTCUSD, false",
    "BTCUSD, BTCUSDT, false",
    "BTC*, BTC, true",
    "*USD?, BTCUSDT, true",
    "*USD?, BTCUSD, false",
    "*/IDR, BTC/IDR, true",
    "*a*b, aabab, true",
    "*a*b, aaba, false",
    "B?C, BTC, true",
    "B?C, BC, false",
    "BRK.B, BRKxB, false",
    "*, x, true",
    "btc, BTC, false"
  })
  void patternFitsAWholeSymbol(String pattern, String symbol, boolean fits) {
    Bounds any = bounds("0", "1");

    assertThat(new SymbolOverride(pattern, any, any).matches(symbol)).isEqualTo(fits);
  }

  @Test
  void boundsAreInOrderAndNotNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> bounds("2", "1"));
    assertThatIllegalArgumentException().isThrownBy(() -> bounds("-1", "1"));
    assertThat(bounds("1", "1.0").min()).isEqualTo(BigDecimal.ONE);
  }

  private static Bounds bounds(String min, String max) {
    return new Bounds(new BigDecimal(min), new BigDecimal(max));
  }
}

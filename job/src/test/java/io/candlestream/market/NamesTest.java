package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  @ParameterizedTest
  @ValueSource(strings = {"b", "binance-usdm", "NYSE.arca_2", "12345678901234567890123456789012"})
  void theseAreSources(String text) {
    assertThat(Names.isSource(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a/b", "a:b", "é", "123456789012345678901234567890123", "a\n"})
  void theseAreNoSources(String text) {
    assertThat(Names.isSource(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"BTC/USDT", "ES=F", "^GSPC", "BTC-PERP#1", "a.b_c:d@e", "0"})
  void theseAreSymbols(String text) {
    assertThat(Names.isSymbol(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A B", "A;B", "A'B", "A\0", "A%", "Ａ", "\u2028", "A*"})
  void theseAreNoSymbols(String text) {
    assertThat(Names.isSymbol(text)).isFalse();
  }

  @Test
  void namesAndIdsHaveALongestLength() {
    assertThat(Names.isSource("a".repeat(32))).isTrue();
    assertThat(Names.isSource("a".repeat(33))).isFalse();
    assertThat(Names.isSymbol("a".repeat(64))).isTrue();
    assertThat(Names.isSymbol("a".repeat(65))).isFalse();
    assertThat(TradeId.fits("a".repeat(128))).isTrue();
    assertThat(TradeId.fits("a".repeat(129))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "desk-1/alpha", "u:42@fund.example", "A_b"})
  void theseAreAccounts(String text) {
    assertThat(Names.isAccount(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a#b", "é", "a\n"})
  void theseAreNoAccounts(String text) {
    assertThat(Names.isAccount(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"USD", "usdt", "1INCH", "USDC.e", "1234567890123456"})
  void theseAreCurrencies(String text) {
    assertThat(Names.isCurrency(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "US D", "€", "12345678901234567"})
  void theseAreNoCurrencies(String text) {
    assertThat(Names.isCurrency(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "https://news.example/1?a=b#c", "Zürich 東京", "\uD83D\uDE80"})
  void theseAreTexts(String text) {
    assertThat(Names.isText(text, 100)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a\0", "a\tb", "\u0085", "\uD83D", "\uDE80", "\uDE80\uD83D", "x\uD83Dy"})
  void theseAreNoTexts(String text) {
    assertThat(Names.isText(text, 100)).isFalse();
  }

  @Test
  void aTextHasALongestLength() {
    assertThat(Names.isText("a".repeat(7), 7)).isTrue();
    assertThat(Names.isText("a".repeat(8), 7)).isFalse();
  }
}

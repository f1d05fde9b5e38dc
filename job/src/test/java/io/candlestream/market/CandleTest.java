package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandleTest {

  @ParameterizedTest
  @CsvSource({"2, 3, 1, 2", "1, 1, 1, 1", "3, 3, 1, 1", "1, 3, 1, 3"})
  void openAndCloseMayLieAnywhereFromLowToHigh(String open, String high, String low, String close) {
    assertThat(candle(open, high, low, close, "5", "2", "2", 3).closed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0.99, 3, 1, 2", "3.01, 3, 1, 2", "2, 3, 1, 0.99", "2, 3, 1, 3.01", "2, 1, 3, 2"})
  void openAndCloseOutsideOfLowAndHighAreRefused(
      String open, String high, String low, String close) {
    assertThatThrownBy(() -> candle(open, high, low, close, "5", "2", "2", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "open %s and close %s are not between low %s and high %s"
                .formatted(open, close, low, high));
  }

  @ParameterizedTest
  @CsvSource({"5, 5.01", "5, -0.01", "0, 1"})
  void buyVolumeIsAPartOfTheVolume(String volume, String buyVolume) {
    assertThatThrownBy(() -> candle("2", "3", "1", "2", volume, buyVolume, "2", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("buy volume " + buyVolume);
  }

  @Test
  void aCandleWithVolumeHasAVwapAndOneWithoutHasNone() {
    assertThat(candle("2", "3", "1", "2", "0", "0", null, 1).vwap()).isNull();
    assertThatThrownBy(() -> candle("2", "3", "1", "2", "0", "0", "2", 1))
        .hasMessage("vwap 2 at volume 0");
    assertThatThrownBy(() -> candle("2", "3", "1", "2", "5", "0", null, 1))
        .hasMessage("vwap null at volume 5");
  }

  @Test
  void aCandleWithoutTradesIsFlatAndHasNoVolume() {
    Candle candle = candle("2", "3", "1", "2.5", "5", "1", "2", 3);

    Candle flat = candle.flatAt(60_000_000);

    Decimal close = Decimal.parse("2.5");
    assertThat(flat)
        .isEqualTo(
            new Candle(
                candle.instrument(),
                60_000_000,
                close,
                close,
                close,
                close,
                Decimal.ZERO,
                Decimal.ZERO,
                Decimal.ZERO,
                null,
                0,
                true));
    assertThatThrownBy(() -> candle("2", "3", "1", "2", "0", "0", null, 0))
        .hasMessage("a candle without trades is not flat");
    assertThatThrownBy(() -> candle("2", "2", "2", "2", "5", "0", "2", 0))
        .hasMessage("a candle without trades is not flat");
    assertThatThrownBy(() -> candle("2", "3", "1", "2", "5", "0", "2", -1))
        .hasMessage("a candle of -1 trades");
  }

  @Test
  void candlesInARowMakeOneOfALongerInterval() {
    Candle first = candle("2", "3", "1", "2", "5", "1", "2", 3);
    Candle second = candle("4", "9", "4", "5", "15", "2", "0.666666666666666667", 4);

    Candle both = first.with(second, -60_000_000);

    assertThat(both.startMicros()).isEqualTo(-60_000_000);
    assertThat(both.open()).isEqualTo(first.open());
    assertThat(both.high()).isEqualTo(second.high());
    assertThat(both.low()).isEqualTo(first.low());
    assertThat(both.close()).isEqualTo(second.close());
    assertThat(both.volume()).hasToString("20");
    assertThat(both.buyVolume()).hasToString("3");
    assertThat(both.turnover()).hasToString("20");
    assertThat(both.vwap()).hasToString("1");
    assertThat(both.trades()).isEqualTo(7);
  }

  @Test
  void volumesOfThirtyFractionalDigitsMakeACandle() {
    String tiny = "0.000000000000000000000000000001";
    assertThat(candle("2", "3", "1", "2", tiny, "0", "2", 1).volume()).hasToString(tiny);
  }

  private static Candle candle(
      String open,
      String high,
      String low,
      String close,
      String volume,
      String buyVolume,
      String vwap,
      long trades) {
    return new Candle(
        new Instrument("venue", "BTC"),
        0,
        Decimal.parse(open),
        Decimal.parse(high),
        Decimal.parse(low),
        Decimal.parse(close),
        Decimal.parse(volume),
        Decimal.parse(buyVolume),
        Decimal.of(10, 0),
        vwap == null ? null : Decimal.parse(vwap),
        trades,
        true);
  }
}

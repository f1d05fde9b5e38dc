package io.candlestream.gap;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.candle.PartialCandle;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.SomeTick;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each candle reads as minute:price, a flat one in brackets. */
class FilledSeriesTest {

  private static final long MINUTE = 60_000_000;

  private final List<CandleUpdate> out = new ArrayList<>();
  private FilledSeries series = FilledSeries.start();

  @Test
  void nothingIsFilledBeforeTheFirstCandleNorAfterTheLatest() {
    put(10, 7);
    assertThat(taken()).containsExactly("10:7");
  }

  @Test
  void everyIntervalBetweenTwoCandlesIsFilledWithTheCloseBefore() {
    put(10, 7);
    put(13, 8);
    put(14, 9);
    assertThat(taken()).containsExactly("10:7", "(11:7)", "(12:7)", "13:8", "14:9");
  }

  @Test
  void aLateCandleTakesThePlaceOfAFlatOneAndThoseAfterItFollow() {
    put(10, 7);
    put(14, 8);
    taken();
    put(12, 9);
    assertThat(taken()).containsExactly("12:9", "(13:9)");
  }

  @Test
  void aCorrectedCloseCorrectsTheFlatCandlesAfterIt() {
    put(10, 7);
    put(12, 8);
    put(14, 8);
    taken();
    put(10, 6);
    assertThat(taken()).containsExactly("10:6", "(11:6)");
  }

  @Test
  void aCandleBeforeTheFirstIsFollowedByFlatOnes() {
    put(10, 7);
    taken();
    put(8, 5);
    assertThat(taken()).containsExactly("8:5", "(9:5)");
  }

  @Test
  void theLastSettledCandleIsRemembered() {
    put(10, 7);
    put(11, 8);
    series = series.put(update(15, 9, 13), MINUTE, out::add);
    assertThat(series.recent()).hasSize(1);
    assertThat(taken()).containsExactly("10:7", "11:8", "(12:8)", "(13:8)", "(14:8)", "15:9");
  }

  @Test
  void noFlatCandleIsSettledBeforeItComes() {
    put(10, 7);
    series = series.put(update(14, 9, 13), MINUTE, out::add);
    assertThat(out)
        .extracting(update -> update.settledBeforeMicros() / MINUTE)
        .containsExactly(Long.MIN_VALUE / MINUTE, 11L, 12L, 13L, 13L);
  }

  @Test
  void aGapThatBeganBeforeTheJobIsFilledFromThePast() {
    Past past = new Past(11 * MINUTE, Indicators.start(), candle(10, 7), List.of(), List.of());
    series = series.resume(past);
    put(13, 8);
    assertThat(taken()).containsExactly("(11:7)", "(12:7)", "13:8");
  }

  private void put(int minute, int price) {
    series = series.put(update(minute, price, Long.MIN_VALUE), MINUTE, out::add);
  }

  private static CandleUpdate update(int minute, int price, long settledBeforeMinute) {
    return new CandleUpdate(
        candle(minute, price),
        settledBeforeMinute == Long.MIN_VALUE ? Long.MIN_VALUE : settledBeforeMinute * MINUTE);
  }

  private static Candle candle(int minute, int price) {
    SomeTick tick = SomeTick.of("BTC").price("" + price);
    return PartialCandle.of(tick.tick()).toCandle(tick.instrument(), minute * MINUTE, true);
  }

  private List<String> taken() {
    List<String> taken = new ArrayList<>();
    for (CandleUpdate update : out) {
      Candle candle = update.candle();
      String text = candle.startMicros() / MINUTE + ":" + candle.close();
      taken.add(candle.trades() == 0 ? "(" + text + ")" : text);
    }
    out.clear();
    return taken;
  }
}

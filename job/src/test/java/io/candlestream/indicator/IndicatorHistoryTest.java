package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.PartialCandle;
import io.candlestream.market.Candle;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class IndicatorHistoryTest {

  private static final long MINUTE = 60_000_000;

  @Test
  void eachCandleInOrderYieldsItsOwnRow() {
    IndicatorHistory history = IndicatorHistory.start();
    List<Candle> candles = new ArrayList<>();
    for (int minute = 0; minute < 60; minute++) {
      Candle candle = candle(minute, 100 + minute % 7);
      candles.add(candle);
      List<CandleRow> rows = new ArrayList<>();
      history = history.put(candle, rows::add);
      assertThat(rows).containsExactly(rows(candles).get(minute));
    }
  }

  @Test
  void aCorrectionYieldsItsRowAndEveryLaterOneAndNoEarlierOne() {
    List<Candle> candles = candles(50);
    IndicatorHistory history = historyOf(candles);
    candles.set(30, candle(30, 555));
    List<CandleRow> rows = new ArrayList<>();
    IndicatorHistory corrected = history.put(candles.get(30), rows::add);
    assertThat(rows).isEqualTo(rows(candles).subList(30, 50));
    assertThat(corrected).isEqualTo(historyOf(candles));
  }

  @Test
  void aCandleBetweenTwoOthersYieldsItsRowAndEveryLaterOne() {
    List<Candle> candles = candles(50);
    Candle between = candles.remove(30);
    IndicatorHistory history = historyOf(candles);
    candles.add(30, between);
    List<CandleRow> rows = new ArrayList<>();
    IndicatorHistory filled = history.put(between, rows::add);
    assertThat(rows).isEqualTo(rows(candles).subList(30, 50));
    assertThat(filled).isEqualTo(historyOf(candles));
  }

  @Test
  void aCandleBeforeAllOthersYieldsAllRows() {
    List<Candle> candles = candles(20);
    Candle first = candles.remove(0);
    IndicatorHistory history = historyOf(candles);
    candles.add(0, first);
    List<CandleRow> rows = new ArrayList<>();
    history.put(first, rows::add);
    assertThat(rows).isEqualTo(rows(candles));
  }

  @Test
  void whatIsSettledNeedsNoCandleAnyMore() {
    List<Candle> candles = candles(50);
    IndicatorHistory history = historyOf(candles).settle(40 * MINUTE);
    assertThat(history.recent()).isEqualTo(candles.subList(40, 50));
    assertThat(history.settled()).isEqualTo(historyOf(candles.subList(0, 40)).latest());
    assertThat(history.latest()).isEqualTo(historyOf(candles).latest());
    assertThat(history.settle(50 * MINUTE).recent()).isEmpty();
  }

  @Test
  void settlingChangesNoRowThatIsStillToCome() {
    List<Candle> candles = candles(50);
    IndicatorHistory history = historyOf(candles).settle(40 * MINUTE);
    candles.set(40, candle(40, 555));
    List<CandleRow> rows = new ArrayList<>();
    history.put(candles.get(40), rows::add);
    assertThat(rows).isEqualTo(rows(candles).subList(40, 50));
  }

  @Test
  void settlingNeverGoesBack() {
    IndicatorHistory history = historyOf(candles(50)).settle(40 * MINUTE);
    assertThat(history.settle(40 * MINUTE)).isSameAs(history);
    assertThat(history.settle(Long.MIN_VALUE)).isSameAs(history);
  }

  @Test
  void aCandleOlderThanWhatIsSettledIsRefused() {
    IndicatorHistory history = historyOf(candles(50)).settle(40 * MINUTE);
    List<CandleRow> rows = new ArrayList<>();
    assertThatThrownBy(() -> history.put(candle(39, 1), rows::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("changes what was settled before " + 40 * MINUTE + " µs");
    assertThat(rows).isEmpty();
  }

  @Test
  void anEarlierHistoryStaysGood() {
    List<Candle> candles = candles(50);
    IndicatorHistory history = historyOf(candles);
    history.put(candle(10, 555), row -> {});
    history.settle(30 * MINUTE);
    assertThat(history).isEqualTo(historyOf(candles));
  }

  /** A candle as it comes, and what is settled by then. */
  record Arrival(int minute, int price, boolean settles) {}

  @Property(tries = 300)
  void theRowsInTheEndAreThoseOfTheLastCandlesInTheOrderOfTime(
      @ForAll("arrivals") List<Arrival> arrivals) {
    IndicatorHistory history = IndicatorHistory.start();
    TreeMap<Long, Candle> last = new TreeMap<>();
    TreeMap<Long, CandleRow> table = new TreeMap<>();
    long settledBefore = Long.MIN_VALUE;
    for (Arrival arrival : arrivals) {
      Candle candle = candle(arrival.minute(), arrival.price());
      if (candle.startMicros() >= settledBefore) {
        if (arrival.settles()) {
          settledBefore = Math.max(settledBefore, candle.startMicros() - 20 * MINUTE);
        }
        last.put(candle.startMicros(), candle);
        history =
            history
                .settle(settledBefore)
                .put(candle, row -> table.put(row.candle().startMicros(), row));
      }
    }
    assertThat(table.values()).containsExactlyElementsOf(rows(new ArrayList<>(last.values())));
  }

  @Provide
  Arbitrary<List<Arrival>> arrivals() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 80),
            Arbitraries.integers().between(1, 1_000),
            Arbitraries.of(true, false, false))
        .as(Arrival::new)
        .list()
        .ofMaxSize(120);
  }

  private static List<Candle> candles(int count) {
    List<Candle> candles = new ArrayList<>();
    for (int minute = 0; minute < count; minute++) {
      candles.add(candle(minute, 100 + minute * 7 % 13));
    }
    return candles;
  }

  private static Candle candle(int minute, int price) {
    SomeTick tick = SomeTick.of("BTC");
    Tick low = tick.price("" + price).tick();
    Tick high = tick.offset(1).price(price + ".5").tick();
    return PartialCandle.of(low).add(high).toCandle(tick.instrument(), minute * MINUTE, true);
  }

  private static IndicatorHistory historyOf(List<Candle> candles) {
    IndicatorHistory history = IndicatorHistory.start();
    for (Candle candle : candles) {
      history = history.put(candle, row -> {});
    }
    return history;
  }

  /** The rows of candles that came right the first time. */
  private static List<CandleRow> rows(List<Candle> candles) {
    List<CandleRow> rows = new ArrayList<>();
    Indicators indicators = Indicators.start();
    for (Candle candle : candles) {
      indicators =
          indicators.update(
              candle.high().toBigDecimal().doubleValue(),
              candle.low().toBigDecimal().doubleValue(),
              candle.close().toBigDecimal().doubleValue());
      rows.add(new CandleRow(candle, indicators.values()));
    }
    return rows;
  }
}

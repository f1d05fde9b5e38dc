package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.PartialCandle;
import io.candlestream.market.Candle;
import io.candlestream.market.SomeTick;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComputeIndicatorsTest {

  private static final long MINUTE = 60_000_000;

  private Subtask<HistoryEvent, CandleRow> compute;

  @BeforeEach
  void start() throws Exception {
    compute = subtask(null);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  @Test
  void aCandleYieldsItsRow() throws Exception {
    List<Candle> candles = candles("BTC", 60);
    take(candles);
    assertThat(compute.output()).isEqualTo(rows(candles));
    assertThat(compute.metric("indicatorRowsRecomputed")).isZero();
  }

  @Test
  void aCorrectionYieldsItsRowAndEveryLaterRowOfItsInstrument() throws Exception {
    List<Candle> btc = candles("BTC", 60);
    take(btc);
    take(candles("ETH", 60));
    compute.output();

    btc.set(50, candle("BTC", 50, 555));
    take(btc.subList(50, 51));
    assertThat(compute.output()).isEqualTo(rows(btc).subList(50, 60));
    assertThat(compute.metric("indicatorRowsRecomputed")).isEqualTo(9);
  }

  @Test
  void aCandleBetweenTwoOthersYieldsItsRowAndEveryLaterRow() throws Exception {
    List<Candle> candles = candles("BTC", 60);
    Candle between = candles.remove(50);
    take(candles);
    compute.output();

    candles.add(50, between);
    take(List.of(between));
    assertThat(compute.output()).isEqualTo(rows(candles).subList(50, 60));
    assertThat(compute.metric("indicatorRowsRecomputed")).isEqualTo(9);
  }

  @Test
  void instrumentsHaveIndicatorsOfTheirOwn() throws Exception {
    List<Candle> btc = candles("BTC", 40);
    List<Candle> eth = candles("ETH", 40);
    List<CandleRow> expected = new ArrayList<>();
    for (int minute = 0; minute < 40; minute++) {
      take(List.of(btc.get(minute), eth.get(minute)));
      expected.add(rows(btc).get(minute));
      expected.add(rows(eth).get(minute));
    }
    assertThat(compute.output()).isEqualTo(expected);
  }

  @Test
  void theIndicatorsGoOnAfterARestart() throws Exception {
    List<Candle> candles = candles("BTC", 60);
    take(candles.subList(0, 40));
    Snapshot snapshot = Snapshot.of(compute);
    try (Subtask<HistoryEvent, CandleRow> restored = subtask(snapshot)) {
      for (Candle candle : candles.subList(40, 60)) {
        restored.take(HistoryEvent.of(candle, Long.MIN_VALUE));
      }
      assertThat(restored.output()).isEqualTo(rows(candles).subList(40, 60));
    }
  }

  @Test
  void aChangeOfWhatWasSettledIsAnErrorAndNoWrongRow() throws Exception {
    take(candles("BTC", 10));
    compute.take(HistoryEvent.of(candle("BTC", 10, 100), 5 * MINUTE));
    compute.output();
    assertThatThrownBy(() -> compute.take(HistoryEvent.of(candle("BTC", 4, 100), Long.MIN_VALUE)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("changes what was settled");
    assertThat(compute.output()).isEmpty();
  }

  private void take(List<Candle> candles) throws Exception {
    for (Candle candle : candles) {
      compute.take(HistoryEvent.of(candle, Long.MIN_VALUE));
    }
  }

  private static List<Candle> candles(String symbol, int count) {
    List<Candle> candles = new ArrayList<>();
    for (int minute = 0; minute < count; minute++) {
      candles.add(candle(symbol, minute, 100 + minute * 7 % 13));
    }
    return candles;
  }

  private static Candle candle(String symbol, int minute, int price) {
    SomeTick tick = SomeTick.of(symbol).price("" + price);
    return PartialCandle.of(tick.tick()).toCandle(tick.instrument(), minute * MINUTE, true);
  }

  /** The rows of candles that came right the first time. */
  private static List<CandleRow> rows(List<Candle> candles) {
    List<CandleRow> rows = new ArrayList<>();
    Indicators indicators = Indicators.start();
    for (Candle candle : candles) {
      indicators =
          indicators.update(
              candle.high().doubleValue(),
              candle.low().doubleValue(),
              candle.close().doubleValue());
      rows.add(new CandleRow(candle, indicators.values()));
    }
    return rows;
  }

  private static Subtask<HistoryEvent, CandleRow> subtask(Snapshot snapshot) throws Exception {
    return Subtask.<HistoryEvent, CandleRow>of(
        new ComputeIndicators(), HistoryEvent::instrument, 1, 0, snapshot);
  }
}

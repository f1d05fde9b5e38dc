package io.candlestream.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.PartialCandle;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.market.SomeTick;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stories of minutes that become five and fifteen; a candle reads as minute:open-close×trades. */
class RollUpCandlesTest {

  private static final long MINUTE = 60_000_000;
  private static final Instrument BTC = SomeTick.of("BTC").instrument();

  private final Map<Timeframe, Integer> seen = new EnumMap<>(Timeframe.class);
  private Subtask<HistoryEvent, Void> rollUp;

  @BeforeEach
  void start() throws Exception {
    rollUp = subtask(null);
    for (Timeframe timeframe : Timeframe.values()) {
      seen.put(timeframe, 0);
    }
  }

  @AfterEach
  void close() {
    rollUp.close();
  }

  @Test
  void aLongerCandleComesOutWhenTheWatermarkPassesItsEnd() throws Exception {
    for (int minute = 0; minute < 7; minute++) {
      put(minute, 10 + minute);
    }
    watermark(5, -1);
    assertThat(taken(Timeframe.FIVE_MINUTES)).isEmpty();
    watermark(5, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).containsExactly("0:10-14×5");
    watermark(15, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).containsExactly("5:15-16×2");
    assertThat(taken(Timeframe.FIFTEEN_MINUTES)).containsExactly("0:10-16×7");
  }

  @Test
  void aCorrectedMinuteCorrectsEveryCandleThatHoldsIt() throws Exception {
    put(0, 10);
    put(4, 14);
    watermark(15, 0);
    taken(Timeframe.FIVE_MINUTES);
    taken(Timeframe.FIFTEEN_MINUTES);

    put(4, 13);
    watermark(16, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).containsExactly("0:10-13×2");
    assertThat(taken(Timeframe.FIFTEEN_MINUTES)).containsExactly("0:10-13×2");
    watermark(17, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).isEmpty();
  }

  /** Where the watermark is ahead of a feed, no timer speaks for it. */
  @Test
  void aCandleThatNoTimerClosedComesOutWhenItIsSettled() throws Exception {
    watermark(1_000, 0);
    put(0, 10);
    put(5, 15);
    rollUp.take(HistoryEvent.of(candle(11, 21), 10 * MINUTE));
    assertThat(taken(Timeframe.FIVE_MINUTES)).containsExactly("0:10-10×1", "5:15-15×1");
    assertThat(rollUp.timers()).as("the one of minute 15").isEqualTo(1);
  }

  @Test
  void onlyWhatCanChangeIsKeptCandleByCandle() throws Exception {
    for (int minute = 0; minute < 14; minute++) {
      rollUp.take(HistoryEvent.of(candle(minute, 10 + minute), (minute - 2) * MINUTE));
    }
    watermark(15, 0);
    assertThat(taken(Timeframe.FIFTEEN_MINUTES)).containsExactly("0:10-23×14");
    assertThatThrownBy(() -> put(10, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("changes what was settled");
  }

  @Test
  void itGoesOnAfterARestart() throws Exception {
    put(0, 10);
    put(3, 13);
    Snapshot snapshot = Snapshot.of(rollUp);
    try (Subtask<HistoryEvent, Void> restored = subtask(snapshot)) {
      restored.take(HistoryEvent.of(candle(4, 14), Long.MIN_VALUE));
      restored.watermark(5 * 60_000 - 1);
      assertThat(taken(Timeframe.FIVE_MINUTES, restored)).containsExactly("0:10-14×3");
    }
  }

  @Test
  void aCandleOfWhichThePastHoldsAPartGoesOnFromIt() throws Exception {
    Indicators known = Indicators.start().update(3, 1, 2);
    Past past =
        new Past(
            7 * MINUTE,
            known,
            candle(6, 16),
            List.of(candle(7, 17)),
            List.of(
                new Past.OfTimeframe(Timeframe.FIVE_MINUTES, known, candle(5, 15)),
                new Past.OfTimeframe(Timeframe.FIFTEEN_MINUTES, known, candle(0, 10))));
    rollUp.take(HistoryEvent.of(BTC, past));
    assertThat(rollUp.output(RollUpCandles.output(Timeframe.FIVE_MINUTES)))
        .containsExactly(HistoryEvent.of(BTC, Past.of(5 * MINUTE, known)));
    assertThat(rollUp.output(RollUpCandles.output(Timeframe.FIFTEEN_MINUTES)))
        .containsExactly(HistoryEvent.of(BTC, Past.of(0, known)));

    put(8, 18);
    watermark(15, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).containsExactly("5:15-18×3");
    assertThat(taken(Timeframe.FIFTEEN_MINUTES)).containsExactly("0:10-18×3");
  }

  @Test
  void anOpenCandleIsNoPartOfALongerOne() throws Exception {
    rollUp.take(
        HistoryEvent.of(
            PartialCandle.of(SomeTick.of("BTC").tick()).toCandle(BTC, 0, false), Long.MIN_VALUE));
    watermark(15, 0);
    assertThat(taken(Timeframe.FIVE_MINUTES)).isEmpty();
  }

  private void put(int minute, int price) throws Exception {
    rollUp.take(HistoryEvent.of(candle(minute, price), Long.MIN_VALUE));
  }

  private void watermark(int minute, int moreMillis) throws Exception {
    rollUp.watermark(minute * 60_000L - 1 + moreMillis);
  }

  private static Candle candle(int minute, int price) {
    return PartialCandle.of(SomeTick.of("BTC").price("" + price).tick())
        .toCandle(BTC, minute * MINUTE, true);
  }

  /** What came out since the last time this was asked. */
  private List<String> taken(Timeframe timeframe) {
    List<String> all = taken(timeframe, rollUp);
    return all.subList(seen.put(timeframe, all.size()), all.size());
  }

  private static List<String> taken(Timeframe timeframe, Subtask<HistoryEvent, Void> from) {
    List<String> taken = new ArrayList<>();
    for (HistoryEvent event : from.output(RollUpCandles.output(timeframe))) {
      if (event.update() == null) {
        continue;
      }
      Candle candle = event.update().candle();
      taken.add(
          "%d:%s-%s×%d"
              .formatted(
                  candle.startMicros() / MINUTE, candle.open(), candle.close(), candle.trades()));
    }
    return taken;
  }

  private static Subtask<HistoryEvent, Void> subtask(Snapshot snapshot) throws Exception {
    return Subtask.<HistoryEvent, Void>of(
        new RollUpCandles(List.of(Timeframe.FIVE_MINUTES, Timeframe.FIFTEEN_MINUTES)),
        HistoryEvent::instrument,
        1,
        0,
        snapshot);
  }
}

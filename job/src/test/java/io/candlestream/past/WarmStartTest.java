package io.candlestream.past;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.candle.PartialCandle;
import io.candlestream.config.IndicatorsConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.market.SomeTick;
import io.candlestream.past.PastCandles.Question;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WarmStartTest {

  private static final long MINUTE = 60_000_000;
  private static final List<Timeframe> TIMEFRAMES = List.of(Timeframe.FIVE_MINUTES);

  /**
   * What is asked, batch by batch, and what is known; the station opens it from a copy of itself.
   */
  private static final List<List<Question>> ASKED = new ArrayList<>();

  private static final Map<Instrument, Past> KNOWN = new HashMap<>();
  private static boolean away;

  private static final PastCandles.Opener PASTS =
      errors ->
          new PastCandles() {
            @Override
            public Map<Instrument, Past> read(List<Question> questions) throws IOException {
              if (away) {
                throw new IOException("cannot read");
              }
              ASKED.add(questions);
              Map<Instrument, Past> pasts = new HashMap<>(KNOWN);
              pasts.keySet().retainAll(questions.stream().map(Question::instrument).toList());
              return pasts;
            }

            @Override
            public void close() {}
          };

  @BeforeEach
  void forget() {
    ASKED.clear();
    KNOWN.clear();
    away = false;
  }

  @Test
  void manyInstrumentsAreReadAtOnceAndEachHasItsPastBeforeItsFirstCandle() throws Exception {
    Past btc = past(5 * MINUTE);
    KNOWN.put(instrument("BTC"), btc);
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(update("BTC", 5));
      warm.take(update("ETH", 5));
      warm.take(update("BTC", 6));
      assertThat(warm.output()).isEmpty();

      warm.watermark(0);

      assertThat(ASKED).hasSize(1);
      assertThat(ASKED.get(0))
          .containsExactlyInAnyOrder(
              new Question(instrument("BTC"), 5 * MINUTE, 5 * MINUTE),
              new Question(instrument("ETH"), 5 * MINUTE, 5 * MINUTE));
      assertThat(warm.output())
          .containsExactlyInAnyOrder(
              HistoryEvent.of(instrument("BTC"), btc),
              HistoryEvent.of(update("BTC", 5)),
              HistoryEvent.of(update("BTC", 6)),
              HistoryEvent.of(update("ETH", 5)))
          .containsSubsequence(
              HistoryEvent.of(instrument("BTC"), btc),
              HistoryEvent.of(update("BTC", 5)),
              HistoryEvent.of(update("BTC", 6)));
      warm.take(update("BTC", 7));
      warm.take(update("ETH", 7));
      assertThat(warm.output())
          .containsExactly(HistoryEvent.of(update("BTC", 7)), HistoryEvent.of(update("ETH", 7)));
      assertThat(ASKED).hasSize(1);
    }
  }

  @Test
  void candlesDoNotWaitLongForAWatermark() throws Exception {
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(update("BTC", 5));
      warm.clock(1_000);
      assertThat(warm.output()).containsExactly(HistoryEvent.of(update("BTC", 5)));
      warm.watermark(0);
      assertThat(warm.output()).isEmpty();
      assertThat(warm.timers()).isZero();
    }
  }

  @Test
  void whatCanStillBeCorrectedIsAskedForCandleByCandle() throws Exception {
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(new CandleUpdate(candle("BTC", 9), 4 * MINUTE));
      warm.watermark(0);
      assertThat(ASKED)
          .containsExactly(List.of(new Question(instrument("BTC"), 4 * MINUTE, 9 * MINUTE)));
    }
  }

  @Test
  void anOlderCandleHasThePastReadAgain() throws Exception {
    KNOWN.put(instrument("BTC"), past(5 * MINUTE));
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(update("BTC", 5));
      warm.watermark(0);
      warm.output();
      Past older = past(3 * MINUTE);
      KNOWN.put(instrument("BTC"), older);

      warm.take(update("BTC", 3));
      warm.watermark(1);

      assertThat(ASKED.get(1))
          .containsExactly(new Question(instrument("BTC"), 3 * MINUTE, 5 * MINUTE));
      assertThat(warm.output())
          .containsExactly(
              HistoryEvent.of(instrument("BTC"), older), HistoryEvent.of(update("BTC", 3)));
    }
  }

  @Test
  void whereThereIsNoPastAnOlderCandleIsNoReasonToLookAgain() throws Exception {
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(update("BTC", 5));
      warm.watermark(0);
      warm.take(update("BTC", 3));
      assertThat(warm.output())
          .containsExactly(HistoryEvent.of(update("BTC", 5)), HistoryEvent.of(update("BTC", 3)));
      assertThat(ASKED).hasSize(1);
    }
  }

  @Test
  void anOpenCandleWaitsForThePastAsWell() throws Exception {
    Past past = past(MINUTE);
    KNOWN.put(instrument("BTC"), past);
    CandleUpdate open =
        new CandleUpdate(
            PartialCandle.of(SomeTick.of("BTC").tick()).toCandle(instrument("BTC"), MINUTE, false),
            Long.MIN_VALUE);
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(open);
      warm.watermark(0);
      assertThat(warm.output())
          .containsExactly(HistoryEvent.of(instrument("BTC"), past), HistoryEvent.of(open));
      warm.take(update("BTC", 1));
      assertThat(warm.output()).containsExactly(HistoryEvent.of(update("BTC", 1)));
    }
  }

  @Test
  void aPastThatIsGoneIsTakenBack() throws Exception {
    KNOWN.put(instrument("BTC"), past(5 * MINUTE));
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null)) {
      warm.take(update("BTC", 5));
      warm.watermark(0);
      warm.output();
      KNOWN.clear();

      warm.take(update("BTC", 3));
      warm.watermark(1);

      assertThat(warm.output())
          .containsExactly(
              HistoryEvent.of(instrument("BTC"), Past.nothing(TIMEFRAMES)),
              HistoryEvent.of(update("BTC", 3)));
      warm.take(update("BTC", 2));
      assertThat(warm.output()).containsExactly(HistoryEvent.of(update("BTC", 2)));
    }
  }

  @Test
  void withoutWarmStartNothingIsAskedAndNothingWaits() throws Exception {
    IndicatorsConfig cold = new IndicatorsConfig(false, 0);
    try (Subtask<CandleUpdate, HistoryEvent> warm = subtask(cold, TIMEFRAMES, false, null)) {
      warm.take(update("BTC", 5));
      warm.take(update("BTC", 3));
      assertThat(warm.output())
          .containsExactly(HistoryEvent.of(update("BTC", 5)), HistoryEvent.of(update("BTC", 3)));
      assertThat(ASKED).isEmpty();
    }
  }

  @Test
  void aPastFromBeforeWarmStartWasSwitchedOffIsTakenBackByAnOlderCandle() throws Exception {
    KNOWN.put(instrument("BTC"), past(5 * MINUTE));
    try (Subtask<CandleUpdate, HistoryEvent> before = subtask(0, null)) {
      before.take(update("BTC", 5));
      before.watermark(0);
      IndicatorsConfig cold = new IndicatorsConfig(false, 0);
      try (Subtask<CandleUpdate, HistoryEvent> after =
          subtask(cold, TIMEFRAMES, true, Snapshot.of(before))) {
        after.take(update("BTC", 6));
        assertThat(after.output()).containsExactly(HistoryEvent.of(update("BTC", 6)));
        after.take(update("BTC", 3));
        assertThat(after.output())
            .containsExactly(
                HistoryEvent.of(instrument("BTC"), Past.nothing(TIMEFRAMES)),
                HistoryEvent.of(update("BTC", 3)));
      }
    }
  }

  @Test
  void newStationsHaveThePastReadAgainUpToTheFirstCandle() throws Exception {
    Past past = past(4 * MINUTE);
    KNOWN.put(instrument("BTC"), past);
    try (Subtask<CandleUpdate, HistoryEvent> before = subtask(0, null)) {
      before.take(update("BTC", 5));
      before.watermark(0);
      Snapshot snapshot = Snapshot.of(before);
      IndicatorsConfig warmStart = new IndicatorsConfig(true, 0);
      List<Timeframe> more = List.of(Timeframe.FIVE_MINUTES, Timeframe.ONE_HOUR);
      try (Subtask<CandleUpdate, HistoryEvent> longer = subtask(warmStart, more, false, snapshot);
          Subtask<CandleUpdate, HistoryEvent> filled =
              subtask(warmStart, TIMEFRAMES, true, snapshot)) {
        for (Subtask<CandleUpdate, HistoryEvent> upgraded : List.of(longer, filled)) {
          ASKED.clear();
          upgraded.take(new CandleUpdate(candle("BTC", 8), 4 * MINUTE));
          upgraded.watermark(0);
          assertThat(ASKED)
              .containsExactly(List.of(new Question(instrument("BTC"), 4 * MINUTE, 8 * MINUTE)));
          assertThat(upgraded.output())
              .startsWith(HistoryEvent.of(instrument("BTC"), past))
              .hasSize(2);
          upgraded.take(new CandleUpdate(candle("BTC", 9), 4 * MINUTE));
          assertThat(upgraded.output()).hasSize(1);
        }
      }
    }
  }

  @Test
  void aRaisedGenerationHasEveryPastReadAgain() throws Exception {
    Past past = past(4 * MINUTE);
    KNOWN.put(instrument("BTC"), past);
    try (Subtask<CandleUpdate, HistoryEvent> before = subtask(0, null)) {
      before.take(update("BTC", 5));
      before.watermark(0);
      Snapshot snapshot = Snapshot.of(before);
      ASKED.clear();
      try (Subtask<CandleUpdate, HistoryEvent> same = subtask(0, snapshot);
          Subtask<CandleUpdate, HistoryEvent> raised = subtask(1, snapshot)) {
        same.take(update("BTC", 6));
        assertThat(same.output()).containsExactly(HistoryEvent.of(update("BTC", 6)));

        raised.take(new CandleUpdate(candle("BTC", 6), 4 * MINUTE));
        raised.watermark(0);
        assertThat(raised.output())
            .containsExactly(
                HistoryEvent.of(instrument("BTC"), past),
                HistoryEvent.of(new CandleUpdate(candle("BTC", 6), 4 * MINUTE)));
        raised.take(update("BTC", 7));
        assertThat(raised.output()).hasSize(1);
        assertThat(ASKED).hasSize(1);
      }
    }
  }

  @Test
  void candlesThatWaitAreKeptOverARestart() throws Exception {
    try (Subtask<CandleUpdate, HistoryEvent> before = subtask(0, null)) {
      before.take(update("BTC", 5));
      Snapshot snapshot = Snapshot.of(before);
      try (Subtask<CandleUpdate, HistoryEvent> restored = subtask(0, snapshot)) {
        restored.take(update("BTC", 6));
        restored.watermark(0);
        assertThat(restored.output())
            .containsExactly(HistoryEvent.of(update("BTC", 5)), HistoryEvent.of(update("BTC", 6)));
      }
    }
  }

  @Test
  void aPastThatCannotBeReadIsAnErrorAndNoColdStart() throws Exception {
    away = true;
    Subtask<CandleUpdate, HistoryEvent> warm = subtask(0, null);
    warm.take(update("BTC", 5));
    assertThatThrownBy(() -> warm.watermark(0)).hasStackTraceContaining("cannot read");
    assertThat(warm.output()).isEmpty();
  }

  private static Past past(long beforeMicros) {
    return Past.of(beforeMicros, Indicators.start().update(3, 1, 2));
  }

  private static CandleUpdate update(String symbol, int minute) {
    return new CandleUpdate(candle(symbol, minute), Long.MIN_VALUE);
  }

  private static Candle candle(String symbol, int minute) {
    return PartialCandle.of(SomeTick.of(symbol).tick())
        .toCandle(instrument(symbol), minute * MINUTE, true);
  }

  private static Instrument instrument(String symbol) {
    return SomeTick.of(symbol).instrument();
  }

  private static Subtask<CandleUpdate, HistoryEvent> subtask(int generation, Snapshot snapshot)
      throws Exception {
    return subtask(new IndicatorsConfig(true, generation), TIMEFRAMES, false, snapshot);
  }

  private static Subtask<CandleUpdate, HistoryEvent> subtask(
      IndicatorsConfig indicators, List<Timeframe> timeframes, boolean fillsGaps, Snapshot snapshot)
      throws Exception {
    return Subtask.<CandleUpdate, HistoryEvent>of(
        new WarmStart(PASTS, indicators, timeframes, fillsGaps),
        update -> update.candle().instrument(),
        1,
        0,
        snapshot);
  }
}

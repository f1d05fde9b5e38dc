package io.candlestream.past;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.IndicatorsConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.Past;
import io.candlestream.market.Instrument;
import io.candlestream.past.PastCandles.Question;
import io.candlestream.sink.Retries;
import io.candlestream.state.Types;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Puts before an instrument's first candle what the database knows of the time before it, so that
 * indicators and longer timeframes go on from there and do not begin anew.
 *
 * <p>The first candles of an instrument wait here until its past is read: for many instruments at
 * once, at the latest when the watermark moves, so that what follows sees candles and watermarks in
 * the same order as without this station.
 *
 * <p>The past is read again for a candle that is older than the past that was read; and after a
 * restart with a raised generation, with other timeframes, or with gaps filled that were not, since
 * the stations behind this one then know nothing of the time before.
 */
public final class WarmStart extends KeyedProcessFunction<Instrument, CandleUpdate, HistoryEvent> {

  /** How many instruments' pasts are read, and held in memory, at once. */
  private static final int BATCH = 100;

  /** How long candles wait while the watermark stands still. */
  private static final long PATIENCE_MILLIS = 1_000;

  /**
   * What was read for an instrument, and for which stations.
   *
   * @param beforeMicros the moment whose past was read; the beginning if there was none
   */
  public record Warmed(
      int generation, List<Timeframe> timeframes, boolean fillsGaps, long beforeMicros) {}

  private final PastCandles.Opener opener;
  private final IndicatorsConfig indicators;
  private final List<Timeframe> timeframes;
  private final boolean fillsGaps;

  private transient PastCandles pasts;
  private transient ValueState<Warmed> warmed;
  private transient ListState<CandleUpdate> waiting;

  /** Who waits; only to read for many at once: what waits is known by their state. */
  private transient Map<Instrument, Question> questions;

  /** Read already for instruments that have not come to it. */
  private transient Map<Instrument, Answer> answers;

  private record Answer(Question question, Past past) {}

  /**
   * @param opener opens what is known; of the given timeframes
   * @param fillsGaps whether a station behind this one fills gaps
   */
  public WarmStart(
      PastCandles.Opener opener,
      IndicatorsConfig indicators,
      List<Timeframe> timeframes,
      boolean fillsGaps) {
    this.opener = opener;
    this.indicators = indicators;
    this.timeframes = List.copyOf(timeframes);
    this.fillsGaps = fillsGaps;
  }

  @Override
  public void open(OpenContext context) {
    warmed =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("warmed", Types.uncopied(Warmed.class)));
    waiting =
        getRuntimeContext()
            .getListState(new ListStateDescriptor<>("waiting", Types.uncopied(CandleUpdate.class)));
    questions = new LinkedHashMap<>();
    answers = new HashMap<>();
    if (indicators.warmStart()) {
      pasts = opener.open(Retries.errors(getRuntimeContext().getMetricGroup()));
    }
  }

  @Override
  public void close() {
    if (pasts != null) {
      pasts.close();
    }
  }

  @Override
  public void processElement(CandleUpdate update, Context context, Collector<HistoryEvent> out)
      throws Exception {
    Warmed known = warmed.value();
    if (isEmpty(waiting) && covers(known, update.candle().startMicros())) {
      out.collect(HistoryEvent.of(update));
    } else if (!indicators.warmStart()) {
      if (known != null) {
        answer(null, context.getCurrentKey(), known, out);
      }
      out.collect(HistoryEvent.of(update));
    } else {
      waiting.add(update);
      ask(context.getCurrentKey());
      TimerService timers = context.timerService();
      timers.registerEventTimeTimer(timers.currentWatermark() + 1);
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + PATIENCE_MILLIS);
    }
  }

  private boolean covers(Warmed known, long startMicros) {
    return indicators.warmStart()
        ? isUpToDate(known) && known.beforeMicros() <= startMicros
        : known == null || known.beforeMicros() <= startMicros;
  }

  private boolean isUpToDate(Warmed known) {
    return known != null
        && known.generation() >= indicators.generation()
        && known.timeframes().equals(timeframes)
        && known.fillsGaps() == fillsGaps;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<HistoryEvent> out)
      throws Exception {
    if (isEmpty(waiting)) {
      return;
    }
    Instrument instrument = context.getCurrentKey();
    Question question = ask(instrument);
    Answer answer = answers.remove(instrument);
    if (answer == null || !answer.question().equals(question)) {
      readBatch(question);
      answer = answers.remove(instrument);
    }
    questions.remove(instrument);
    answer(answer.past(), instrument, warmed.value(), out);
    for (CandleUpdate update : waiting.get()) {
      out.collect(HistoryEvent.of(update));
    }
    waiting.clear();
  }

  /**
   * @param past what is known; null if nothing is
   * @param known what was read before; null if nothing was, and there is nothing to take back
   */
  private void answer(Past past, Instrument instrument, Warmed known, Collector<HistoryEvent> out)
      throws Exception {
    if (past != null || known != null) {
      out.collect(HistoryEvent.of(instrument, past == null ? Past.nothing(timeframes) : past));
    }
    warmed.update(
        new Warmed(
            indicators.generation(),
            timeframes,
            fillsGaps,
            past == null ? Past.BEGINNING_MICROS : past.beforeMicros()));
  }

  /** Notes what the current instrument needs to know. */
  private Question ask(Instrument instrument) throws Exception {
    long before = Long.MAX_VALUE;
    long first = Long.MAX_VALUE;
    for (CandleUpdate update : waiting.get()) {
      long start = update.candle().startMicros();
      long settled = update.settledBeforeMicros();
      before = Math.min(before, settled == Long.MIN_VALUE ? start : settled);
      first = Math.min(first, start);
    }
    Warmed known = warmed.value();
    // What was built after an earlier warm start is in the state of the stations behind this one,
    // unless they are new; then it is in the database, since the savepoint that this began with.
    long until = isUpToDate(known) ? Math.max(before, known.beforeMicros()) : first;
    Question question = new Question(instrument, before, until);
    questions.put(instrument, question);
    return question;
  }

  /** Answers the question, and others that wait with it. */
  private void readBatch(Question first) throws IOException, InterruptedException {
    List<Question> batch = new ArrayList<>();
    batch.add(first);
    for (Question question : questions.values()) {
      if (batch.size() < BATCH && !question.equals(first)) {
        batch.add(question);
      }
    }
    Map<Instrument, Past> read = pasts.read(batch);
    for (Question question : batch) {
      answers.put(question.instrument(), new Answer(question, read.get(question.instrument())));
      questions.remove(question.instrument());
    }
  }

  private static boolean isEmpty(ListState<?> state) throws Exception {
    return !state.get().iterator().hasNext();
  }
}

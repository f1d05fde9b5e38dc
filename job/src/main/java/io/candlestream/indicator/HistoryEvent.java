package io.candlestream.indicator;

import static java.util.Objects.requireNonNull;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;

/**
 * A step in an instrument's history: a candle that closed or changed, or what came before all
 * candles that the job has.
 *
 * @param update the candle, null if this is a past
 * @param past the past, null if this is a candle
 */
public record HistoryEvent(Instrument instrument, CandleUpdate update, Past past) {

  public HistoryEvent {
    requireNonNull(instrument, "instrument");
    if ((update == null) == (past == null)) {
      throw new IllegalArgumentException("either a candle or a past");
    }
  }

  public static HistoryEvent of(CandleUpdate update) {
    return new HistoryEvent(update.candle().instrument(), update, null);
  }

  public static HistoryEvent of(Candle candle, long settledBeforeMicros) {
    return of(new CandleUpdate(candle, Math.min(settledBeforeMicros, candle.startMicros())));
  }

  public static HistoryEvent of(Instrument instrument, Past past) {
    return new HistoryEvent(instrument, null, past);
  }
}

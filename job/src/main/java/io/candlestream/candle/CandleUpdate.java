package io.candlestream.candle;

import io.candlestream.market.Candle;

/**
 * A candle that closed, or a closed one that changed; or one that is still open, as it is by now.
 *
 * @param settledBeforeMicros no candle of this instrument that starts before will change any more;
 *     never after the candle's own start
 */
public record CandleUpdate(Candle candle, long settledBeforeMicros) {

  public CandleUpdate {
    if (settledBeforeMicros > candle.startMicros()) {
      throw new IllegalArgumentException(
          "%s changes after everything before %d µs is settled"
              .formatted(candle, settledBeforeMicros));
    }
  }
}

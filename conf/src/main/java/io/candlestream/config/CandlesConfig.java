package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * What candles are built.
 *
 * @param interval length of the base candle: whole seconds that divide five minutes, so that every
 *     higher timeframe is made of whole base candles
 * @param liveEvery how often at most, in processing time, a candle is written while it is still
 *     open; 0: never
 * @param fillGaps whether an interval without trades yields a flat candle
 */
public record CandlesConfig(Duration interval, Duration liveEvery, boolean fillGaps)
    implements Serializable {

  private static final Duration SHORTEST_TIMEFRAME = Duration.ofMinutes(5);

  public CandlesConfig {
    requireInterval(interval);
    Scalars.notNegative(liveEvery);
  }

  static Duration requireInterval(Duration interval) {
    boolean wholeSeconds = interval.getNano() == 0 && interval.getSeconds() > 0;
    if (!wholeSeconds || SHORTEST_TIMEFRAME.getSeconds() % interval.getSeconds() != 0) {
      throw new IllegalArgumentException(
          "must be whole seconds that divide 5m (1s, 5s, 10s, 15s, 30s, 1m, 5m …)");
    }
    return interval;
  }
}

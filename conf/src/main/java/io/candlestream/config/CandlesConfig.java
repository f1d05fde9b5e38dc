package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * What candles are built.
 *
 * @param interval length of the base candle: whole seconds that divide five minutes, so that every
 *     higher timeframe is made of whole base candles
 */
public record CandlesConfig(Duration interval) implements Serializable {

  private static final Duration SHORTEST_TIMEFRAME = Duration.ofMinutes(5);

  public CandlesConfig {
    requireInterval(interval);
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

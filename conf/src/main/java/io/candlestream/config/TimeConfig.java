package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * How event time moves.
 *
 * @param outOfOrderness how far the watermark stays behind the newest tick of its split; 0 or more
 * @param allowedLateness how long after its end, in event time, a candle can still be corrected; 0
 *     or more
 * @param idleTimeout how long, in processing time, a split may be silent before it no longer holds
 *     back the watermark; more than 0
 */
public record TimeConfig(Duration outOfOrderness, Duration allowedLateness, Duration idleTimeout)
    implements Serializable {

  public TimeConfig {
    Scalars.notNegative(outOfOrderness);
    Scalars.notNegative(allowedLateness);
    Scalars.positive(idleTimeout);
  }

  /** How long after its end a candle can still be corrected, if the job keeps up. */
  public Duration stillOpen() {
    return allowedLateness.plus(outOfOrderness);
  }
}

package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * Which candle of the base interval.
 *
 * @param startMicros its start, in microseconds since the epoch
 */
public record CandleKey(Instrument instrument, long startMicros) implements Serializable {

  public CandleKey {
    requireNonNull(instrument, "instrument");
  }
}

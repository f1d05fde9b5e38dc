package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;

/**
 * The close of a closed candle, at which positions are valued.
 *
 * @param startMicros the candle's start, in microseconds since the epoch
 */
public record Mark(Instrument instrument, long startMicros, Decimal close) {}

package io.candlestream.candle;

import io.candlestream.market.Candle;

/**
 * A candle that closed, or a closed one that changed.
 *
 * @param settledBeforeMicros no candle of this instrument that starts before will change any more
 */
public record CandleUpdate(Candle candle, long settledBeforeMicros) {}

package io.candlestream.recompute;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;

/**
 * A row with new indicators, or the word that a series is through.
 *
 * @param timeframe null for the base
 * @param row null when all rows of a series have been before
 */
public record Recomputed(Timeframe timeframe, CandleRow row) {

  static final Recomputed SERIES = new Recomputed(null, null);
}

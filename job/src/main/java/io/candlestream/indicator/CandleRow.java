package io.candlestream.indicator;

import io.candlestream.market.Candle;

/** A row of {@code market_data}: a candle and the indicators after it. */
public record CandleRow(Candle candle, IndicatorValues indicators) {}

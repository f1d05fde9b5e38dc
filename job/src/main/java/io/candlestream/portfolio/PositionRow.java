package io.candlestream.portfolio;

import io.candlestream.market.Instrument;

/** A position as it is by now. */
public record PositionRow(Instrument instrument, PositionKey key, Ledger ledger) {}

package io.candlestream.portfolio;

/** A fill that is not yet in its position's history. */
public record WaitingFill(PositionKey position, BookedFill fill) {}

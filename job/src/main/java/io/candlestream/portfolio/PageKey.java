package io.candlestream.portfolio;

/**
 * One page of a position's history.
 *
 * @param startMicros the start of its first interval, in microseconds since the epoch
 */
public record PageKey(PositionKey position, long startMicros) {}

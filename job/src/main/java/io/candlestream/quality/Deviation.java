package io.candlestream.quality;

/**
 * What a value is too far away from.
 *
 * @param median of the last values; of an even number, the lower of the two in the middle
 * @param typical the value whose distance to the median is the median of these distances, the MAD
 */
public record Deviation(double median, double typical) {}

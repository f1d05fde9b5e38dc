package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * The trades of one instrument in one interval, summed up.
 *
 * @param startMicros the interval's start, inclusive; microseconds since the epoch
 * @param volume the exact sum of the sizes
 * @param buyVolume the part of it where the buyer was the aggressor
 * @param turnover the exact sum of price × size
 * @param vwap turnover / volume, rounded half-even to {@value #VWAP_FRACTIONAL_DIGITS} fractional
 *     digits; null at volume 0
 * @param trades how many trades, those of size 0 included; above zero
 * @param closed whether the interval is over
 */
public record Candle(
    Instrument instrument,
    long startMicros,
    Decimal open,
    Decimal high,
    Decimal low,
    Decimal close,
    Decimal volume,
    Decimal buyVolume,
    Decimal turnover,
    Decimal vwap,
    long trades,
    boolean closed) {

  public static final int VWAP_FRACTIONAL_DIGITS = 18;

  public Candle {
    requireNonNull(instrument, "instrument");
    if (low.compareTo(open.min(close)) > 0 || high.compareTo(open.max(close)) < 0) {
      throw new IllegalArgumentException(
          "open %s and close %s are not between low %s and high %s"
              .formatted(open, close, low, high));
    }
    if (buyVolume.compareTo(volume) > 0 || buyVolume.signum() < 0) {
      throw new IllegalArgumentException(
          "buy volume %s is not between 0 and volume %s".formatted(buyVolume, volume));
    }
    if ((vwap == null) != (volume.signum() == 0)) {
      throw new IllegalArgumentException("vwap %s at volume %s".formatted(vwap, volume));
    }
    if (trades <= 0) {
      throw new IllegalArgumentException("a candle of " + trades + " trades");
    }
  }
}

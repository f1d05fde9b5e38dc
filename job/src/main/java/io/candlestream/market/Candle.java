package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * The trades of one instrument in one interval, summed up.
 *
 * <p>An interval without trades may have a flat candle: every price is the close before it, the
 * volume is 0.
 *
 * @param startMicros the interval's start, inclusive; microseconds since the epoch
 * @param volume the exact sum of the sizes
 * @param buyVolume the part of it where the buyer was the aggressor
 * @param turnover the exact sum of price × size
 * @param vwap turnover / volume, rounded half-even to {@value #VWAP_FRACTIONAL_DIGITS} fractional
 *     digits; null at volume 0
 * @param trades how many trades, those of size 0 included; 0 in a flat candle
 * @param closed whether the interval is over; what is not yet closed is provisional
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
    if (trades < 0) {
      throw new IllegalArgumentException("a candle of " + trades + " trades");
    }
    if (trades == 0 && (volume.signum() != 0 || low.compareTo(high) != 0)) {
      throw new IllegalArgumentException("a candle without trades is not flat");
    }
  }

  /** The candle of an interval in which nothing was traded after this one. */
  public Candle flatAt(long startMicros) {
    return new Candle(
        instrument,
        startMicros,
        close,
        close,
        close,
        close,
        Decimal.ZERO,
        Decimal.ZERO,
        Decimal.ZERO,
        null,
        0,
        true);
  }

  /**
   * Both as one candle of a longer interval.
   *
   * @param later a candle of the same instrument that starts later
   * @param startMicros the longer interval's start
   */
  public Candle with(Candle later, long startMicros) {
    Decimal volumes = volume.add(later.volume);
    Decimal turnovers = turnover.add(later.turnover);
    return new Candle(
        instrument,
        startMicros,
        open,
        high.max(later.high),
        low.min(later.low),
        later.close,
        volumes,
        buyVolume.add(later.buyVolume),
        turnovers,
        vwap(turnovers, volumes),
        trades + later.trades,
        closed && later.closed);
  }

  /** The same prices and sums as a candle that starts elsewhere. */
  public Candle at(long startMicros) {
    return new Candle(
        instrument,
        startMicros,
        open,
        high,
        low,
        close,
        volume,
        buyVolume,
        turnover,
        vwap,
        trades,
        closed);
  }

  /** The average price, weighted by size; null at volume 0. */
  public static Decimal vwap(Decimal turnover, Decimal volume) {
    return volume.signum() == 0 ? null : turnover.divide(volume, VWAP_FRACTIONAL_DIGITS);
  }
}

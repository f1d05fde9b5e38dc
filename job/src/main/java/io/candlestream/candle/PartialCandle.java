package io.candlestream.candle;

import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.Side;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;

/**
 * A candle under construction. What it holds depends on the set of its ticks alone, not on the
 * order in which they were added.
 *
 * @param openedBy the place of the tick that set the open: the first so far
 * @param closedBy the place of the tick that set the close: the last so far
 * @param emitted whether an earlier state of this candle went downstream
 * @param changed whether it has changed since it last went downstream
 * @param shownTrades its trades when it was last shown before its end, 0 if it never was
 */
public record PartialCandle(
    Decimal open,
    TickOrder openedBy,
    Decimal high,
    Decimal low,
    Decimal close,
    TickOrder closedBy,
    Decimal volume,
    Decimal buyVolume,
    Decimal turnover,
    long trades,
    boolean emitted,
    boolean changed,
    long shownTrades) {

  public static PartialCandle of(Tick tick) {
    Decimal price = tick.price();
    return new PartialCandle(
        price,
        tick.order(),
        price,
        price,
        price,
        tick.order(),
        tick.size(),
        tick.side() == Side.BUY ? tick.size() : Decimal.ZERO,
        price.multiply(tick.size()),
        1,
        false,
        true,
        0);
  }

  public PartialCandle add(Tick tick) {
    Decimal price = tick.price();
    Decimal size = tick.size();
    boolean opens = tick.order().compareTo(openedBy) < 0;
    boolean closes = tick.order().compareTo(closedBy) > 0;
    return new PartialCandle(
        opens ? price : open,
        opens ? tick.order() : openedBy,
        high.max(price),
        low.min(price),
        closes ? price : close,
        closes ? tick.order() : closedBy,
        volume.add(size),
        tick.side() == Side.BUY ? buyVolume.add(size) : buyVolume,
        turnover.add(price.multiply(size)),
        trades + 1,
        emitted,
        true,
        shownTrades);
  }

  /** The same, noted as gone downstream. */
  public PartialCandle markEmitted() {
    return new PartialCandle(
        open,
        openedBy,
        high,
        low,
        close,
        closedBy,
        volume,
        buyVolume,
        turnover,
        trades,
        true,
        false,
        shownTrades);
  }

  /** The same, noted as shown while it is open. */
  public PartialCandle markShown() {
    return new PartialCandle(
        open, openedBy, high, low, close, closedBy, volume, buyVolume, turnover, trades, emitted,
        changed, trades);
  }

  /** Whether it has changed since it was last shown, or was never. */
  public boolean changedSinceShown() {
    return trades > shownTrades;
  }

  /**
   * The candle as it is by now.
   *
   * @param closed whether its interval is over
   */
  public Candle toCandle(Instrument instrument, long startMicros, boolean closed) {
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
        Candle.vwap(turnover, volume),
        trades,
        closed);
  }
}

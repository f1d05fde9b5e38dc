package io.candlestream.candle;

import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.Side;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import java.util.List;

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

  /** Of ticks of one candle, at least one. */
  public static PartialCandle of(List<Tick> ticks) {
    PartialCandle first = of(ticks.get(0));
    return ticks.size() == 1 ? first : first.add(ticks.subList(1, ticks.size()));
  }

  public PartialCandle add(Tick tick) {
    return add(List.of(tick));
  }

  public PartialCandle add(List<Tick> ticks) {
    Decimal newOpen = open;
    TickOrder newOpenedBy = openedBy;
    Decimal newHigh = high;
    Decimal newLow = low;
    Decimal newClose = close;
    TickOrder newClosedBy = closedBy;
    Decimal newVolume = volume;
    Decimal newBuyVolume = buyVolume;
    Decimal newTurnover = turnover;
    for (Tick tick : ticks) {
      Decimal price = tick.price();
      Decimal size = tick.size();
      if (tick.order().compareTo(newOpenedBy) < 0) {
        newOpen = price;
        newOpenedBy = tick.order();
      }
      if (tick.order().compareTo(newClosedBy) > 0) {
        newClose = price;
        newClosedBy = tick.order();
      }
      newHigh = newHigh.max(price);
      newLow = newLow.min(price);
      newVolume = newVolume.add(size);
      if (tick.side() == Side.BUY) {
        newBuyVolume = newBuyVolume.add(size);
      }
      newTurnover = newTurnover.add(price.multiply(size));
    }
    return new PartialCandle(
        newOpen,
        newOpenedBy,
        newHigh,
        newLow,
        newClose,
        newClosedBy,
        newVolume,
        newBuyVolume,
        newTurnover,
        trades + ticks.size(),
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

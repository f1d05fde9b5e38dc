package io.candlestream.market;

import java.util.ArrayList;
import java.util.List;

/** Lists of one instrument's candles in the order of time, one for each start. */
public final class CandlesInOrder {

  private CandlesInOrder() {}

  /**
   * How many of the candles start before a moment; new ones belong at the end, where this looks
   * first.
   */
  public static int placeOf(long startMicros, List<Candle> candles) {
    int place = candles.size();
    while (place > 0 && candles.get(place - 1).startMicros() >= startMicros) {
      place--;
    }
    return place;
  }

  /** A copy with a candle in its place, or in place of the one that starts with it. */
  public static List<Candle> with(Candle candle, List<Candle> candles) {
    int place = placeOf(candle.startMicros(), candles);
    List<Candle> copy = new ArrayList<>(candles.size() + 1);
    copy.addAll(candles);
    if (place < copy.size() && copy.get(place).startMicros() == candle.startMicros()) {
      copy.set(place, candle);
    } else {
      copy.add(place, candle);
    }
    return copy;
  }

  /** A copy of those that start at a moment or later. */
  public static List<Candle> from(long startMicros, List<Candle> candles) {
    return new ArrayList<>(candles.subList(placeOf(startMicros, candles), candles.size()));
  }
}

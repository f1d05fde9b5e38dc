package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The closes of some neighbouring candles.
 *
 * @param closes in the order of time
 */
public record Marks(List<Close> closes) {

  static final Marks NONE = new Marks(List.of());

  /** The close of the candle with this start. */
  public record Close(long startMicros, Decimal price) {}

  public Marks {
    closes = List.copyOf(closes);
  }

  /** The close of the candle with this start; null if there is none. */
  Decimal of(long startMicros) {
    for (int i = closes.size() - 1; i >= 0; i--) {
      if (closes.get(i).startMicros() == startMicros) {
        return closes.get(i).price();
      }
    }
    return null;
  }

  /** These with a candle that is new, or has changed. */
  Marks put(long startMicros, Decimal price) {
    int at = closes.size();
    while (at > 0 && closes.get(at - 1).startMicros() >= startMicros) {
      at--;
    }
    boolean isThere = at < closes.size() && closes.get(at).startMicros() == startMicros;
    List<Close> changed = new ArrayList<>(closes.size() + 1);
    changed.addAll(closes.subList(0, at));
    changed.add(new Close(startMicros, price));
    changed.addAll(closes.subList(isThere ? at + 1 : at, closes.size()));
    return new Marks(changed);
  }
}

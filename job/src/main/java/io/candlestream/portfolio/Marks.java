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

  /**
   * The close of a candle.
   *
   * @param valued whether positions have been valued at it, or at what it was before
   */
  public record Close(long startMicros, Decimal price, boolean valued) {}

  public Marks {
    closes = List.copyOf(closes);
  }

  /** The close of the candle with this start; null if there is none. */
  Close of(long startMicros) {
    for (int i = closes.size() - 1; i >= 0; i--) {
      if (closes.get(i).startMicros() == startMicros) {
        return closes.get(i);
      }
    }
    return null;
  }

  /** These with a candle that is new, or has changed. */
  Marks put(long startMicros, Decimal price) {
    Close known = of(startMicros);
    return with(new Close(startMicros, price, known != null && known.valued()));
  }

  /** These once positions have been valued at one of them. */
  Marks value(Close close) {
    return close.valued() ? this : with(new Close(close.startMicros(), close.price(), true));
  }

  private Marks with(Close close) {
    int at = closes.size();
    while (at > 0 && closes.get(at - 1).startMicros() >= close.startMicros()) {
      at--;
    }
    boolean isThere = at < closes.size() && closes.get(at).startMicros() == close.startMicros();
    List<Close> changed = new ArrayList<>(closes.size() + 1);
    changed.addAll(closes.subList(0, at));
    changed.add(close);
    changed.addAll(closes.subList(isThere ? at + 1 : at, closes.size()));
    return new Marks(changed);
  }
}

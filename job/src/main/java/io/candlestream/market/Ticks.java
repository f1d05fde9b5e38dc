package io.candlestream.market;

import java.util.List;
import java.util.Optional;

/**
 * Ticks of one instrument, in the order in which they came. They travel together, so that the way
 * from one operator to the next is not paid for by each of them.
 *
 * @param list at least one; never changed
 */
public record Ticks(Instrument instrument, List<Tick> list) {

  public Ticks {
    if (list.isEmpty()) {
      throw new IllegalArgumentException("no ticks of " + instrument);
    }
  }

  /** Those that are left of an instrument's ticks; empty if none is. */
  public static Optional<Ticks> left(Instrument instrument, List<Tick> list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(new Ticks(instrument, list));
  }

  /** A tick that travels alone. */
  public static Ticks of(Tick tick) {
    return new Ticks(tick.instrument(), List.of(tick));
  }
}

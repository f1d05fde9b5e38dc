package io.candlestream.market;

import java.util.ArrayList;
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

  /** Says of each tick whether it goes on. */
  @FunctionalInterface
  public interface Filter {
    boolean passes(Tick tick) throws Exception;
  }

  /** Those that pass, in their order; empty if none does. */
  public Optional<Ticks> filter(Filter filter) throws Exception {
    List<Tick> passing = new ArrayList<>(list.size());
    for (Tick tick : list) {
      if (filter.passes(tick)) {
        passing.add(tick);
      }
    }
    return passing.isEmpty() ? Optional.empty() : Optional.of(new Ticks(instrument, passing));
  }

  /** A tick that travels alone. */
  public static Ticks of(Tick tick) {
    return new Ticks(tick.instrument(), List.of(tick));
  }
}

package io.candlestream.ingest;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.Event;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import java.util.List;

/**
 * What became of a record: some of its events are such that the rules accept, others are rejected.
 * A record without either is a message of another kind. A record always travels as a whole, so that
 * no restart can repeat a part of it.
 *
 * @param origin where the record was read; its item is 0
 * @param accepted in the order in which they stand in the record
 * @param rejected likewise
 */
public record Verdict<T extends Event>(Origin origin, List<T> accepted, List<Reject> rejected) {

  public Verdict {
    requireNonNull(origin, "origin");
    accepted = List.copyOf(accepted);
    rejected = List.copyOf(rejected);
  }

  /** On a record with this one event. */
  public static <T extends Event> Verdict<T> accept(T event) {
    return new Verdict<>(event.origin(), List.of(event), List.of());
  }

  /** On a record with this one event, or on one that cannot be read. */
  public static <T extends Event> Verdict<T> reject(Reject event) {
    return new Verdict<>(event.origin(), List.of(), List.of(event));
  }

  /** On a record that holds no event. */
  public static <T extends Event> Verdict<T> withoutEvents(Origin origin) {
    return new Verdict<>(origin, List.of(), List.of());
  }

  public boolean hasAccepted() {
    return !accepted.isEmpty();
  }

  public boolean isWithoutEvents() {
    return accepted.isEmpty() && rejected.isEmpty();
  }

  /** The highest timestamp of the accepted events, of which there must be one. */
  public long highestTimestampMicros() {
    long highest = accepted.get(0).timestampMicros();
    for (int i = 1; i < accepted.size(); i++) {
      highest = Math.max(highest, accepted.get(i).timestampMicros());
    }
    return highest;
  }
}

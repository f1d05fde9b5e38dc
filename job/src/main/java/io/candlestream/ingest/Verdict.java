package io.candlestream.ingest;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.Origin;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import java.util.List;

/**
 * What became of a record: some of its trades are ticks that the rules accept, others are rejected.
 * A record without either is a message of another kind. A record always travels as a whole, so that
 * no restart can repeat a part of it.
 *
 * @param origin where the record was read; its item is 0
 * @param accepted in the order in which they stand in the record
 * @param rejected likewise
 */
public record Verdict(Origin origin, List<Tick> accepted, List<RejectedTick> rejected) {

  public Verdict {
    requireNonNull(origin, "origin");
    accepted = List.copyOf(accepted);
    rejected = List.copyOf(rejected);
  }

  /** On a record with this one trade. */
  public static Verdict accept(Tick tick) {
    return new Verdict(tick.order().origin(), List.of(tick), List.of());
  }

  /** On a record with this one trade, or on one that cannot be read. */
  public static Verdict reject(RejectedTick tick) {
    return new Verdict(tick.origin(), List.of(), List.of(tick));
  }

  /** On a record that holds no trade. */
  public static Verdict withoutTrades(Origin origin) {
    return new Verdict(origin, List.of(), List.of());
  }

  public boolean hasAccepted() {
    return !accepted.isEmpty();
  }

  public boolean isWithoutTrades() {
    return accepted.isEmpty() && rejected.isEmpty();
  }

  /** The highest timestamp of the accepted ticks, of which there must be one. */
  public long highestTimestampMicros() {
    long highest = accepted.get(0).timestampMicros();
    for (int i = 1; i < accepted.size(); i++) {
      highest = Math.max(highest, accepted.get(i).timestampMicros());
    }
    return highest;
  }
}

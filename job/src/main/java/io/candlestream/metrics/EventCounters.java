package io.candlestream.metrics;

import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import org.apache.flink.metrics.Counter;

/** Counts what becomes of the events of a stream beside the ticks that the rules have accepted. */
public final class EventCounters {

  private final Counter accepted;
  private final Counter duplicates;
  private final Counter rejected;
  private final Counter late;

  public EventCounters(Input input, DurableCounters counters) {
    accepted = counters.counter(input.word() + "Accepted");
    duplicates = counters.counter(input.word() + "Duplicate");
    rejected = counters.counter(input.word() + "Rejected");
    late = counters.counter(input.word() + "Rejected", "reason", RejectReason.LATE.name());
  }

  public void accept() {
    accepted.inc();
  }

  public void duplicate() {
    duplicates.inc();
  }

  /** Counts an event that is too late, and rejects it. */
  public Reject late(Event event) {
    rejected.inc();
    late.inc();
    return Reject.late(event);
  }
}

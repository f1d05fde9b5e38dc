package io.candlestream.ingest;

import io.candlestream.market.Input;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.metrics.DurableCounters;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;

/**
 * Counts what is rejected where records are read: all of it, and by each reason. Events that are
 * late, or anomalous, are counted where that is found out.
 */
final class RejectCounters {

  private final Counter all;
  private final Map<RejectReason, Counter> byReason = new EnumMap<>(RejectReason.class);

  RejectCounters(Input input, DurableCounters counters) {
    String name = input.word() + "Rejected";
    all = counters.counter(name);
    for (RejectReason reason : RejectReason.values()) {
      if (reason.isOf(input) && reason != RejectReason.LATE) {
        byReason.put(reason, counters.counter(name, "reason", reason.name()));
      }
    }
  }

  void count(Reject reject) {
    all.inc();
    reject.reasons().forEach(reason -> byReason.get(reason).inc());
  }
}

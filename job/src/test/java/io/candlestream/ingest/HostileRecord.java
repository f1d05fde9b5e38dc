package io.candlestream.ingest;

import io.candlestream.market.RejectReason;
import java.time.Instant;
import java.util.List;

/**
 * A record that tries to break the reading of its stream, with the verdict that the rules demand:
 * at the clock {@link #NOW}, and with the default limits.
 *
 * @param name says what is special about it; unique in its stream
 * @param raw the record's value; empty also stands for a null value
 * @param reasons all for which it is rejected, in their order; none if it is accepted
 */
public record HostileRecord(String name, byte[] raw, List<RejectReason> reasons) {

  /** The clock that these records are judged at, and the timestamp of their Kafka records. */
  public static final Instant NOW = HostileTicks.NOW;

  public boolean isAccepted() {
    return reasons.isEmpty();
  }

  @Override
  public String toString() {
    return name;
  }
}

package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A trade that was refused, or a record that cannot be read, with everything that speaks against
 * it.
 *
 * @param raw the record's bytes as they were read, of one with several trades without the others;
 *     empty for a record without value
 * @param reasons at least one, in the order of {@link RejectReason}
 * @param source the venue, null where it could not be read or is invalid
 * @param symbol likewise
 * @param timestampMicros when the trade happened, in microseconds since the epoch; null where it
 *     could not be read
 */
public record RejectedTick(
    Origin origin,
    byte[] raw,
    List<RejectReason> reasons,
    String source,
    String symbol,
    Long timestampMicros) {

  public RejectedTick {
    requireNonNull(origin, "origin");
    requireNonNull(raw, "raw");
    reasons = List.copyOf(reasons);
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("rejected without a reason");
    }
  }

  /** A tick that the rules had accepted, but for which it is too late. */
  public static RejectedTick late(Tick tick) {
    return of(tick, RejectReason.LATE);
  }

  /** A tick that the rules had accepted, but that differs too much from those before it. */
  public static RejectedTick anomalous(Tick tick) {
    return of(tick, RejectReason.ANOMALY);
  }

  private static RejectedTick of(Tick tick, RejectReason reason) {
    return new RejectedTick(
        tick.order().origin(),
        tick.raw(),
        List.of(reason),
        tick.instrument().source(),
        tick.instrument().symbol(),
        tick.timestampMicros());
  }
}

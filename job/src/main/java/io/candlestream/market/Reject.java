package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * An event that was refused, or a record that cannot be read, with everything that speaks against
 * it.
 *
 * @param raw the record's bytes as they were read, of one with several events without the others;
 *     empty for a record without value
 * @param reasons at least one, in the order of {@link RejectReason}
 * @param source the venue, of sentiment the provider; null where it could not be read or is invalid
 * @param symbol likewise
 * @param timestampMicros when the event happened, in microseconds since the epoch; null where it
 *     could not be read
 */
public record Reject(
    Input input,
    Origin origin,
    byte[] raw,
    List<RejectReason> reasons,
    String source,
    String symbol,
    Long timestampMicros) {

  private static final byte[] NO_BYTES = {};

  public Reject {
    requireNonNull(input, "input");
    requireNonNull(origin, "origin");
    requireNonNull(raw, "raw");
    reasons = List.copyOf(reasons);
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("rejected without a reason");
    }
  }

  /**
   * A record, or a part of it, that cannot be read.
   *
   * @param raw null for a record without value
   */
  public static Reject malformed(Input input, byte[] raw, Origin origin) {
    return new Reject(
        input,
        origin,
        raw == null ? NO_BYTES : raw,
        List.of(RejectReason.MALFORMED),
        null,
        null,
        null);
  }

  /** An event that the rules had accepted, but for which it is too late. */
  public static Reject late(Event event) {
    return of(event, RejectReason.LATE);
  }

  /** A tick that the rules had accepted, but that differs too much from those before it. */
  public static Reject anomalous(Tick tick) {
    return of(tick, RejectReason.ANOMALY);
  }

  private static Reject of(Event event, RejectReason reason) {
    return new Reject(
        event.input(),
        event.origin(),
        event.raw(),
        List.of(reason),
        event.source(),
        event.symbol(),
        event.timestampMicros());
  }
}

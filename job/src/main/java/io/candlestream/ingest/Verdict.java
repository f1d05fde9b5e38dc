package io.candlestream.ingest;

import static java.util.Objects.requireNonNull;

import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;

/**
 * What became of a record: it holds a tick that the rules accept, or it is rejected.
 *
 * @param accepted the tick, null if the record is rejected
 * @param rejected the rejection, null if it is accepted
 */
public record Verdict(Tick accepted, RejectedTick rejected) {

  public Verdict {
    if ((accepted == null) == (rejected == null)) {
      throw new IllegalArgumentException("a record is either accepted or rejected");
    }
  }

  public static Verdict accept(Tick tick) {
    return new Verdict(requireNonNull(tick), null);
  }

  public static Verdict reject(RejectedTick tick) {
    return new Verdict(null, requireNonNull(tick));
  }

  public boolean isAccepted() {
    return accepted != null;
  }
}

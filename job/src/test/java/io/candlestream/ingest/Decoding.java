package io.candlestream.ingest;

import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import io.candlestream.oracle.TickRecord;

/** The job's own decoder and rules, for tests of what comes after. */
public final class Decoding {

  private static final long FAR_AHEAD_MILLIS = 4_102_444_800_000L;

  private final TickDecoder decoder;

  public Decoding(ValidationConfig validation) {
    decoder = new TickDecoder("", new TickRules(validation, false));
  }

  /** The tick in a record that the rules accept. */
  public Tick accept(TickRecord record) {
    Origin origin = new Origin(record.topic(), record.partition(), record.offset(), 0, 0);
    Verdict verdict = decoder.decode(record.json(), origin, FAR_AHEAD_MILLIS);
    if (!verdict.isAccepted()) {
      throw new AssertionError(record + " is rejected: " + verdict.rejected().reasons());
    }
    return verdict.accepted();
  }
}

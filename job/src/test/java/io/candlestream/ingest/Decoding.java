package io.candlestream.ingest;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.feed.FeedReader;
import io.candlestream.feed.FeedSettings;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import io.candlestream.oracle.TickRecord;
import java.util.List;

/** The job's own decoder and rules, for tests of what comes after. */
public final class Decoding {

  private static final long FAR_AHEAD_MILLIS = 4_102_444_800_000L;

  private final TickDecoder decoder;

  public Decoding(ValidationConfig validation) {
    decoder = decoder(new RecordRules(validation, false));
  }

  /** Of canonical ticks, or as the settings say. */
  static TickDecoder decoder(RecordRules rules, String... settings) {
    SourceConfig source = JobConfig.of(List.of(settings)).source();
    FeedReader reader = FeedFormats.named(source.format()).reader(FeedSettings.ofTopic(source));
    return new TickDecoder(reader, rules);
  }

  /** The tick in a record that the rules accept. */
  public Tick accept(TickRecord record) {
    Origin origin = new Origin(record.topic(), record.partition(), record.offset(), 0, 0);
    Verdict<Tick> verdict = decoder.decode(record.json(), origin, FAR_AHEAD_MILLIS);
    if (!verdict.hasAccepted()) {
      throw new AssertionError(record + " is rejected: " + verdict.rejected());
    }
    return verdict.accepted().get(0);
  }
}

package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.feed.FeedReader;
import io.candlestream.feed.FeedSettings;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/** Judges records that were read before, each by itself, by the rules as they are now. */
public final class LoneRecords {

  private final SourceConfig source;
  private final FileNames names;
  private final RecordRules rules;

  public LoneRecords(SourceConfig source, ValidationConfig validation) {
    this.source = source;
    this.names = new FileNames(source);
    this.rules = new RecordRules(validation, isTopic(source));
  }

  private static boolean isTopic(SourceConfig source) {
    return source.type() == SourceConfig.Type.KAFKA;
  }

  /**
   * The verdict on a record.
   *
   * @param raw the record; of one that holds several trades, one of them
   * @param origin where it was read; its item is that of the trade
   * @return empty if nothing can be said by the record alone: the format remembers those before, or
   *     the name of its file in an archive tells the symbol
   */
  public Optional<Verdict<Tick>> judge(byte[] raw, Origin origin) {
    if (isInNamedPart(origin)) {
      return Optional.empty();
    }
    FeedReader reader = FeedFormats.named(source.format()).reader(settings(origin));
    return reader.remembers()
        ? Optional.empty()
        : Optional.of(new TickDecoder(reader, rules).decode(raw, origin, clockMillis(origin)));
  }

  /** Of a file in an archive, no more than its line is known. */
  private boolean isInNamedPart(Origin origin) {
    return !isTopic(source)
        && !source.files().namePattern().isEmpty()
        && FileLines.isArchive(new Path(origin.topic()));
  }

  private FeedSettings settings(Origin origin) {
    if (isTopic(source)) {
      return FeedSettings.ofTopic(source);
    }
    FeedSettings ofFile = names.settings(origin.topic(), "");
    return new FeedSettings(
        ofFile.defaultSource(),
        ofFile.defaultSymbol(),
        ofFile.mayBeginWithHeader() && source.csv().columns().isEmpty(),
        ofFile.csv());
  }

  private long clockMillis(Origin origin) {
    return isTopic(source) && origin.recordTimestampMillis() > 0
        ? KafkaRecords.clockMillis(origin.recordTimestampMillis(), System.currentTimeMillis())
        : System.currentTimeMillis();
  }
}

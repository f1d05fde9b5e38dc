package io.candlestream.ingest;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.feed.FeedFormats;
import io.candlestream.feed.FeedSettings;
import io.candlestream.market.Tick;
import io.candlestream.state.Types;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Decoders of ticks, in the configured format and by the configured rules. */
public final class TickDecoders implements Decoders<Tick> {

  private final SourceConfig source;
  private final ValidationConfig validation;

  /** Of all partitions, so that a symbol's limits are looked up once. */
  private transient RecordRules rules;

  private transient FileNames names;

  private TickDecoders(SourceConfig source, ValidationConfig validation) {
    this.source = source;
    this.validation = validation;
  }

  public static TickDecoders of(JobConfig config) {
    return new TickDecoders(config.source(), config.validation());
  }

  @Override
  public RecordDecoder<Tick> ofPartition() {
    if (rules == null) {
      rules = new RecordRules(validation, true);
    }
    return decoder(FeedSettings.ofTopic(source), rules);
  }

  @Override
  public RecordDecoder<Tick> ofFile(String path, String part) {
    if (names == null) {
      names = new FileNames(source);
    }
    return decoder(names.settings(path, part), new RecordRules(validation, false));
  }

  private RecordDecoder<Tick> decoder(FeedSettings settings, RecordRules rules) {
    return new TickDecoder(FeedFormats.named(source.format()).reader(settings), rules);
  }

  @Override
  public TypeInformation<Verdict<Tick>> verdicts() {
    return Types.verdicts(Tick.class);
  }
}

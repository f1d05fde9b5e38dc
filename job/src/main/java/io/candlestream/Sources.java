package io.candlestream;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.StreamConfig;
import io.candlestream.ingest.Decoders;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.KafkaRecords;
import io.candlestream.ingest.ObjectDecoders;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Sentiment;
import io.candlestream.market.Tick;
import org.apache.flink.api.connector.source.Source;

/**
 * Where the job's events come from.
 *
 * @param fills null where there are none
 * @param sentiment likewise
 */
public record Sources(
    Source<Verdict<Tick>, ?, ?> ticks,
    Source<Verdict<Fill>, ?, ?> fills,
    Source<Verdict<Sentiment>, ?, ?> sentiment) {

  /** The topics or files of a configuration. */
  public static Sources of(JobConfig config) {
    SourceConfig ticks = config.source();
    return new Sources(
        source(ticks.type(), ticks.kafka(), ticks.files(), TickDecoders.of(config)),
        source(config.fills(), ObjectDecoders.ofFills(config.validation())),
        source(config.sentiment(), ObjectDecoders.ofSentiment(config.validation())));
  }

  private static <T extends Event> Source<Verdict<T>, ?, ?> source(
      StreamConfig stream, Decoders<T> decoders) {
    return stream.isOn() ? source(stream.type(), stream.kafka(), stream.files(), decoders) : null;
  }

  private static <T extends Event> Source<Verdict<T>, ?, ?> source(
      SourceConfig.Type type,
      SourceConfig.Kafka kafka,
      SourceConfig.Files files,
      Decoders<T> decoders) {
    return switch (type) {
      case KAFKA -> KafkaRecords.source(kafka, decoders);
      case FILES -> FileRecords.source(files.paths(), decoders);
    };
  }

  /** The same with other ticks. */
  public Sources withTicks(Source<Verdict<Tick>, ?, ?> others) {
    return new Sources(others, fills, sentiment);
  }
}

package io.candlestream.ingest;

import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Sentiment;
import io.candlestream.state.Types;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.function.SerializableFunction;

/** Decoders of the streams whose records are one JSON object and one event each. */
public final class ObjectDecoders<T extends Event> implements Decoders<T> {

  private final Class<T> events;
  private final ValidationConfig validation;
  private final SerializableFunction<RecordRules, RecordDecoder<T>> decoder;

  private ObjectDecoders(
      Class<T> events,
      ValidationConfig validation,
      SerializableFunction<RecordRules, RecordDecoder<T>> decoder) {
    this.events = events;
    this.validation = validation;
    this.decoder = decoder;
  }

  public static Decoders<Fill> ofFills(ValidationConfig validation) {
    return new ObjectDecoders<>(Fill.class, validation, FillDecoder::new);
  }

  public static Decoders<Sentiment> ofSentiment(ValidationConfig validation) {
    return new ObjectDecoders<>(Sentiment.class, validation, SentimentDecoder::new);
  }

  @Override
  public RecordDecoder<T> ofPartition() {
    return decoder.apply(new RecordRules(validation, false));
  }

  @Override
  public RecordDecoder<T> ofFile(String path, String part) {
    return ofPartition();
  }

  @Override
  public TypeInformation<Verdict<T>> verdicts() {
    return Types.verdicts(events);
  }
}

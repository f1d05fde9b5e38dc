package io.candlestream.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.config.RejectsConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * The Kafka topic of rejects, of every stream: for each, a record of its bytes as they came, at
 * least once.
 *
 * <p>The key is where it was read, {@code topic:partition:offset:item}, so that copies can be told.
 * Headers, as texts: {@code stream}, {@code topic}, {@code partition}, {@code offset}, {@code
 * item}, {@code record_timestamp}, {@code reasons} (commas between) and, where they could be read,
 * {@code source}, {@code symbol} and {@code timestamp}; times are ISO-8601. They are named as the
 * columns of {@code rejected_ticks}.
 */
public final class RejectsTopic implements Sink<Reject> {

  private static final long serialVersionUID = 1L;

  /**
   * Room for key and headers is left below the 1,048,576 bytes that producers and brokers take by
   * default. A record that none takes would fail the job, again and again.
   */
  static final int MAX_VALUE_BYTES = 1_000_000;

  private final KafkaSink<Reject> topic;

  /**
   * @param source whose brokers have the topic, where it has none of its own
   */
  public RejectsTopic(RejectsConfig rejects, SourceConfig.Kafka source) {
    Properties producer = new Properties();
    producer.putAll(rejects.connection(source).reveal());
    topic =
        KafkaSink.<Reject>builder()
            .setBootstrapServers(rejects.brokers(source))
            .setKafkaProducerConfig(producer)
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .setRecordSerializer(new Serializer(rejects.topic()))
            .build();
  }

  /**
   * The writer alone, which sends everything before a checkpoint. A whole {@link KafkaSink} would
   * also bring the committer and the state of transactions, which nobody needs here: a savepoint
   * with that state could not be restored once the topic is switched off.
   */
  @Override
  public SinkWriter<Reject> createWriter(WriterInitContext context) throws IOException {
    return topic.createWriter(context);
  }

  /** A reject as a record. */
  static final class Serializer implements KafkaRecordSerializationSchema<Reject> {

    private static final long serialVersionUID = 1L;

    private final String topic;

    Serializer(String topic) {
      this.topic = topic;
    }

    /**
     * The record has the time at which it is sent, and not the reject's: by that of an old one, the
     * topic's retention would drop it at once.
     */
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Reject tick, KafkaSinkContext context, Long timestamp) {
      Origin origin = tick.origin();
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic,
              "%s:%d:%d:%d"
                  .formatted(origin.topic(), origin.partition(), origin.offset(), origin.item())
                  .getBytes(UTF_8),
              tick.raw().length > MAX_VALUE_BYTES
                  ? Arrays.copyOf(tick.raw(), MAX_VALUE_BYTES)
                  : tick.raw());
      Headers headers = record.headers();
      add(headers, "stream", tick.input().word());
      add(headers, "topic", origin.topic());
      add(headers, "partition", origin.partition());
      add(headers, "offset", origin.offset());
      add(headers, "item", origin.item());
      add(headers, "record_timestamp", Instant.ofEpochMilli(origin.recordTimestampMillis()));
      add(
          headers,
          "reasons",
          tick.reasons().stream().map(RejectReason::name).collect(Collectors.joining(",")));
      add(headers, "source", tick.source());
      add(headers, "symbol", tick.symbol());
      add(
          headers,
          "timestamp",
          tick.timestampMicros() == null ? null : Columns.timestamp(tick.timestampMicros()));
      if (tick.raw().length > MAX_VALUE_BYTES) {
        add(headers, "full_length", tick.raw().length);
      }
      return record;
    }

    private static void add(Headers headers, String name, Object value) {
      if (value != null) {
        headers.add(name, value.toString().getBytes(UTF_8));
      }
    }
  }
}

package io.candlestream.local;

import io.candlestream.market.Input;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends records to the topics of their streams, each with a key so that what belongs together, the
 * ticks of an instrument or the fills of an account, keeps to a partition.
 */
public final class TopicFeed implements AutoCloseable {

  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Map<Input, Long> sent = new EnumMap<>(Input.class);

  /**
   * @param inputs streams that may be sent
   */
  public TopicFeed(String bootstrapServers, Set<Input> inputs) {
    inputs.forEach(input -> sent.put(input, 0L));
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4",
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                256 << 10,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                64L << 20),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * @param key null where it cannot be told
   * @param timestampMillis the record's timestamp; null for now
   * @throws IllegalStateException if this record, or one before it, cannot be sent
   */
  public void send(Input input, byte[] key, byte[] record, Long timestampMillis) {
    requireNoFailure();
    producer.send(
        new ProducerRecord<>(topic(input), null, timestampMillis, key, record),
        (written, failed) -> {
          if (failed != null) {
            failure.compareAndSet(null, failed);
          }
        });
    sent.merge(input, 1L, Long::sum);
  }

  /** How many records of each stream have been handed over. */
  Map<Input, Long> sent() {
    return new EnumMap<>(sent);
  }

  /** The topic of a stream. */
  static String topic(Input input) {
    return input.word();
  }

  /**
   * Waits until the broker has all of them.
   *
   * @throws IllegalStateException if one cannot be sent
   */
  public void flush() {
    producer.flush();
    requireNoFailure();
  }

  private void requireNoFailure() {
    if (failure.get() != null) {
      throw new IllegalStateException(
          "cannot send records: " + failure.get().getMessage(), failure.get());
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}

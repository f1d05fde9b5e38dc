package io.candlestream.local;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends ticks to a topic, each keyed by its instrument so that an instrument keeps to a partition.
 */
public final class TopicFeed implements AutoCloseable {

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private long sent;

  public TopicFeed(String bootstrapServers, String topic) {
    this.topic = topic;
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
   * @param key the instrument; null where it cannot be told
   * @param timestampMillis the record's timestamp; null for now
   * @throws IllegalStateException if this record, or one before it, cannot be sent
   */
  public void send(byte[] key, byte[] tick, Long timestampMillis) {
    requireNoFailure();
    producer.send(
        new ProducerRecord<>(topic, null, timestampMillis, key, tick),
        (written, failed) -> {
          if (failed != null) {
            failure.compareAndSet(null, failed);
          }
        });
    sent++;
  }

  /** How many records have been handed over. */
  long sent() {
    return sent;
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
          "cannot send ticks to topic %s: %s".formatted(topic, failure.get().getMessage()),
          failure.get());
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}

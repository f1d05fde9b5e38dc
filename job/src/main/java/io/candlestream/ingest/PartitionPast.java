package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The records of a partition before the one at which reading begins, for a format that must know
 * them: what they say is not in a checkpoint, but can be read again, as far as the topic still has
 * it.
 */
final class PartitionPast {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private PartitionPast() {}

  /** Reads what the job reads, and commits nothing. */
  static Consumer<byte[], byte[]> consumer(SourceConfig.Kafka kafka) {
    Properties properties = new Properties();
    properties.putAll(kafka.properties().reveal());
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Lets the decoder read all that is left of the partition before an offset.
   *
   * @throws IOException if the broker does not hand it out
   */
  static void recall(
      SourceConfig.Kafka kafka, TopicPartition partition, long before, RecordDecoder<?> decoder)
      throws IOException {
    try (Consumer<byte[], byte[]> consumer = consumer(kafka)) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < before) {
        long position = consumer.position(partition);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
          if (record.offset() < before) {
            decoder.recall(record.value());
          }
        }
        if (consumer.position(partition) == position) {
          throw new IOException(
              "no record of %s came within %d s after offset %d"
                  .formatted(partition, PATIENCE.toSeconds(), position));
        }
      }
    } catch (KafkaException e) {
      throw new IOException("cannot read the past of " + partition, e);
    }
  }
}

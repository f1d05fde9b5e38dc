package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** How far back the configured topics go: retention may have cut off what was there. */
public final class TopicReach {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * The oldest record that a partition still has.
   *
   * @param at its timestamp; null if the partition is empty
   */
  private record Oldest(long offset, Instant at) {
    boolean reaches(Instant since) {
      return offset == 0 || at == null || at.isBefore(since);
    }
  }

  private final Map<TopicPartition, Oldest> partitions;

  private TopicReach(Map<TopicPartition, Oldest> partitions) {
    this.partitions = partitions;
  }

  /**
   * @throws IOException if the broker does not tell
   */
  public static TopicReach of(SourceConfig.Kafka kafka) throws IOException {
    Map<TopicPartition, Oldest> oldest = new HashMap<>();
    try (Consumer<byte[], byte[]> consumer = PartitionPast.consumer(kafka)) {
      for (String topic : kafka.topics()) {
        for (PartitionInfo each : consumer.partitionsFor(topic, PATIENCE)) {
          TopicPartition partition = new TopicPartition(topic, each.partition());
          oldest.put(partition, oldest(partition, consumer));
        }
      }
    } catch (KafkaException e) {
      throw new IOException("cannot read where the topics begin", e);
    }
    return new TopicReach(oldest);
  }

  private static Oldest oldest(TopicPartition partition, Consumer<byte[], byte[]> consumer)
      throws IOException {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long first = consumer.position(partition, PATIENCE);
    long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
    // A transaction's marker takes an offset and is no record.
    while (consumer.position(partition, PATIENCE) < end) {
      long position = consumer.position(partition, PATIENCE);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
        return new Oldest(first, Instant.ofEpochMilli(record.timestamp()));
      }
      if (consumer.position(partition, PATIENCE) == position) {
        throw new IOException(
            "no record of %s came within %d s".formatted(partition, PATIENCE.toSeconds()));
      }
    }
    return new Oldest(first, null);
  }

  /**
   * Whether a partition still has a record, and all partitions all that came at or after a time: an
   * instrument's ticks may be in several.
   *
   * <p>Of a partition whose records are not in the order of their timestamps, this looks at the
   * oldest record only; one from which all has been deleted is not known to have had anything.
   */
  public boolean has(String topic, int partition, long offset, Instant since) {
    Oldest oldest = partitions.get(new TopicPartition(topic, partition));
    return oldest != null
        && oldest.offset <= offset
        && oldest.at != null
        && partitions.values().stream().allMatch(each -> each.reaches(since));
  }
}

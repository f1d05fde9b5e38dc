package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * Where a record was read: its identity, and the last resort of a tick's order.
 *
 * @param topic the Kafka topic, or the path of the file
 * @param partition the topic's partition; 0 in a file
 * @param offset the record's offset in the partition, or the line's number in the file, from 0
 * @param item which of the record's trades, from 0
 * @param recordTimestampMillis the Kafka record's timestamp, or the file's time of modification;
 *     milliseconds since the epoch, 0 where unknown
 */
public record Origin(String topic, int partition, long offset, int item, long recordTimestampMillis)
    implements Comparable<Origin>, Serializable {

  public Origin {
    requireNonNull(topic, "topic");
  }

  /** By topic, partition, offset and item. */
  @Override
  public int compareTo(Origin other) {
    int order = topic.compareTo(other.topic);
    if (order == 0) {
      order = Integer.compare(partition, other.partition);
    }
    if (order == 0) {
      order = Long.compare(offset, other.offset);
    }
    return order != 0 ? order : Integer.compare(item, other.item);
  }
}

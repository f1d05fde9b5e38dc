package io.candlestream.config;

import java.io.Serializable;
import java.util.Objects;

/**
 * Where rejected ticks go beside the table {@code rejected_ticks}: a Kafka topic, if one is named.
 *
 * @param topic its name; empty: there is none
 * @param bootstrapServers brokers to ask first; empty: those of the source
 * @param properties further producer properties
 */
public record RejectsConfig(String topic, String bootstrapServers, KafkaProperties properties)
    implements Serializable {

  public RejectsConfig {
    requireTopicOrNone(topic);
    SourceConfig.Kafka.requireBrokersOrNone(bootstrapServers);
    Objects.requireNonNull(properties);
  }

  static String requireTopicOrNone(String topic) {
    return topic.isEmpty() ? topic : SourceConfig.Kafka.requireTopic(topic);
  }

  /** Whether there is a topic for them. */
  public boolean hasTopic() {
    return !topic.isEmpty();
  }

  /** The brokers that have the topic. */
  public String brokers(SourceConfig.Kafka source) {
    return source.brokersOr(bootstrapServers);
  }

  /** How to reach these brokers. */
  public KafkaProperties connection(SourceConfig.Kafka source) {
    return source.connection(bootstrapServers, properties);
  }
}

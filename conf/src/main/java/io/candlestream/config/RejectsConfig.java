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
    requireBrokersOrNone(bootstrapServers);
    Objects.requireNonNull(properties);
  }

  static String requireTopicOrNone(String topic) {
    return topic.isEmpty() ? topic : SourceConfig.Kafka.requireTopic(topic);
  }

  static String requireBrokersOrNone(String brokers) {
    return brokers.isEmpty() ? brokers : SourceConfig.Kafka.requireBrokers(brokers);
  }

  /** Whether there is a topic for them. */
  public boolean hasTopic() {
    return !topic.isEmpty();
  }

  /** The brokers that have the topic. */
  public String brokers(SourceConfig.Kafka source) {
    return bootstrapServers.isEmpty() ? source.bootstrapServers() : bootstrapServers;
  }

  /**
   * How to reach these brokers. Where they are the source's, also what the source's properties say
   * of connecting; the rest of those is for consumers.
   */
  public KafkaProperties connection(SourceConfig.Kafka source) {
    return bootstrapServers.isEmpty()
        ? source.properties().ofConnecting().with(properties.reveal())
        : properties;
  }

  /** Whether the job would read what it rejects. */
  boolean goesToSource(SourceConfig source) {
    return source.type() == SourceConfig.Type.KAFKA
        && source.kafka().topics().contains(topic)
        && brokers(source.kafka()).equals(source.kafka().bootstrapServers());
  }
}

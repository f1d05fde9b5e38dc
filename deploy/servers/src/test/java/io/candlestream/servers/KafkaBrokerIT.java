package io.candlestream.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerIT {
  private static final Instant LONG_AGO = Instant.parse("1970-01-01T00:00:01Z");
  private static final Instant FAR_AHEAD = Instant.parse("2999-12-31T23:59:59Z");

  @TempDir Path directory;

  @Test
  void recordsOfAnyTimestampComeBackInOrder() {
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic("ticks", 1);

      send(broker, "ticks", FAR_AHEAD, "first");
      send(broker, "ticks", LONG_AGO, "second");

      assertThat(read(broker, "ticks", 2))
          .containsExactly(FAR_AHEAD + " first", LONG_AGO + " second");
    }
  }

  @Test
  void brokerOnTheSameDirectoryAndPortHasTheOldRecordsAndTakesNewOnes() {
    String address;
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      address = broker.bootstrapServers();
      broker.createTopic("ticks", 1);
      send(broker, "ticks", LONG_AGO, "before");
    }

    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    try (KafkaBroker broker = KafkaBroker.start(directory, port)) {
      send(broker, "ticks", LONG_AGO, "after");

      assertThat(broker.bootstrapServers()).isEqualTo(address);
      assertThat(read(broker, "ticks", 2))
          .containsExactly(LONG_AGO + " before", LONG_AGO + " after");
    }
  }

  @Test
  void takenPortIsAnErrorAndNotTheEndOfTheProcess(@TempDir Path another) {
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      int port = Integer.parseInt(broker.bootstrapServers().split(":")[1]);

      assertThatThrownBy(() -> KafkaBroker.start(another, port))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("port " + port)
          .hasMessageContaining(another.toString());
    }
  }

  @Test
  void topicThatExistsIsRefusedAndAnUnknownOneIsNotMade() {
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic("ticks", 3);

      assertThatThrownBy(() -> broker.createTopic("ticks", 3))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'ticks' already exists");
      Properties quick = producerSettings(broker);
      quick.put("max.block.ms", "1000");
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(quick)) {
        assertThatThrownBy(() -> producer.partitionsFor("tocks"))
            .isInstanceOf(TimeoutException.class);
        assertThat(producer.partitionsFor("ticks")).hasSize(3);
      }
    }
  }

  private static Properties producerSettings(KafkaBroker broker) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", broker.bootstrapServers());
    settings.put("key.serializer", StringSerializer.class.getName());
    settings.put("value.serializer", StringSerializer.class.getName());
    return settings;
  }

  private static void send(KafkaBroker broker, String topic, Instant timestamp, String value) {
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerSettings(broker))) {
      var sent =
          producer.send(new ProducerRecord<>(topic, 0, timestamp.toEpochMilli(), null, value));
      producer.flush();
      assertThat(sent).succeedsWithin(Duration.ZERO);
    }
  }

  private static List<String> read(KafkaBroker broker, String topic, int count) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", broker.bootstrapServers(),
            "key.deserializer", StringDeserializer.class.getName(),
            "value.deserializer", StringDeserializer.class.getName());
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      List<String> records = new ArrayList<>();
      Instant deadline = Instant.now().plusSeconds(30);
      while (records.size() < count && Instant.now().isBefore(deadline)) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record ->
                    records.add(Instant.ofEpochMilli(record.timestamp()) + " " + record.value()));
      }
      return records;
    }
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** An empty topic of a broker that all tests share. It remembers what was sent to it. */
final class Topic implements AutoCloseable {

  private record Sent(byte[] value, Future<RecordMetadata> where) {}

  private final String name;
  private Producer<byte[], byte[]> producer;
  private final List<Sent> sent = new ArrayList<>();

  private Topic(String name) {
    this.name = name;
    this.producer = producer();
  }

  private static Producer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, Broker.SHARED.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  static Topic create(int partitions) {
    return create("ticks-" + UUID.randomUUID(), partitions);
  }

  /** One whose name counts, and that nobody else has at the same time. */
  static Topic create(String name, int partitions) {
    Broker.SHARED.createTopic(name, partitions);
    Topic topic = new Topic(name);
    topic.awaitLeaders(partitions);
    return topic;
  }

  /**
   * Waits until every partition is served. A broker makes a leader known before it has opened the
   * partition; of several batches under way then, it may take the second and refuse the first, and
   * refuse it for good, because the producer's sequence is broken.
   */
  private void awaitLeaders(int partitions) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
    }
    try (Admin admin = admin()) {
      admin.listOffsets(ends).all().toCompletionStage().toCompletableFuture().join();
    }
  }

  String name() {
    return name;
  }

  /** As overrides of the configuration; the consumer group has the topic's name. */
  List<String> settings() {
    return List.of(
        "source.kafka.bootstrap-servers=" + Broker.SHARED.bootstrapServers(),
        "source.kafka.topics=[" + name + "]",
        "source.kafka.group-id=" + name);
  }

  /** The same where it is the topic of a stream beside the ticks. */
  List<String> settings(String stream) {
    return List.of(
        stream + ".kafka.bootstrap-servers=" + Broker.SHARED.bootstrapServers(),
        stream + ".kafka.topics=[" + name + "]",
        stream + ".kafka.start=earliest");
  }

  /** Sends a record with the time of now. */
  void send(int partition, String json) {
    send(partition, Instant.now(), json.getBytes(UTF_8));
  }

  /**
   * @param value null for a record without value
   */
  void send(int partition, Instant recordTimestamp, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(name, partition, recordTimestamp.toEpochMilli(), null, value);
    sent.add(new Sent(value, producer.send(record)));
  }

  /** Waits until the broker has everything sent so far. */
  void flush() {
    producer.flush();
  }

  /** Everything sent so far, in that order, once the broker has it all. */
  List<TickRecord> records() throws Exception {
    flush();
    List<TickRecord> records = new ArrayList<>();
    for (Sent one : sent) {
      RecordMetadata where = one.where.get();
      records.add(new TickRecord(name, where.partition(), where.offset(), one.value));
    }
    return records;
  }

  /** Everything that is in the topic by now, whoever sent it; of each partition in its order. */
  List<ConsumerRecord<byte[], byte[]>> read() {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Broker.SHARED.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(name).stream()
              .map(info -> new TopicPartition(name, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
      }
      return records;
    }
  }

  /** Raises the number of partitions. */
  void grow(int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions))).all().get();
    }
    awaitLeaders(partitions);
    // A producer learns of new partitions only after minutes; a new one at once.
    producer.close();
    producer = producer();
  }

  /** Deletes what is before an offset of each partition, as retention does. */
  void cut(long before) throws Exception {
    try (Admin admin = admin()) {
      Map<TopicPartition, RecordsToDelete> cuts = new HashMap<>();
      for (TickRecord record : records()) {
        cuts.put(
            new TopicPartition(name, record.partition()), RecordsToDelete.beforeOffset(before));
      }
      admin.deleteRecords(cuts).all().get();
    }
  }

  /** The same of one partition. */
  void cut(int partition, long before) throws Exception {
    flush();
    try (Admin admin = admin()) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(name, partition), RecordsToDelete.beforeOffset(before)))
          .all()
          .get();
    }
  }

  /** Commits an offset for each partition, from 0 on, as a consumer of the group would. */
  void commit(long... offsets) throws Exception {
    try (Admin admin = admin()) {
      for (int partition = 0; partition < offsets.length; partition++) {
        admin
            .alterConsumerGroupOffsets(
                name,
                Map.of(
                    new TopicPartition(name, partition), new OffsetAndMetadata(offsets[partition])))
            .all()
            .get();
      }
    }
  }

  /** What the group has committed, by partition. */
  Map<TopicPartition, OffsetAndMetadata> committed() throws Exception {
    try (Admin admin = admin()) {
      return admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get();
    }
  }

  @Override
  public void close() {
    producer.close();
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(name));
    }
  }

  private static Admin admin() {
    return Admin.create(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, Broker.SHARED.bootstrapServers()));
  }

  /** The broker: started with the first topic, ended with the virtual machine. */
  private static final class Broker {

    static final KafkaBroker SHARED = start();

    private static KafkaBroker start() {
      try {
        Path directory = Files.createTempDirectory("kafka-broker-");
        KafkaBroker broker = KafkaBroker.start(directory);
        Runtime.getRuntime()
            .addShutdownHook(new Thread(() -> stop(broker, directory), "stop-kafka-broker"));
        return broker;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void stop(KafkaBroker broker, Path directory) {
      broker.close();
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

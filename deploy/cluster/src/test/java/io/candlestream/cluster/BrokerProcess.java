package io.candlestream.cluster;

import io.candlestream.servers.Await;
import io.candlestream.servers.Jdk;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.Ports;
import io.candlestream.servers.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/** A Kafka broker in a process of its own, always on the same port; reached by way of a proxy. */
final class BrokerProcess {

  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final Path directory;
  private final int port;
  private final Proxy proxy;
  private ServerProcess process;

  /** One that does not run yet. */
  BrokerProcess(Path directory) throws IOException {
    this.directory = directory;
    this.port = Ports.free();
    this.proxy = Proxy.to(port);
  }

  /** Starts it, or starts it again, and waits until it answers. */
  void start() throws Exception {
    List<String> command = Jdk.command(KafkaBroker.class, "-Xmx512m");
    command.addAll(
        List.of(
            directory.resolve("data").toString(),
            Integer.toString(port),
            Integer.toString(proxy.port())));
    process = ServerProcess.start(directory, "kafka", command, Map.of());
    try (Admin admin = admin()) {
      Await.until(
          START_DEADLINE,
          () -> {
            try {
              return admin.describeCluster().controller().get() != null;
            } catch (ExecutionException notYet) {
              return false;
            }
          },
          () -> "no broker answers; it says: " + process.lastWords());
    }
  }

  ServerProcess process() {
    return process;
  }

  /** On the way to it. */
  Proxy proxy() {
    return proxy;
  }

  String bootstrapServers() {
    return "127.0.0.1:" + proxy.port();
  }

  void createTopic(String name, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }
  }

  void addPartitions(String topic, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all().get();
    }
  }

  /** How many records of a topic a group has read by the offsets that it has committed. */
  long committed(String group) throws Exception {
    try (Admin admin = admin()) {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
  }

  void close() throws Exception {
    if (process != null) {
      process.stop();
    }
    proxy.close();
  }
}

package io.candlestream.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker with its KRaft controller, inside this process, for tests and for a demo on
 * one machine.
 *
 * <p>It listens on the loopback address only, keeps one replica, never deletes records and takes
 * records with any timestamp. Topics are not created on first use: a misspelt name is an error, as
 * on a production cluster. A broker started again on the directory of an earlier one finds its
 * topics, records and committed offsets.
 *
 * <p>Whoever is on this machine may do anything. A {@linkplain #secured secured} broker has a
 * second listener beside that one, with TLS, logins by SCRAM-SHA-512 and access control.
 */
public final class KafkaBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaBroker.class);

  private static final String LOOPBACK = "127.0.0.1";
  private static final String CLIENTS = "CLIENTS";
  private static final String SECURED = "SECURED";
  private static final String CONTROLLER = "CONTROLLER";
  private static final int NODE_ID = 1;
  private static final int ANY_FREE_PORT = 0;
  private static final Duration TOPIC_DEADLINE = Duration.ofSeconds(30);

  private final ControllerServer controller;
  private final BrokerServer broker;
  private final AtomicReference<Throwable> fatalFault;
  private boolean closed;

  private KafkaBroker(
      ControllerServer controller, BrokerServer broker, AtomicReference<Throwable> fatalFault) {
    this.controller = controller;
    this.broker = broker;
    this.fatalFault = fatalFault;
  }

  /**
   * Starts a broker on a free port.
   *
   * @param directory where records and metadata are kept; made if absent
   * @throws IllegalStateException if the broker cannot start
   */
  public static KafkaBroker start(Path directory) {
    return start(directory, ANY_FREE_PORT);
  }

  /**
   * Starts a broker on a given port, so that clients of an earlier broker find this one.
   *
   * @param directory where records and metadata are kept; made if absent
   * @param port where clients connect, 0 for any free one
   * @throws IllegalStateException if the broker cannot start, for one because the port is taken
   */
  public static KafkaBroker start(Path directory, int port) {
    return start(directory, port, settings(directory, port));
  }

  /**
   * Starts a broker that has a secured listener too, on a free port.
   *
   * @param directory where records and metadata are kept; made if absent
   * @param certificate of localhost
   * @throws IllegalStateException if the broker cannot start
   */
  public static KafkaBroker secured(Path directory, ServerCertificate certificate) {
    Map<String, String> settings = settings(directory, ANY_FREE_PORT);
    settings.merge("listeners", SECURED + "://localhost:0", (all, more) -> all + "," + more);
    settings.merge(
        "listener.security.protocol.map", SECURED + ":SASL_SSL", (all, more) -> all + "," + more);
    settings.put("ssl.keystore.type", "PEM");
    try {
      settings.put("ssl.keystore.certificate.chain", Files.readString(certificate.chain()));
      settings.put("ssl.keystore.key", Files.readString(certificate.key()));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the broker's certificate", e);
    }
    settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    settings.put(
        "listener.name.secured.scram-sha-512.sasl.jaas.config",
        ScramLoginModule.class.getName() + " required;");
    settings.put("authorizer.class.name", StandardAuthorizer.class.getName());
    // Whoever comes by the other listener.
    settings.put("super.users", "User:ANONYMOUS");
    return start(directory, ANY_FREE_PORT, settings);
  }

  private static KafkaBroker start(Path directory, int port, Map<String, String> settings) {
    AtomicReference<Throwable> fatalFault = new AtomicReference<>();
    try {
      formatIfNew(directory);
      KafkaConfig config = new KafkaConfig(settings, false);
      var storage = KafkaRaftServer.initializeLogDirs(config, LOG, "");
      var controllerAddress = new CompletableFuture<Map<Integer, InetSocketAddress>>();
      SharedServer shared =
          new SharedServer(
              config,
              storage._1(),
              Time.SYSTEM,
              new Metrics(),
              controllerAddress,
              List.of(),
              (name, fatal, action) -> faultHandler(name, fatal, action, fatalFault),
              new SocketsThatTellTheControllersPort(controllerAddress));
      KafkaBroker started =
          new KafkaBroker(
              new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2()),
              new BrokerServer(shared),
              fatalFault);
      started.startServers();
      return started;
    } catch (Exception e) {
      Throwable cause = fatalFault.get() == null ? e : fatalFault.get();
      throw new IllegalStateException(
          "cannot start a Kafka broker on port %d with its data in %s: %s"
              .formatted(port, directory, cause),
          e);
    }
  }

  /**
   * Runs a broker in a process of its own, until that is told to end.
   *
   * @param arguments the directory, the port, and the port that clients are told to come to
   */
  public static void main(String... arguments) {
    Path directory = Path.of(arguments[0]);
    int port = Integer.parseInt(arguments[1]);
    Map<String, String> settings = settings(directory, port);
    settings.put("advertised.listeners", "%s://%s:%s".formatted(CLIENTS, LOOPBACK, arguments[2]));
    KafkaBroker broker = start(directory, port, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "stop-kafka-broker"));
  }

  /** Where clients connect, as the value of {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return LOOPBACK + ":" + broker.boundPort(ListenerName.normalised(CLIENTS));
  }

  /** Where clients connect by TLS, as the value of {@code bootstrap.servers}. */
  public String securedBootstrapServers() {
    return "localhost:" + broker.boundPort(ListenerName.normalised(SECURED));
  }

  /** Who may come to a secured broker. */
  public KafkaUsers users() {
    return new KafkaUsers(bootstrapServers());
  }

  /**
   * Creates a topic and waits until every partition of it has a leader.
   *
   * @throws IllegalStateException if the topic exists, its name is not a topic's, or it has no
   *     leader in time
   */
  public void createTopic(String name, int partitions) {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
      Await.until(
          TOPIC_DEADLINE,
          () -> hasLeaders(admin, name, partitions),
          () -> "topic %s has no leader for each of its %d partitions".formatted(name, partitions));
      // The leader is named before it opens the partition; a producer that sends in between can
      // have its first batch refused and the next one taken, and then loses the first.
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      for (int partition = 0; partition < partitions; partition++) {
        ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
      }
      admin.listOffsets(ends).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "cannot create topic %s: %s".formatted(name, e.getCause().getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topic " + name, e);
    }
  }

  /**
   * Stops the broker; its directory stays.
   *
   * @throws IllegalStateException if a fatal fault had stopped a part of it before
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopServers();
    if (fatalFault.get() != null) {
      throw new IllegalStateException("the Kafka broker failed while it ran", fatalFault.get());
    }
  }

  private void startServers() {
    try {
      controller.startup();
      broker.startup();
    } catch (RuntimeException e) {
      stopServers();
      throw e;
    }
  }

  private void stopServers() {
    broker.shutdown();
    controller.shutdown();
  }

  private static boolean hasLeaders(Admin admin, String topic, int partitions)
      throws ExecutionException, InterruptedException {
    try {
      TopicDescription description =
          admin.describeTopics(Set.of(topic)).allTopicNames().get().get(topic);
      return description.partitions().size() == partitions
          && description.partitions().stream()
              .map(TopicPartitionInfo::leader)
              .allMatch(leader -> leader != null && !leader.equals(Node.noNode()));
    } catch (ExecutionException e) {
      // The controller knows the topic before the broker does.
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private static void formatIfNew(Path directory) throws Exception {
    if (Files.exists(directory.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(directory);
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(directory.toAbsolutePath().toString())
        .setMetadataLogDirectory(directory.toAbsolutePath().toString())
        .setControllerListenerName(CONTROLLER)
        .run();
  }

  private static Map<String, String> settings(Path directory, int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "" + NODE_ID);
    settings.put("log.dirs", directory.toAbsolutePath().toString());
    settings.put(
        "listeners",
        "%s://%s:%d,%s://%s:0".formatted(CLIENTS, LOOPBACK, port, CONTROLLER, LOOPBACK));
    settings.put(
        "listener.security.protocol.map",
        "%s:PLAINTEXT,%s:PLAINTEXT".formatted(CLIENTS, CONTROLLER));
    settings.put("inter.broker.listener.name", CLIENTS);
    settings.put("controller.listener.names", CONTROLLER);
    // A placeholder: the real port is known when the controller's socket is open.
    settings.put("controller.quorum.voters", "%d@%s:1".formatted(NODE_ID, LOOPBACK));

    settings.put("auto.create.topics.enable", "false");
    settings.put("default.replication.factor", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    // Consumers start at once instead of waiting for others to join.
    settings.put("group.initial.rebalance.delay.ms", "0");

    // Historic and absurd record timestamps are welcome, are kept, and do not roll a segment each.
    settings.put("log.message.timestamp.before.max.ms", "" + Long.MAX_VALUE);
    settings.put("log.message.timestamp.after.max.ms", "" + Long.MAX_VALUE);
    settings.put("log.retention.ms", "-1");
    settings.put("log.roll.ms", "" + Long.MAX_VALUE);
    settings.put("log.segment.bytes", "" + (256 << 20));

    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "2");
    settings.put("socket.send.buffer.bytes", "" + (1 << 20));
    settings.put("socket.receive.buffer.bytes", "" + (1 << 20));
    // The default takes 128 MiB of this process's heap at the start.
    settings.put("log.cleaner.dedupe.buffer.size", "" + (2 << 20));
    return settings;
  }

  /** Kafka's own handler of fatal faults ends the process, which is not the broker's alone here. */
  private static FaultHandler faultHandler(
      String name, boolean fatal, Runnable action, AtomicReference<Throwable> fatalFault) {
    FaultHandler logging = new LoggingFaultHandler(name, action);
    if (!fatal) {
      return logging;
    }
    return (message, cause) -> {
      RuntimeException fault = logging.handleFault(message, cause);
      fatalFault.compareAndSet(null, fault);
      return fault;
    };
  }

  /**
   * Opens sockets as Kafka does, and tells the controller's address, on which the quorum's start
   * waits.
   */
  private record SocketsThatTellTheControllersPort(
      CompletableFuture<Map<Integer, InetSocketAddress>> controllerAddress)
      implements ServerSocketFactory {
    @Override
    public ServerSocketChannel openServerSocket(
        String listener, InetSocketAddress address, int backlog, int receiveBufferSize)
        throws IOException {
      ServerSocketChannel channel =
          ServerSocketFactory.INSTANCE.openServerSocket(
              listener, address, backlog, receiveBufferSize);
      if (listener.equals(CONTROLLER)) {
        controllerAddress.complete(Map.of(NODE_ID, (InetSocketAddress) channel.getLocalAddress()));
      }
      return channel;
    }
  }
}

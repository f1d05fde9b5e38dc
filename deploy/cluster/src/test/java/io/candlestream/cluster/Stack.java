package io.candlestream.cluster;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.local.Program;
import io.candlestream.servers.Edition;
import io.candlestream.servers.Ports;
import io.candlestream.servers.PostgresInstallation;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerProcess;
import io.candlestream.servers.TemporaryCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.util.FileUtils;

/**
 * All that the job needs, as in production, each in processes of its own: a Flink cluster, a
 * broker, a database server.
 */
@SuppressWarnings("try") // Nobody interrupts a test.
final class Stack implements AutoCloseable {

  static final String USER = "postgres";
  static final String PASSWORD = "canary+database-58e2c1";

  private final Path directory;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final TemporaryCluster postgres;
  private final Proxy postgresProxy;
  private final BrokerProcess kafka;
  private final StandaloneCluster flink;

  private Stack(
      Path directory,
      Path databaseDirectory,
      PostgresInstallation installation,
      Edition edition,
      Map<String, String> settings)
      throws Exception {
    this.directory = directory;
    parts.push(() -> FileUtils.deleteDirectory(directory.toFile()));
    try {
      postgres =
          TemporaryCluster.start(
              installation, databaseDirectory, USER, PASSWORD, PostgresServer.settings(edition));
      parts.push(postgres::stop);
      postgresProxy = Proxy.to(postgres.port());
      parts.push(postgresProxy::close);
      kafka = new BrokerProcess(directory.resolve("kafka"));
      parts.push(kafka::close);
      kafka.start();
      flink = new StandaloneCluster(jars(), directory.resolve("flink"));
      parts.push(flink::stop);
      flink.configure(Program.flinkConfiguration(), flinkSettings(settings));
      if (settings.containsKey("high-availability.type")) {
        parts.push(startZooKeeper()::stop);
      }
      flink.startJobManager();
      flink.startTaskManager();
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  /**
   * Starts everything but a job, with a database server of the machine's own; where it has none,
   * the test is skipped.
   *
   * @param settings laid over Flink's shipped configuration and that of tests
   */
  static Stack start(Edition edition, Map<String, String> settings) throws Exception {
    Path directory =
        Files.createTempDirectory(
            "candlestream-stack-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    return start(edition, settings, directory, directory);
  }

  /**
   * The same in given directories.
   *
   * @param databaseDirectory for the database server's data
   */
  static Stack start(
      Edition edition, Map<String, String> settings, Path directory, Path databaseDirectory)
      throws Exception {
    Optional<PostgresInstallation> installation = PostgresInstallation.find();
    assumeThat(installation)
        .as("pg_config finds no PostgreSQL server on this machine, which could be broken here")
        .isPresent();
    assumeThat(edition == Edition.POSTGRES || installation.get().offersTimescale())
        .as("the PostgreSQL of this machine has no TimescaleDB")
        .isTrue();
    return new Stack(directory, databaseDirectory, installation.get(), edition, settings);
  }

  /** They log as in production. */
  private static FlinkJars jars() {
    return new FlinkJars(
        FlinkJars.ofBuild(Program.home()).lib(),
        Program.flinkConfiguration().resolve("log4j-console.properties"));
  }

  private Map<String, String> flinkSettings(Map<String, String> others) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("rest.port", Integer.toString(Ports.free()));
    settings.put("jobmanager.rpc.port", Integer.toString(Ports.free()));
    settings.put("jobmanager.memory.process.size", "900m");
    settings.put("taskmanager.memory.process.size", "1200m");
    settings.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    settings.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("savepoints").toUri().toString());
    // Only of use where high-availability.type says so.
    settings.put("high-availability.storageDir", directory.resolve("ha").toUri().toString());
    settings.put("high-availability.zookeeper.quorum", "127.0.0.1:" + Ports.free());
    settings.put("high-availability.zookeeper.client.session-timeout", "4000");
    settings.put("execution.checkpointing.interval", "1s");
    settings.put("execution.checkpointing.min-pause", "200ms");
    settings.put("restart-strategy.exponential-delay.initial-backoff", "200ms");
    settings.put("restart-strategy.exponential-delay.max-backoff", "2s");
    settings.put("heartbeat.interval", "1s");
    settings.put("heartbeat.timeout", "8s");
    // What a test reads is what is so now.
    settings.put("metrics.fetcher.update-interval", "100");
    settings.put("web.refresh-interval", "100");
    settings.putAll(others);
    return settings;
  }

  /** The coordinator of a highly available cluster, from Flink's own jars. */
  private ServerProcess startZooKeeper() throws IOException {
    Path conf = directory.resolve("zoo.cfg");
    String port =
        flink.configuration().getString("high-availability.zookeeper.quorum", "").split(":")[1];
    Files.write(
        conf,
        List.of(
            "dataDir=" + directory.resolve("zookeeper"),
            "clientPort=" + port,
            "clientPortAddress=127.0.0.1",
            "admin.enableServer=false",
            "tickTime=500",
            "server.1=localhost:%d:%d".formatted(Ports.free(), Ports.free())));
    return ServerProcess.start(
        directory,
        "zookeeper",
        FlinkJars.ofBuild(Program.home())
            .program(
                flink.conf(),
                "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
                List.of("--zkConfigFile", conf.toString(), "--peerId", "1")),
        Map.of());
  }

  StandaloneCluster flink() {
    return flink;
  }

  BrokerProcess kafka() {
    return kafka;
  }

  TemporaryCluster postgres() {
    return postgres;
  }

  /** On the way of the job to the database; tests look at the database without it. */
  Proxy postgresProxy() {
    return postgresProxy;
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws Exception {
    while (!parts.isEmpty()) {
      parts.pop().close();
    }
  }
}

package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.config.JobConfig;
import io.candlestream.local.Program;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Edition;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;
import io.candlestream.stack.Eventually;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * All that the job needs, as in production: a Flink cluster of several processes, a broker, a
 * database.
 */
final class Stack {

  static final String TOPIC = "ticks";

  private static final int PARTITIONS = 4;
  private static final String DATABASE = "faults";

  /** Until everything that was sent is in the tables. */
  private static final Duration CATCH_UP = Duration.ofMinutes(3);

  private final Path directory;
  private final KafkaBroker kafka;
  private final PostgresServer postgres;
  private final StandaloneCluster flink;

  private Stack(
      Path directory, KafkaBroker kafka, PostgresServer postgres, StandaloneCluster flink) {
    this.directory = directory;
    this.kafka = kafka;
    this.postgres = postgres;
    this.flink = flink;
  }

  /**
   * Starts everything but a job.
   *
   * @param settings laid over Flink's shipped configuration and that of tests
   */
  static Stack start(Path directory, Edition edition, Map<String, String> settings)
      throws Exception {
    ServerLookup lookup = PostgresServer.shared(edition);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    PostgresServer postgres = lookup.server().orElseThrow();
    postgres.dropDatabase(DATABASE);
    postgres.createDatabase(DATABASE);
    KafkaBroker kafka = KafkaBroker.start(directory.resolve("kafka"));
    kafka.createTopic(TOPIC, PARTITIONS);
    StandaloneCluster flink =
        new StandaloneCluster(FlinkJars.ofBuild(Program.home()), directory.resolve("flink"));
    Stack stack = new Stack(directory, kafka, postgres, flink);
    Migrations.of(JobConfig.load(stack.config(), List.of(), stack.environment())).migrate();
    flink.configure(Program.flinkConfiguration(), stack.flinkSettings(settings));
    flink.startJobManager();
    flink.startTaskManager();
    return stack;
  }

  private Map<String, String> flinkSettings(Map<String, String> others) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("rest.port", Integer.toString(freePort()));
    settings.put("jobmanager.rpc.port", Integer.toString(freePort()));
    settings.put("jobmanager.memory.process.size", "900m");
    settings.put("taskmanager.memory.process.size", "1200m");
    settings.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    settings.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("savepoints").toUri().toString());
    settings.put("execution.checkpointing.interval", "1s");
    settings.put("execution.checkpointing.min-pause", "200ms");
    settings.put("restart-strategy.exponential-delay.initial-backoff", "200ms");
    settings.put("restart-strategy.exponential-delay.max-backoff", "2s");
    settings.put("heartbeat.timeout", "6s");
    settings.put("heartbeat.interval", "1s");
    settings.putAll(others);
    return settings;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** The job's configuration; its password is in the {@link #environment}. */
  Path config(String... lines) throws IOException {
    return Files.writeString(
        directory.resolve("job-%08x.yaml".formatted(String.join("", lines).hashCode())),
        """
        source:
          kafka:
            bootstrap-servers: %s
            topics: %s
            start: earliest
        validation:
          max-age: 0
        time:
          idle-timeout: 2s
        database:
          url: %s
          user: %s
          password: ${FAULTS_PASSWORD}
        """
                .formatted(
                    kafka.bootstrapServers(), TOPIC, postgres.jdbcUrl(DATABASE), postgres.user())
            + String.join("\n", lines));
  }

  Map<String, String> environment() {
    return Map.of("FAULTS_PASSWORD", postgres.password());
  }

  StandaloneCluster flink() {
    return flink;
  }

  Load load(int symbols, int perSecond, int fasterThanLife) {
    return Load.start(kafka.bootstrapServers(), TOPIC, symbols, perSecond, fasterThanLife);
  }

  /** What a command has said, and how it has ended. */
  record Said(int exitCode, String out) {}

  /** Runs one of the scripts in {@code deploy/} as a user does, in a process of its own. */
  Said run(Class<?> program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + Program.HOME_PROPERTY + "=" + Program.home());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "--cluster=" + flink.rest().address(),
            "--flink-conf=" + flink.conf(),
            "--deployments=" + directory.resolve("deployments")));
    Path output = Files.createTempFile(directory, program.getSimpleName(), ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment());
    Process process = builder.start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    return new Said(process.exitValue(), Files.readString(output));
  }

  /** The jobs that run. */
  List<String> running() throws Exception {
    List<String> running = new ArrayList<>();
    for (JsonNode job : flink.rest().get("/jobs").path("jobs")) {
      if (job.path("status").asText().equals("RUNNING")) {
        running.add(job.path("id").asText());
      }
    }
    return running;
  }

  /**
   * Waits until the job has caught up, then holds the tables against the plain computation over all
   * that was sent, and the counters against the number of records.
   */
  void assertComplete(String job, Load load) throws Exception {
    load.stop();
    var ticks = load.ticks();
    List<Row> expected = new BatchComputation(Duration.ofMinutes(1), null).marketData(ticks);
    long end = System.nanoTime() + CATCH_UP.toNanos();
    while (!Row.difference(expected, rows()).isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
    assertThat(Row.difference(expected, rows())).isEmpty();
    assertThat(query("SELECT count(*) FROM rejected_ticks"))
        .isEqualTo(Integer.toString(load.size() - ticks.size()));
    assertThat(query("SELECT count(*) FROM rejected_rows")).isEqualTo("0");
    Eventually.holds(
        () ->
            assertThat(
                    counter(job, "ticksAccepted")
                        + counter(job, "ticksDuplicate")
                        + counter(job, "ticksRejected")
                        + counter(job, "ticksBeforeStart"))
                .isEqualTo(load.size()));
  }

  /** What a counter shows, over all subtasks of the station that has it. */
  long counter(String job, String name) throws Exception {
    long sum = 0;
    for (JsonNode vertex : flink.rest().get("/jobs/" + job).path("vertices")) {
      String metrics =
          "/jobs/%s/vertices/%s/subtasks/metrics".formatted(job, vertex.path("id").asText());
      for (JsonNode metric : flink.rest().get(metrics)) {
        String id = metric.path("id").asText();
        if (id.endsWith(".candlestream." + name)) {
          sum += flink.rest().get(metrics + "?agg=sum&get=" + id).path(0).path("sum").asLong();
        }
      }
    }
    return sum;
  }

  /** All candles, as one snapshot has them. */
  List<Row> rows() throws SQLException {
    try (Connection connection = connect()) {
      return Row.read(connection);
    }
  }

  String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
  }

  void close() throws Exception {
    flink.stop();
    kafka.close();
    postgres.dropDatabase(DATABASE);
  }
}

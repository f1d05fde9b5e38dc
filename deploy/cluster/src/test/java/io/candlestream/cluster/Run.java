package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.config.JobConfig;
import io.candlestream.local.Program;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Await;
import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A job on a stack, with a topic, a feed and a database of its own. */
@SuppressWarnings("try") // Nobody interrupts a test.
final class Run implements AutoCloseable {

  private static final int PARTITIONS = 4;
  private static final Duration CANDLE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Stack stack;
  private final String name;
  private final Deployments deployments;
  private String start = "earliest";
  private String liveEvery = "0";
  private String idleTimeout = "2s";
  private Load load;
  private String job;

  private Run(Stack stack, String name) {
    this.stack = stack;
    this.name = name;
    this.deployments = new Deployments(stack.directory().resolve(name).resolve("deployments"));
  }

  /** A topic and a migrated database. */
  static Run on(Stack stack) throws Exception {
    Run run = new Run(stack, "run_" + NUMBER.incrementAndGet());
    Files.createDirectories(run.directory());
    stack.kafka().createTopic(run.name, PARTITIONS);
    try (Connection connection = run.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + run.name);
    }
    run.migrate();
    return run;
  }

  /** Brings the database to where a configuration wants it. */
  void migrate(String... config) throws Exception {
    Migrations.of(JobConfig.load(config(config), List.of(), environment())).migrate();
  }

  /** Where a job without a savepoint begins: {@code source.kafka.start}. */
  Run startingAt(String position) {
    start = position;
    return this;
  }

  /** Has the candles that are still open written, too. */
  Run showingOpenCandles() {
    liveEvery = "100ms";
    return this;
  }

  /** Begins to send ticks of 20 instruments. */
  Run feed(int perSecond) {
    return feed(20, perSecond, Duration.ZERO);
  }

  /** Begins to send ticks: see {@link Load#start}. */
  Run feed(int symbols, int perSecond, Duration ago) {
    if (!ago.isZero()) {
      // In a lull of a feed that is behind the clock, event time would go on by the clock.
      idleTimeout = "30s";
    }
    load = Load.start(stack.kafka().bootstrapServers(), name, symbols, perSecond, ago);
    return this;
  }

  /** Submits the job, and waits until it has committed. */
  Run submit(Map<String, String> flink, String... config) throws Exception {
    submitFrom(null, flink, config);
    Arrival.await(clusterJob(), PATIENCE);
    return this;
  }

  /**
   * Submits the job.
   *
   * @param savepoint to go on from; null for none
   */
  void submitFrom(String savepoint, Map<String, String> flink, String... config) throws Exception {
    Deployment deployment =
        new Deployment(
            Target.newId(),
            stack.flink().rest().address().toString(),
            deployments.keep(Program.home().resolve("job/target/candlestream-job.jar")),
            deployments.keep(config(config)),
            List.of(),
            flink,
            savepoint,
            false);
    job = deployment.job();
    deployments.write(deployment);
    new FlinkClient(
            FlinkJars.ofBuild(Program.home()), stack.flink().conf(), deployments, environment())
        .submit(deployment);
  }

  /** Stops the job with a savepoint; returns where that is. */
  String stopWithSavepoint() throws Exception {
    String trigger = Target.newId();
    clusterJob().stop(trigger, stack.directory().resolve("savepoints").toUri().toString());
    Await.until(PATIENCE, () -> clusterJob().savepoint(trigger).isOver(), () -> "no savepoint");
    ClusterJob.Savepoint savepoint = clusterJob().savepoint(trigger);
    assertThat(savepoint.failure()).isEmpty();
    return savepoint.location().orElseThrow();
  }

  /** The job's configuration; its password is in the environment. */
  Path config(String... lines) throws IOException {
    return Files.writeString(
        directory().resolve("job-%08x.yaml".formatted(String.join("\n", lines).hashCode())),
        """
        source:
          kafka:
            bootstrap-servers: %s
            topics: %s
            group-id: %s
            start: %s
        validation:
          max-age: 0
        time:
          out-of-orderness: 1s
          idle-timeout: %s
        candles:
          interval: 1s
          live-every: %s
        database:
          url: %s
          user: %s
          password: ${FAULTS_PASSWORD}
        """
                .formatted(
                    stack.kafka().bootstrapServers(),
                    name,
                    name,
                    start,
                    idleTimeout,
                    liveEvery,
                    // Statements keep their text, for the proxy to know them by.
                    url(stack.postgresProxy().port(), name) + "?prepareThreshold=0",
                    Stack.USER)
            + String.join("\n", lines));
  }

  Map<String, String> environment() {
    return Map.of("FAULTS_PASSWORD", Stack.PASSWORD);
  }

  Load load() {
    return load;
  }

  String name() {
    return name;
  }

  /** Of its own: configurations, and what commands have said and keep. */
  Path directory() {
    return stack.directory().resolve(name);
  }

  ClusterJob clusterJob() {
    return new ClusterJob(stack.flink().rest(), job);
  }

  /** The only job that runs takes the place of the one that was submitted here. */
  void followRunning() throws Exception {
    job = running();
  }

  /** What a command has said, and how it has ended. */
  record Said(int exitCode, String text) {}

  /** Runs one of the scripts in {@code deploy/} as a user does, in a process of its own. */
  Said command(Class<?> program, String... arguments) throws Exception {
    Path output = Files.createTempFile(directory(), program.getSimpleName(), ".out");
    Process process = startCommand(program, output, arguments);
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    return new Said(process.exitValue(), Files.readString(output));
  }

  /**
   * Begins to run such a script.
   *
   * @param output where what it says goes
   */
  Process startCommand(Class<?> program, Path output, String... arguments) throws Exception {
    List<String> command =
        Jdk.command(program, "-D" + Program.HOME_PROPERTY + "=" + Program.home());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "--cluster=" + stack.flink().rest().address(),
            "--flink-conf=" + stack.flink().conf(),
            "--deployments=" + deployments.directory()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment());
    return builder.start();
  }

  /** What its commands remember. */
  Deployments deployments() {
    return deployments;
  }

  /** The only job that runs. */
  String running() throws Exception {
    List<String> running = allRunning();
    assertThat(running).hasSize(1);
    return running.get(0);
  }

  List<String> allRunning() throws Exception {
    List<String> running = new ArrayList<>();
    ClusterJob.live(stack.flink().rest())
        .forEach(
            (id, status) -> {
              if (status.equals("RUNNING")) {
                running.add(id);
              }
            });
    return running;
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  /** Waits for something. */
  void await(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time: " + what).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Has a way be slow, then silent for a time, within which the job must give up connections. */
  void endure(Proxy way, Duration delay, Duration silence) throws Exception {
    way.slowDown(delay);
    awaitMoreRows();
    way.slowDown(Duration.ZERO);
    long end = System.nanoTime() + silence.toNanos();
    int before = way.callers();
    way.hold();
    try {
      await("new connections", () -> way.callers() > before);
      TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
    } finally {
      way.release();
    }
  }

  /** Waits until there are more rows than now: everything works. */
  void awaitMoreRows() throws Exception {
    int before = number("SELECT count(*) FROM market_data");
    await("more rows", () -> number("SELECT count(*) FROM market_data") > before);
  }

  /**
   * Sends no more, waits until the job has caught up, then holds the table against the plain
   * computation over all that was sent, and the counters against the number of records.
   */
  void assertComplete() throws Exception {
    load.stop();
    List<TickRecord> ticks = load.ticks();
    List<Row> expected = new BatchComputation(CANDLE, null).marketData(ticks);
    String malformed = Integer.toString(load.size() - ticks.size());
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end
        && !(counted().orElse(-1L) == load.size()
            && query("SELECT count(*) FROM rejected_ticks").equals(malformed)
            && Row.difference(expected, rows()).isEmpty())) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
    assertThat(Row.difference(expected, rows())).isEmpty();
    assertThat(query("SELECT count(*) FROM rejected_ticks")).isEqualTo(malformed);
    assertThat(query("SELECT count(*) FROM rejected_rows")).isEqualTo("0");
    assertThat(counted()).as("ticks by the counters").hasValue((long) load.size());
  }

  /** How many ticks the job has accounted for; empty while it shows no counters. */
  Optional<Long> counted() throws Exception {
    return sum("ticks(Accepted|Duplicate|Rejected|BeforeStart)");
  }

  /** How many errors of the database the tasks have met since they were started. */
  long databaseErrors() throws Exception {
    return sum("databaseErrors").orElse(0L);
  }

  /** Waits until every partition of the topic is read: from when on at {@code latest}. */
  Run awaitReading() throws Exception {
    await(
        "readers of all partitions",
        () -> {
          int partitions = 0;
          for (String metrics : metricsOfTasks()) {
            partitions += metrics(metrics, ".*\\.partition\\.[0-9]+\\.currentOffset").size();
          }
          return partitions == PARTITIONS;
        });
    return this;
  }

  /** Of the counters of all tasks whose names a pattern fits; empty if there is none. */
  private Optional<Long> sum(String pattern) throws Exception {
    long sum = 0;
    boolean shown = false;
    for (String metrics : metricsOfTasks()) {
      List<String> counters = metrics(metrics, ".*\\.candlestream\\." + pattern);
      if (!counters.isEmpty()) {
        shown = true;
        for (JsonNode counter :
            stack.flink().rest().get(metrics + "?agg=sum&get=" + String.join(",", counters))) {
          sum += counter.path("sum").asLong();
        }
      }
    }
    return shown ? Optional.of(sum) : Optional.empty();
  }

  /** Where the REST endpoint tells what the subtasks of each task measure. */
  private List<String> metricsOfTasks() throws Exception {
    List<String> metrics = new ArrayList<>();
    for (JsonNode vertex : stack.flink().rest().get("/jobs/" + job).path("vertices")) {
      metrics.add(
          "/jobs/%s/vertices/%s/subtasks/metrics".formatted(job, vertex.path("id").asText()));
    }
    return metrics;
  }

  /** The metrics there whose names a pattern fits. */
  private List<String> metrics(String ofTask, String pattern) throws Exception {
    List<String> fitting = new ArrayList<>();
    for (JsonNode metric : stack.flink().rest().get(ofTask)) {
      String id = metric.path("id").asText();
      if (id.matches(pattern)) {
        fitting.add(id);
      }
    }
    return fitting;
  }

  /**
   * How many checkpoints, savepoints among them, have begun and are neither complete nor failed.
   */
  int checkpointsUnderWay() throws Exception {
    return checkpoints().path("counts").path("in_progress").asInt();
  }

  /** Bytes of the newest complete checkpoint. */
  long state() throws Exception {
    return checkpoints().path("latest").path("completed").path("state_size").asLong();
  }

  private JsonNode checkpoints() throws Exception {
    return stack.flink().rest().get("/jobs/%s/checkpoints".formatted(job));
  }

  /** How often the job was started again after a failure. */
  long restarts() throws Exception {
    return stack
        .flink()
        .rest()
        .get("/jobs/%s/metrics?get=numRestarts".formatted(job))
        .path(0)
        .path("value")
        .asLong();
  }

  /** Bytes that are in use on the heap of all TaskManagers together. */
  long heapOfTaskManagers() throws Exception {
    return stack
        .flink()
        .rest()
        .get("/taskmanagers/metrics?agg=sum&get=Status.JVM.Memory.Heap.Used")
        .path(0)
        .path("sum")
        .asLong();
  }

  /** Whether the source waits for what is behind it. */
  boolean isBackPressured() throws Exception {
    FlinkRest rest = stack.flink().rest();
    String source = rest.get("/jobs/" + job).path("vertices").path(0).path("id").asText();
    JsonNode milliseconds =
        rest.get(
            "/jobs/%s/vertices/%s/subtasks/metrics?agg=max&get=backPressuredTimeMsPerSecond"
                .formatted(job, source));
    return milliseconds.path(0).path("max").asDouble() > 500;
  }

  /** All candles, as one snapshot has them. */
  List<Row> rows() throws SQLException {
    try (Connection connection = connect(name)) {
      return Row.read(connection);
    }
  }

  int number(String sql) throws SQLException {
    return Integer.parseInt(query(sql));
  }

  String query(String sql) throws SQLException {
    try (Connection connection = connect(name);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  /** A session in the database, not by way of the proxy. */
  Connection connect() throws SQLException {
    return connect(name);
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        url(stack.postgres().port(), database), Stack.USER, Stack.PASSWORD);
  }

  private static String url(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
  }

  /** Ends the job if it has not ended, and its feed. */
  @Override
  public void close() throws Exception {
    if (load != null) {
      load.close();
    }
    if (job != null && clusterJob().status().isPresent() && !clusterJob().hasEnded()) {
      clusterJob().cancel();
      await("the job's end", () -> clusterJob().hasEnded());
    }
  }
}

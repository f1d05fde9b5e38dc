package io.candlestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.Pipeline;
import io.candlestream.config.JobConfig;
import io.candlestream.local.EmbeddedFlink;
import io.candlestream.local.Program;
import io.candlestream.local.TopicFeed;
import io.candlestream.market.Input;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures what a portfolio costs: the same ticks, from a real broker to a real database, without
 * fills and with them, in turns.
 */
@Command(
    name = "portfolio.sh",
    sortOptions = false,
    description = {
      "Measures what fills cost the job that keeps a portfolio of them: the same ticks without and",
      "with fills, in turns, from an embedded Kafka to an embedded PostgreSQL, as fast as it goes."
    })
public final class PortfolioBench implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final int PARTITIONS = 4;

  /** In the names of the threads that read, count and write ticks, and nothing else. */
  private static final List<String> TICK_PATH =
      List.of("read-ticks", "drop-duplicates", "check-quality", "build-candles", "warm-start");

  private static final List<String> FILL_PATH =
      List.of("read-fills", "keep-portfolio", "trade_history", "portfolio_");

  @Option(
      names = "--ticks",
      paramLabel = "N",
      defaultValue = "5000000",
      description = "Ticks of a run (default: ${DEFAULT-VALUE}).")
  private long ticks;

  @Option(
      names = "--fills",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Fills among them (default: ${DEFAULT-VALUE}).")
  private long fills;

  @Option(
      names = "--accounts",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Accounts, each of which trades every symbol (default: ${DEFAULT-VALUE}).")
  private int accounts;

  @Option(
      names = "--symbols",
      paramLabel = "N",
      defaultValue = "100",
      description = "Symbols (default: ${DEFAULT-VALUE}).")
  private int symbols;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "20",
      description = "Over how much event time they are spread (default: ${DEFAULT-VALUE}).")
  private int minutes;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Pairs of runs (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  /**
   * What a run took.
   *
   * @param ticksSeconds from the start of the job until all ticks were counted
   * @param fillsSeconds the same of fills
   * @param tickCpuSeconds of the threads on the ticks' path
   * @param fillCpuSeconds of those on the fills' path
   * @param stateBytes of the last checkpoint while it ran; 0 where there was none
   */
  private record Run(
      boolean withFills,
      double ticksSeconds,
      double fillsSeconds,
      double seconds,
      double tickCpuSeconds,
      double fillCpuSeconds,
      long stateBytes,
      long positions,
      long snapshots) {}

  public static void main(String[] args) {
    Program.main(new PortfolioBench(), args);
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Path directory = Files.createTempDirectory("candlestream-bench-");
    try {
      return run(directory, out);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private int run(Path directory, PrintWriter out) throws Exception {
    Instant start = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofHours(12));
    PortfolioLoad load =
        new PortfolioLoad(ticks, fills, symbols, accounts, minutes, start.toEpochMilli(), 1);
    List<Run> runs = new ArrayList<>();
    try (KafkaBroker broker = KafkaBroker.start(directory.resolve("kafka"));
        PostgresServer server = PostgresServer.embedded()) {
      preload(broker, load, out);
      for (int i = 0; i < 2 * pairs; i++) {
        // A B B A: neither side always comes first.
        boolean withFills = i % 4 == 1 || i % 4 == 2;
        runs.add(run(withFills, directory, broker, server));
        say(runs.get(i), out);
      }
    }
    summary(runs, out);
    return 0;
  }

  private void preload(KafkaBroker broker, PortfolioLoad load, PrintWriter out) {
    broker.createTopic("ticks", PARTITIONS);
    broker.createTopic("fills", PARTITIONS);
    try (TopicFeed feed =
        new TopicFeed(broker.bootstrapServers(), EnumSet.of(Input.TICKS, Input.FILLS))) {
      load.sendTicks(feed);
      load.sendFills(feed);
    }
    out.printf(
        Locale.ROOT,
        "%,d ticks of %,d symbols and %,d fills of %,d accounts, over %d minutes, are in Kafka.%n",
        ticks,
        symbols,
        fills,
        accounts,
        minutes);
    out.flush();
  }

  private Run run(boolean withFills, Path directory, KafkaBroker broker, PostgresServer server)
      throws Exception {
    String database = "bench";
    server.createDatabase(database);
    JobConfig config = config(withFills, broker, server, database);
    Migrations.of(config).migrate();
    long startNanos = System.nanoTime();
    try (EmbeddedFlink flink =
        EmbeddedFlink.start(
            Backlog.flink(directory, Map.of("execution.checkpointing.interval", "5s")),
            "bench",
            env -> Pipeline.define(env, config))) {
      TaskCpu cpu = new TaskCpu();
      double ticksSeconds = 0;
      double fillsSeconds = 0;
      long stateBytes = 0;
      while (!flink.awaitEnd(LOOK_EVERY)) {
        cpu.look();
        if (ticksSeconds == 0 && flink.count("ticksAccepted") == ticks) {
          ticksSeconds = (System.nanoTime() - startNanos) / 1e9;
        }
        if (fillsSeconds == 0 && flink.count("fillsAccepted") == fills) {
          fillsSeconds = (System.nanoTime() - startNanos) / 1e9;
        }
        stateBytes = Math.max(stateBytes, stateBytes(flink));
      }
      return new Run(
          withFills,
          ticksSeconds,
          fillsSeconds,
          (System.nanoTime() - startNanos) / 1e9,
          cpu.secondsOf(TICK_PATH),
          cpu.secondsOf(FILL_PATH),
          stateBytes,
          rows("portfolio_positions", config),
          rows("portfolio_snapshots", config));
    } finally {
      server.dropDatabase(database);
    }
  }

  private static long rows(String table, JobConfig config) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                config.database().url(),
                config.database().user(),
                config.database().password().reveal());
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
      count.next();
      return count.getLong(1);
    }
  }

  private JobConfig config(
      boolean withFills, KafkaBroker broker, PostgresServer server, String database) {
    List<String> sets = new ArrayList<>();
    if (withFills) {
      sets.add("fills.kafka.topics=fills");
      sets.add("fills.kafka.stop=latest");
    }
    sets.add("database.url=" + server.jdbcUrl(database));
    sets.add("database.user=" + server.user());
    sets.add("database.password=" + server.password());
    sets.addAll(options.sets);
    return Backlog.config(broker.bootstrapServers(), "ticks", sets);
  }

  /** Of the last checkpoint; 0 where there is none yet, or nobody answers any more. */
  private static long stateBytes(EmbeddedFlink flink) throws InterruptedException {
    try {
      HttpClient client = HttpClient.newHttpClient();
      JsonNode jobs = get(client, flink.webUi() + "/jobs");
      String id = jobs.path("jobs").path(0).path("id").asText();
      return get(client, flink.webUi() + "/jobs/" + id + "/checkpoints")
          .path("latest")
          .path("completed")
          .path("state_size")
          .asLong();
    } catch (IOException ended) {
      return 0;
    }
  }

  private static JsonNode get(HttpClient client, String uri)
      throws IOException, InterruptedException {
    return JSON.readTree(
        client
            .send(
                HttpRequest.newBuilder(URI.create(uri)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private void say(Run run, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-13s %,9.0f ticks/s, %.2f µs CPU each",
        run.withFills() ? "with fills" : "without fills",
        ticks / run.ticksSeconds(),
        run.tickCpuSeconds() / ticks * 1e6);
    if (run.withFills()) {
      out.printf(
          Locale.ROOT,
          "; %,.0f fills/s, %,d positions, %,d snapshots, %.1f s CPU",
          fills / run.fillsSeconds(),
          run.positions(),
          run.snapshots(),
          run.fillCpuSeconds());
    }
    out.printf(
        Locale.ROOT, "; all after %.1f s; state %,d KiB%n", run.seconds(), run.stateBytes() >> 10);
    out.flush();
  }

  private void summary(List<Run> runs, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%nTicks/s with fills ÷ without: %.2f; CPU of a tick without fills ÷ with: %.2f%n",
        median(runs, false, Run::ticksSeconds) / median(runs, true, Run::ticksSeconds),
        median(runs, false, Run::tickCpuSeconds) / median(runs, true, Run::tickCpuSeconds));
    out.flush();
  }

  private static double median(List<Run> runs, boolean withFills, ToDoubleFunction<Run> value) {
    double[] sorted =
        runs.stream()
            .filter(run -> run.withFills() == withFills)
            .mapToDouble(value)
            .sorted()
            .toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}

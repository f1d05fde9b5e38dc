package io.candlestream.local;

import io.candlestream.Pipeline;
import io.candlestream.Preflight;
import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.local.ticks.MarketFeed;
import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.local.ticks.TickMix;
import io.candlestream.market.Input;
import io.candlestream.schema.MigrationResult;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.KafkaBroker;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The whole of candlestream in one process: a Kafka broker, a database, ticks with fills and
 * sentiment beside them, and the job that turns these into candles and a portfolio.
 */
@Command(
    name = "demo.sh",
    sortOptions = false,
    description = {
      "Fills Kafka topics with ticks, trades of three accounts and sentiment, runs the job on them"
          + " and shows candles and portfolio; all on this machine.",
      "Nothing stays behind but what goes to a database that was given."
    })
public final class Demo implements Callable<Integer> {

  /**
   * The event time that the generated ticks span, up to now: enough for most indicators to warm.
   */
  private static final Duration SPAN = Duration.ofHours(1);

  private static final double LIVE_TICKS_PER_SECOND = 1_000;
  private static final Duration LINE_EVERY = Duration.ofSeconds(2);
  private static final Duration LIVE_LINE_EVERY = Duration.ofSeconds(10);
  private static final int TOLD_TO_STOP = 130;

  @Option(
      names = "--ticks",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "How many ticks to generate (default: ${DEFAULT-VALUE}).")
  private long ticks;

  @Option(
      names = "--symbols",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Of how many instruments (default: ${DEFAULT-VALUE}).")
  private int symbols;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What all is drawn from: the same seed, the same market.")
  private long seed;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Ticks to use instead, and nothing else: JSON lines, plain or .gz.")
  private Path input;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = {
        "A PostgreSQL to write to, jdbc:postgresql://host:5432/name?user=… (or "
            + DemoDatabase.USER_VARIABLE
            + "), with the password in "
            + DemoDatabase.PASSWORD_VARIABLE
            + ".",
        "Without it: this machine's PostgreSQL if it has TimescaleDB, else an embedded one;"
            + " 'embedded' insists on that."
      })
  private String database;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where the web UI listens (default: 8081; if that is taken, any free port).")
  private Integer port;

  @Option(names = "--keep-running", description = "Go on with live ticks until Ctrl-C.")
  private boolean keepRunning;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private Demo(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    Program.main(new Demo(System.getenv()), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    return Program.run(new Demo(environment), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    requireArguments();
    PrintWriter out = spec.commandLine().getOut();
    try (Started started = new Started(() -> out.println("Stopping."))) {
      try {
        return run(started, out);
      } catch (Exception e) {
        if (started.isInterrupted()) {
          return TOLD_TO_STOP;
        }
        throw e;
      }
    }
  }

  private void requireArguments() {
    List<String> wrong = new ArrayList<>();
    if (ticks < 1) {
      wrong.add("--ticks: must be 1 or more");
    }
    if (symbols < 1 || symbols > TickGenerator.MAX_SYMBOLS) {
      wrong.add("--symbols: must be from 1 to %d".formatted(TickGenerator.MAX_SYMBOLS));
    }
    if (partitions < 1) {
      wrong.add("--partitions: must be 1 or more");
    }
    if (input != null && !Files.isReadable(input)) {
      wrong.add("--input: there is no readable file " + input);
    }
    if (!wrong.isEmpty()) {
      throw new ConfigException(wrong);
    }
  }

  private Integer run(Started started, PrintWriter out) throws Exception {
    Path directory = started.add(TemporaryDirectory.create("candlestream-demo-")).path();
    DemoDatabase target = started.add(database());
    KafkaBroker broker = started.add(KafkaBroker.start(directory.resolve("kafka")));
    JobConfig config = config(broker, target);
    Set<Input> inputs = inputs(config);
    Configuration flinkConfiguration = flinkConfiguration(directory);

    MigrationResult migration = Migrations.of(config).migrate();
    out.printf("Database   %s (%s)%n", config.database().displayUrl(), target.origin());
    out.printf("Edition    %s: %s%n", migration.edition().word(), migration.reason());
    out.printf(
        "Kafka      %s, %d partitions for each topic: %s%n",
        broker.bootstrapServers(),
        partitions,
        inputs.stream().map(TopicFeed::topic).collect(Collectors.joining(", ")));
    out.flush();

    for (Input each : inputs) {
      broker.createTopic(TopicFeed.topic(each), partitions);
    }
    TopicFeed feed = started.add(new TopicFeed(broker.bootstrapServers(), inputs));
    MarketFeed market = new MarketFeed(seed, generator(), inputs);
    Preload preload = new Preload(feed, out);
    if (input == null) {
      preload.send(market);
    } else {
      preload.send(input);
    }
    Map<Input, Long> produced = feed.sent();

    Preflight.check(config);
    long startNanos = System.nanoTime();
    EmbeddedFlink flink =
        started.add(
            EmbeddedFlink.start(
                flinkConfiguration, "candlestream", env -> Pipeline.define(env, config)));
    out.printf("Web UI     %s, while the job runs%n%n", flink.webUi());
    Progress progress = new Progress(flink, out, LINE_EVERY, startNanos);
    boolean ended =
        progress.until(
            counts ->
                keepRunning
                    && inputs.stream().allMatch(each -> counts.done(each) >= produced.get(each)));
    Summary summary = new Summary(produced, flink.counts(), progress.throughput(), true);
    summary.print(out);
    for (Input each : inputs) {
      DemoTables.of(each).print(config.database(), out);
    }
    if (!ended) {
      goOnLive(market, feed, flink, out);
    }
    if (!summary.addsUp()) {
      spec.commandLine().getErr().println("The counts do not add up to the records in the topics.");
      return Program.FAILED;
    }
    return 0;
  }

  private DemoDatabase database() {
    if (database == null) {
      return DemoDatabase.started();
    }
    return database.equals("embedded")
        ? DemoDatabase.embedded()
        : DemoDatabase.given(database, environment);
  }

  private JobConfig config(KafkaBroker broker, DemoDatabase target) {
    List<String> sets = new ArrayList<>();
    sets.add("source.kafka.bootstrap-servers=" + broker.bootstrapServers());
    sets.addAll(read("source", Input.TICKS));
    if (input == null) {
      sets.addAll(read("fills", Input.FILLS));
      sets.addAll(read("sentiment", Input.SENTIMENT));
    } else {
      // A file's ticks are old by nature.
      sets.add("validation.max-age=0");
    }
    sets.addAll(options.sets);
    JobConfig config = JobConfig.load(sets, environment);
    return config.withDatabase(target.config(config.database()));
  }

  /** The topic of a stream, to be read as a whole, as settings in its section. */
  private List<String> read(String section, Input input) {
    return List.of(
        section + ".kafka.topics=" + TopicFeed.topic(input),
        section + ".kafka.start=earliest",
        section + ".kafka.stop=" + (keepRunning ? "never" : "latest"));
  }

  /** The streams that the job reads. */
  private static Set<Input> inputs(JobConfig config) {
    Set<Input> inputs = EnumSet.of(Input.TICKS);
    if (config.fills().isOn()) {
      inputs.add(Input.FILLS);
    }
    if (config.sentiment().isOn()) {
      inputs.add(Input.SENTIMENT);
    }
    return inputs;
  }

  private Configuration flinkConfiguration(Path directory) {
    Map<String, String> overrides = new HashMap<>();
    overrides.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    overrides.put(
        "execution.checkpointing.externalized-checkpoint-retention", "DELETE_ON_CANCELLATION");
    overrides.put("io.tmp.dirs", directory.resolve("flink").toString());
    overrides.put("web.upload.dir", directory.resolve("flink").toString());
    // A demo that cannot go on says so instead of trying for ever.
    overrides.put("restart-strategy.type", "fixed-delay");
    overrides.put("restart-strategy.fixed-delay.attempts", "3");
    overrides.put("restart-strategy.fixed-delay.delay", "1s");
    if (port != null) {
      overrides.put(RestOptions.PORT.key(), port.toString());
    }
    overrides.putAll(options.flink);
    return EmbeddedFlink.configuration(Program.flinkConfiguration(), overrides);
  }

  /** The ticks to begin with, which go on live; for those of a file, live ones only. */
  private TickGenerator generator() {
    Instant now = Instant.now();
    return input == null
        ? TickGenerator.between(
            seed, symbols, ticks, micros(now.minus(SPAN)), micros(now), TickMix.DEFAULT)
        : TickGenerator.live(seed, symbols, LIVE_TICKS_PER_SECOND, micros(now), TickMix.DEFAULT);
  }

  private void goOnLive(MarketFeed market, TopicFeed feed, EmbeddedFlink flink, PrintWriter out)
      throws ExecutionException, InterruptedException {
    out.printf(
        Locale.ROOT,
        "%nLive: %,.0f ticks/s. Candles still open close as time goes on. Ctrl-C ends it.%n",
        LIVE_TICKS_PER_SECOND);
    out.flush();
    market.continueLive(LIVE_TICKS_PER_SECOND, micros(Instant.now()));
    LiveFeed live = new LiveFeed(market, feed);
    Progress progress = new Progress(flink, out, LIVE_LINE_EVERY, System.nanoTime());
    progress.until(
        counts -> {
          live.sendDue();
          return false;
        });
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}

package io.candlestream.bench.speed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.CommunityServer;
import io.candlestream.bench.Table;
import io.candlestream.local.Program;
import io.candlestream.servers.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how fast the job is, in all its parts and as a whole, beside what else there is. */
@Command(
    name = "speed.sh",
    sortOptions = false,
    description = {
      "Measures the job, its parts and as a whole, each beside another way to do the same, in",
      "turns and on the same input. Where both have results, these must be the same.",
      "Exits with 1 if a target is not met, also by the worse end of the interval."
    })
public final class SpeedBench implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SYMBOLS = 1_000;
  private static final int MINUTES = 60;

  /** So many times the load takes long enough for some checkpoints. */
  private static final int LONGER = 4;

  private static final int STORED_MINUTES = 200;

  /** What measures one row of the table, or several. */
  @FunctionalInterface
  private interface Measurement {
    List<Finding> measure(int pairs) throws Exception;
  }

  /** By the numbers that --rows takes. */
  private final Map<Integer, Measurement> measurements = new TreeMap<>();

  @Option(
      names = "--rows",
      paramLabel = "N",
      split = ",",
      description = "Which rows of the table to measure (default: all).")
  private List<Integer> rows = List.of();

  @Option(
      names = "--ticks",
      paramLabel = "N",
      defaultValue = "5000000",
      description = "Ticks that whole jobs read (default: ${DEFAULT-VALUE}).")
  private long ticks;

  @Option(
      names = "--growth-ticks",
      paramLabel = "N",
      defaultValue = "3000000",
      description = "Ticks that they read at each size of what grows (default: ${DEFAULT-VALUE}).")
  private long growthTicks;

  @Option(
      names = "--live-ids",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "Trade ids that are to be held at once (default: ${DEFAULT-VALUE}).")
  private long liveIds;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "9",
      description =
          "Pairs of runs for each, after warming up; 6 or more (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--json", paramLabel = "FILE", description = "Where to write the same in JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  /** Null before a row needs it. */
  private WholeJob job;

  /** Likewise. */
  private CandleStore store;

  private final List<Growth> growths = new ArrayList<>();

  private SpeedBench() {
    measurements.put(1, this::kafkaToTable);
    measurements.put(2, count -> List.of(WholeJob.inMemory(load(), count)));
    measurements.put(3, count -> List.of(job().besideConsumer(count)));
    measurements.put(4, count -> List.of(Decoding.measure(count)));
    measurements.put(5, IndicatorUpdates::measure);
    measurements.put(6, count -> List.of(store().newBesideCopy(count)));
    measurements.put(7, count -> List.of(store().changedBesideCopy(count)));
    measurements.put(8, count -> List.of(store().unchangedBesideNew(count)));
    measurements.put(9, count -> store().besideRowWise(count));
    measurements.put(10, count -> List.of(withCheckpoints(count)));
    measurements.put(11, count -> TradeIdBytes.measure());
    measurements.put(12, count -> List.of(job().halfAsParallel(count)));
    measurements.put(13, count -> List.of(LateTicks.measure()));
    measurements.put(14, count -> List.of(job().onRocksDb(count)));
    measurements.put(15, this::grownInInstruments);
    measurements.put(16, count -> grown(Growth.ofLateness(growthTicks, count)));
    measurements.put(17, count -> List.of(LiveIds.measure(liveIds)));
  }

  private WholeJob job() throws IOException {
    if (job == null) {
      job = WholeJob.on(load());
    }
    return job;
  }

  private TickLoad load() {
    return new TickLoad(ticks, SYMBOLS, MINUTES);
  }

  private List<Finding> kafkaToTable(int count) throws Exception {
    try (PostgresServer server = CommunityServer.started();
        BenchDatabase database = BenchDatabase.create(server);
        KafkaToTable whole = KafkaToTable.on(load(), database)) {
      return whole.besideSql(count);
    }
  }

  private Finding withCheckpoints(int count) throws Exception {
    TickLoad longer = new TickLoad(LONGER * ticks, SYMBOLS, LONGER * MINUTES);
    try (WholeJob longerJob = WholeJob.on(longer)) {
      return longerJob.withCheckpoints(count);
    }
  }

  private CandleStore store() throws IOException, SQLException {
    if (store == null) {
      store = CandleStore.of(new CandleLoad(SYMBOLS, STORED_MINUTES));
    }
    return store;
  }

  public static void main(String[] args) {
    Program.main(new SpeedBench(), args);
  }

  @Override
  public Integer call() throws Exception {
    require(measurements.keySet().containsAll(rows), "--rows: there are " + measurements.keySet());
    require(pairs >= Spread.FEWEST, "--pairs: must be " + Spread.FEWEST + " or more");
    List<List<Object>> lines = new ArrayList<>();
    try {
      return measure(lines) ? 0 : 1;
    } finally {
      // After an hour, what was measured before a failure is worth having.
      report(lines);
    }
  }

  /** Whether all targets are met. */
  private boolean measure(List<List<Object>> lines) throws Exception {
    boolean allMet = true;
    try {
      for (int row : rows.isEmpty() ? measurements.keySet() : rows) {
        say("Row " + row + " …");
        for (Finding finding : measurements.get(row).measure(pairs)) {
          lines.add(line(row, finding));
          say("  %s: %.2f, %s".formatted(finding.what(), finding.median(), finding.detail()));
          allMet &= finding.isMet();
        }
      }
      return allMet;
    } finally {
      if (job != null) {
        job.close();
      }
      if (store != null) {
        store.close();
      }
    }
  }

  private void report(List<List<Object>> lines) throws IOException {
    List<Table> tables = new ArrayList<>(List.of(table(lines)));
    if (!growths.isEmpty()) {
      tables.add(Growth.table(growths));
    }
    tables.forEach(table -> table.print(spec.commandLine().getOut()));
    if (json != null) {
      ObjectNode measured = JSON.createObjectNode();
      tables.forEach(table -> measured.set(table.name(), table.json()));
      JSON.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), measured);
    }
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  private static List<Object> line(int row, Finding finding) {
    return List.of(
        (long) row,
        finding.what(),
        finding.against(),
        finding.target().toString(),
        finding.median(),
        finding.worse(),
        finding.verdict(),
        finding.detail());
  }

  private List<Finding> grownInInstruments(int count) throws Exception {
    List<Finding> findings = new ArrayList<>(grown(Growth.ofInstruments(growthTicks, count)));
    growths.add(Growth.ofInstrumentsInLoop(growthTicks, count));
    findings.addAll(grown(Growth.ofInstrumentsAsActive(growthTicks, count)));
    return findings;
  }

  private List<Finding> grown(Growth growth) {
    growths.add(growth);
    return List.of(growth.flatness());
  }

  private static Table table(List<List<Object>> lines) {
    return new Table(
        "speed",
        "Speed",
        List.of(
            new Table.Column("row", "#"),
            new Table.Column("what", "what"),
            new Table.Column("against", "against"),
            new Table.Column("target", "target"),
            new Table.Column("median", "median"),
            new Table.Column("worse", "worse end of 95%"),
            new Table.Column("met", ""),
            new Table.Column("detail", "in numbers")),
        lines);
  }
}

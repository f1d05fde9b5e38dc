package io.candlestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.candlestream.schema.SchemaException;
import io.candlestream.servers.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures what the database does: how fast candles are read, what the columnstore saves, what
 * indexes and refreshes cost.
 */
@Command(
    name = "database.sh",
    sortOptions = false,
    description = {
      "Measures what a TimescaleDB (community edition) does with candlestream's schema.",
      "At full size it takes half an hour on two cores and 25 GB of disk; nothing stays behind."
    })
public final class DatabaseBench implements Callable<Integer> {

  /** When data ends: neither at the start of an hour nor of five minutes. */
  private static final Duration AFTER_MIDNIGHT = Duration.ofHours(7).plusMinutes(23);

  private static final int MAX_SYMBOLS = 99_999;
  private static final String PASSWORD_VARIABLE = "CANDLESTREAM_DB_PASSWORD";
  private static final ObjectMapper JSON = new ObjectMapper();

  private enum Section {
    READS,
    INDEXES,
    REFRESH;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = "--symbols",
      paramLabel = "N",
      defaultValue = "500",
      description = "Instruments to read from and to index (default: ${DEFAULT-VALUE}).")
  private int symbols;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "28",
      description = "Days of one-minute candles (default: ${DEFAULT-VALUE}).")
  private int days;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How often each call is measured (default: ${DEFAULT-VALUE}).")
  private int calls;

  @Option(
      names = "--refresh-symbols",
      paramLabel = "N",
      split = ",",
      defaultValue = "500,10000",
      description = "Instruments to refresh aggregates of (default: ${DEFAULT-VALUE}).")
  private List<Integer> refreshSymbols;

  @Option(
      names = "--only",
      paramLabel = "SECTION",
      description = "reads, indexes or refresh; repeatable (default: all).")
  private Set<Section> only = EnumSet.allOf(Section.class);

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What data and calls are drawn from (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = {
        "A server to measure, as a superuser:"
            + " jdbc:postgresql://host:5432/name?user=…, with the password in "
            + PASSWORD_VARIABLE
            + "; in databases of their own.",
        "Without it, one is started from this machine's PostgreSQL."
      })
  private String database;

  @Option(names = "--json", paramLabel = "FILE", description = "Where to write the same in JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  private final long startNanos = System.nanoTime();

  private final String password;

  private DatabaseBench(String password) {
    this.password = password;
  }

  public static void main(String[] args) {
    System.exit(
        run(
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            System.getenv(),
            args));
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    return new CommandLine(new DatabaseBench(environment.getOrDefault(PASSWORD_VARIABLE, "")))
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (wrong, given) -> {
              err.println(wrong.getMessage());
              err.println("--help shows what there is.");
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(
            (failed, line, parsed) -> {
              if (failed instanceof IllegalStateException || failed instanceof SchemaException) {
                err.println(failed.getMessage());
              } else {
                failed.printStackTrace(err);
              }
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(args);
  }

  @Override
  public Integer call() throws Exception {
    require(symbols >= 1 && symbols <= MAX_SYMBOLS, "--symbols: must be from 1 to " + MAX_SYMBOLS);
    require(days >= 2, "--days: must be 2 or more");
    require(calls >= 1, "--calls: must be 1 or more");
    require(
        refreshSymbols.stream().allMatch(count -> count >= 1 && count <= MAX_SYMBOLS),
        "--refresh-symbols: must be from 1 to " + MAX_SYMBOLS);
    try (PostgresServer server = server()) {
      measure(server);
    }
    return CommandLine.ExitCode.OK;
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private PostgresServer server() {
    if (database == null) {
      return CommunityServer.started();
    }
    require(
        !database.contains("password="),
        "--database: holds a password, which the list of processes shows; leave it out, and set "
            + PASSWORD_VARIABLE);
    try {
      return CommunityServer.given(
          database
              + (database.contains("?") ? "&" : "?")
              + "password="
              + URLEncoder.encode(password, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--database: " + e.getMessage());
    }
  }

  private void measure(PostgresServer server)
      throws IOException, SQLException, InterruptedException {
    ObjectNode measured = JSON.createObjectNode();
    for (Section section : Section.values()) {
      if (only.contains(section)) {
        for (Table table : measure(section, server)) {
          table.print(spec.commandLine().getOut());
          measured.withObject("/" + section.word()).set(table.name(), table.json());
        }
      }
    }
    if (json != null) {
      JSON.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), measured);
    }
  }

  private List<Table> measure(Section section, PostgresServer server)
      throws SQLException, InterruptedException {
    Progress progress = new Progress(spec.commandLine().getErr(), section.word(), startNanos);
    Instant end =
        Instant.now().minus(AFTER_MIDNIGHT).truncatedTo(ChronoUnit.DAYS).plus(AFTER_MIDNIGHT);
    Market market = new Market(symbols, seed);
    if (section == Section.REFRESH) {
      List<List<Object>> rows = new ArrayList<>();
      for (int count : refreshSymbols) {
        try (BenchDatabase measured = BenchDatabase.create(server)) {
          rows.addAll(
              Refreshes.measure(
                  measured,
                  new Market(count, seed),
                  end.truncatedTo(ChronoUnit.DAYS).minus(2, ChronoUnit.DAYS),
                  progress));
        }
      }
      return List.of(Refreshes.table(rows));
    }
    try (BenchDatabase measured = BenchDatabase.create(server)) {
      return section == Section.READS
          ? Reads.measure(measured, market, days, calls, end, progress)
          : Indexes.measure(measured, market, days, end, progress);
    }
  }
}

package io.candlestream.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.candlestream.config.ConfigException;
import io.candlestream.config.Durations;
import io.candlestream.config.JobConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line of the schema. Exit codes: 0 all is well, 1 something is not (said on standard
 * error, or by {@code info}, {@code check} and {@code health} in their tables), 2 the command line
 * is wrong.
 */
@Command(
    name = "candlestream-schema.jar",
    description = "Creates and looks after candlestream's database.",
    synopsisSubcommandLabel = "COMMAND")
public final class SchemaTool implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private SchemaTool(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    System.exit(
        run(
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            System.getenv(),
            args));
  }

  /** Runs a command; gives its exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    SchemaTool tool = new SchemaTool(environment);
    return new CommandLine(tool)
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler((failed, command, parsed) -> tool.report(failed, err))
        .execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  @Command(description = "Brings the database to the schema of this version.")
  int migrate(
      @CommandLine.Mixin Configuration configuration,
      @Option(
              names = "--dry-run",
              description = "Only say what would be applied; fail if it could not be.")
          boolean dryRun) {
    PrintWriter out = spec.commandLine().getOut();
    Migrations migrations = Migrations.of(configuration.load(environment));
    if (dryRun) {
      return plan(migrations, out);
    }
    MigrationResult result = migrations.migrate();
    out.printf("Database  %s%n", migrations);
    out.printf("Edition   %s (%s)%n", result.edition().word(), result.reason());
    out.printf("Owner     %s%n", result.owner());
    if (result.applied().isEmpty()) {
      out.println("The schema is up to date.");
    }
    result.applied().forEach(migration -> out.printf("Applied   %s%n", migration));
    result.policies().forEach(policy -> out.printf("Policy    %s%n", policy));
    return 0;
  }

  private static int plan(Migrations migrations, PrintWriter out) {
    SchemaState state = migrations.state();
    out.printf("Database  %s%n", migrations);
    migrations.requireUnchanged(state);
    if (state.isCurrent()) {
      out.println("The schema is up to date.");
    }
    state.pending().forEach(migration -> out.printf("Pending   %s%n", migration));
    state.differences().forEach(out::println);
    return state.differences().isEmpty() ? 0 : 1;
  }

  @Command(description = "Shows how far the database is migrated; fails unless it is up to date.")
  int info(@CommandLine.Mixin Configuration configuration) {
    PrintWriter out = spec.commandLine().getOut();
    Migrations migrations = Migrations.of(configuration.load(environment));
    SchemaState state = migrations.state();
    out.printf("Database  %s%n", migrations);
    out.printf("Edition   %s%n", state.edition().map(Edition::word).orElse("none yet"));
    out.printf("Interval  %s%n", state.interval().map(Durations::text).orElse("none yet"));
    out.println();
    table(state).forEach(out::println);
    migrations.requireUnchanged(state);
    if (state.isCurrent()) {
      return 0;
    }
    out.println();
    state.differences().forEach(out::println);
    out.println(
        state.differences().isEmpty()
            ? "The schema is not up to date: run migrate."
            : "Use the version that migrated this database, or a later one.");
    return 1;
  }

  @Command(
      description = {
        "Proves that schema and policies are what the configuration asks for, and safe:",
        "no refresh reaches what retention has dropped, none is ahead of late ticks."
      })
  int check(@CommandLine.Mixin Configuration configuration, @CommandLine.Mixin Format format) {
    return report(Inspection.of(configuration.load(environment)).check(), format);
  }

  @Command(
      description = {
        "Tells whether the database can be used, its jobs do well, and candles arrive.",
        "For probes: exit code 0 if all is well, else 1."
      })
  int health(@CommandLine.Mixin Configuration configuration, @CommandLine.Mixin Format format) {
    return report(Inspection.of(configuration.load(environment)).health(), format);
  }

  @Command(
      description = {
        "Drops what is older than it is to be kept, where no policy does, and updates statistics.",
        "To be run daily on the editions apache and postgres."
      })
  int maintain(@CommandLine.Mixin Configuration configuration) {
    Maintenance.of(configuration.load(environment))
        .run()
        .forEach(spec.commandLine().getOut()::println);
    return 0;
  }

  private int report(List<Finding> findings, Format format) {
    boolean isWell = findings.stream().allMatch(Finding::isWell);
    PrintWriter out = spec.commandLine().getOut();
    if (format.json) {
      out.println(json(findings, isWell));
    } else {
      findings(findings).forEach(out::println);
    }
    return isWell ? 0 : 1;
  }

  private static List<String> findings(List<Finding> findings) {
    int width = findings.stream().mapToInt(finding -> finding.subject().length()).max().orElse(0);
    return findings.stream()
        .map(
            finding ->
                "%-5s  %s  %s"
                    .formatted(
                        finding.isWell() ? "ok" : "WRONG",
                        finding.subject() + " ".repeat(width - finding.subject().length()),
                        finding.detail()))
        .toList();
  }

  private static String json(List<Finding> findings, boolean isWell) {
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("ok", isWell);
    ArrayNode list = document.putArray("checks");
    findings.forEach(
        finding ->
            list.addObject()
                .put("name", finding.subject())
                .put("ok", finding.isWell())
                .put("detail", finding.detail()));
    return document.toPrettyString();
  }

  private static List<String> table(SchemaState state) {
    String row = "%-7s  %-30s  %-8s  %s";
    List<String> lines = new ArrayList<>();
    lines.add(row.formatted("Version", "Migration", "State", "Applied at (UTC)"));
    for (SchemaState.Migration migration : state.migrations()) {
      lines.add(
          row.formatted(
                  migration.version(),
                  migration.description(),
                  migration.state(),
                  migration
                      .appliedAt()
                      .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString())
                      .orElse(""))
              .stripTrailing());
    }
    return lines;
  }

  private int report(Exception failed, PrintWriter err) {
    if (debug) {
      failed.printStackTrace(err);
    } else if (failed instanceof SchemaException || failed instanceof ConfigException) {
      err.println(failed.getMessage());
    } else {
      err.printf("unexpected: %s (--debug shows where)%n", failed);
    }
    return 1;
  }

  /** How findings are told. */
  static final class Format {
    @Option(names = "--json", description = "As JSON, for programs.")
    private boolean json;
  }

  /** Where the configuration comes from; the same for every command. */
  static final class Configuration {
    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "The job's configuration, as conf/job.yaml.")
    private Path file;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "Overrides a key of the configuration; repeatable.")
    private List<String> sets = List.of();

    JobConfig load(Map<String, String> environment) {
      return JobConfig.load(file, sets, environment);
    }
  }
}

package io.candlestream.local;

import io.candlestream.Preflight;
import io.candlestream.config.JobConfig;
import io.candlestream.replay.Outcome;
import io.candlestream.replay.Refusal;
import io.candlestream.replay.RejectSelection;
import io.candlestream.replay.Replay;
import io.candlestream.replay.ReplayPlan;
import io.candlestream.replay.StoredRejects;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Brings rejected ticks in that the rules accept by now, on a Flink inside this process: rebuilds
 * their candles from the source, computes the indicators from there on again, and only then marks
 * the rejects, so that it can be run again wherever it has failed.
 */
@Command(
    name = "replay-rejects.sh",
    sortOptions = false,
    description = {
      "Judges rejected ticks by the rules as they are configured now, and rebuilds the candles of"
          + " those that are accepted from the source's topics or files, with all that follows from"
          + " them.",
      "Stop the job with a savepoint before, and start it from there with a raised"
          + " indicators.generation."
    })
public final class ReplayRejects implements Callable<Integer> {

  private static final Duration LINE_EVERY = Duration.ofSeconds(2);

  @Mixin private RejectSelection selection;

  @Option(names = "--dry-run", description = "Only say what would be replayed.")
  private boolean dryRun;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private ReplayRejects(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    Program.main(new ReplayRejects(System.getenv()), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    return Program.run(new ReplayRejects(environment), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    if (!selection.isPossible()) {
      throw new ParameterException(spec.commandLine(), "--from must be before --to");
    }
    PrintWriter out = spec.commandLine().getOut();
    JobConfig config = JobConfig.load(selection.config(), options.sets, environment);
    Preflight.check(config);
    try (StoredRejects rejects = new StoredRejects(config)) {
      ReplayPlan plan = ReplayPlan.of(selection, config, rejects);
      describe(plan, out);
      if (plan.replayed().isEmpty()) {
        return plan.refused().isEmpty() ? 0 : Program.FAILED;
      }
      return dryRun ? 0 : replay(plan, config, rejects, out);
    }
  }

  private static void describe(ReplayPlan plan, PrintWriter out) {
    int refused = sum(plan.refused());
    if (refused == 0 && plan.replayed().isEmpty()) {
      out.println("Nothing to replay: no reject is selected that has not been replayed.");
      return;
    }
    Summary.line(out, "rejects", refused + plan.replayed().size(), "selected");
    if (!plan.replayed().isEmpty()) {
      Summary.line(
          out,
          "  to be replayed",
          plan.replayed().size(),
          String.format(
              Locale.ROOT,
              "into %,d candles of %,d instruments, from %s on",
              plan.candles().size(),
              plan.instruments().size(),
              plan.from()));
    }
    refusals(plan.refused(), out);
    out.flush();
  }

  private static void refusals(Map<Refusal, Integer> refused, PrintWriter out) {
    refused.forEach((refusal, count) -> Summary.line(out, "  left", count, refusal.explanation()));
  }

  private static int sum(Map<Refusal, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private int replay(ReplayPlan plan, JobConfig config, StoredRejects rejects, PrintWriter out)
      throws Exception {
    long startNanos = System.nanoTime();
    Map<String, JobCounts> counts = new LinkedHashMap<>();
    try (Started started = new Started(() -> out.println("Stopping."))) {
      Replay.Flink local =
          (name, topology) -> {
            out.printf("%nRunning      %s%n", name);
            EmbeddedFlink flink = run(name, topology, started, out);
            counts.put(name, flink.counts());
            return flink.result();
          };
      Outcome outcome = Replay.run(plan, config, rejects, local, out::println);

      out.println();
      out.println("Summary");
      Summary.line(out, "replayed", outcome.in().size(), "rejects are in their candles now");
      refusals(outcome.out(), out);
      counts.forEach(
          (job, of) -> {
            out.println(job);
            Summary.tables(of, out);
          });
      out.printf(Locale.ROOT, "%-18s %,14d s%n", "elapsed", secondsSince(startNanos));
      out.flush();
      return outcome.in().isEmpty() ? Program.FAILED : 0;
    }
  }

  private EmbeddedFlink run(
      String name, Consumer<StreamExecutionEnvironment> topology, Started started, PrintWriter out)
      throws Exception {
    long startNanos = System.nanoTime();
    Configuration configuration =
        EmbeddedFlink.configuration(Program.flinkConfiguration(), options.flink);
    EmbeddedFlink flink = started.add(EmbeddedFlink.start(configuration, name, topology));
    flink.introduce(out);
    watch(flink, startNanos, out);
    return flink;
  }

  private static void watch(EmbeddedFlink flink, long startNanos, PrintWriter out)
      throws ExecutionException, InterruptedException {
    while (!flink.awaitEnd(LINE_EVERY)) {
      JobCounts counts = flink.counts();
      long written = counts.tables().values().stream().mapToLong(JobCounts.Rows::written).sum();
      long read = flink.count("recordsRead");
      out.printf(
          Locale.ROOT,
          "%5d s  %s%,13d rows written%s%n",
          secondsSince(startNanos),
          read == 0 ? "" : "%,13d records read  ".formatted(read),
          written,
          counts.restarts() == 0 ? "" : "  %d restarts".formatted(counts.restarts()));
      out.flush();
    }
  }

  private static long secondsSince(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos).toSeconds();
  }
}

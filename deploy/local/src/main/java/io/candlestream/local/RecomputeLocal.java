package io.candlestream.local;

import io.candlestream.Preflight;
import io.candlestream.RefreshAggregates;
import io.candlestream.Sinks;
import io.candlestream.config.JobConfig;
import io.candlestream.recompute.Recompute;
import io.candlestream.recompute.Recompute.Series;
import io.candlestream.recompute.Selection;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Computes the indicators of stored candles again, on a Flink inside this process. */
@Command(
    name = "recompute.sh",
    sortOptions = false,
    description = {
      "Computes the indicators of stored candles again, on all timeframes: after a backfill of the"
          + " past, or for a new indicator or timeframe.",
      "Stop the job with a savepoint before, and start it from there with a raised"
          + " indicators.generation."
    })
public final class RecomputeLocal implements Callable<Integer> {

  private static final Duration LINE_EVERY = Duration.ofSeconds(2);
  private static final String SERIES = "seriesRecomputed";

  @Mixin private Selection selection;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private RecomputeLocal(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    Program.main(new RecomputeLocal(System.getenv()), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    return Program.run(new RecomputeLocal(environment), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    JobConfig config = JobConfig.load(selection.config(), options.sets, environment);
    Configuration configuration =
        EmbeddedFlink.configuration(Program.flinkConfiguration(), options.flink);
    Preflight.checkDatabase(config);
    List<Series> series = selection.series(config);
    if (series.isEmpty()) {
      spec.commandLine().getErr().println(selection.noneFound(config));
      return Program.FAILED;
    }
    try (Started started = new Started(() -> out.println("Stopping."))) {
      long startNanos = System.nanoTime();
      EmbeddedFlink flink =
          started.add(
              EmbeddedFlink.start(
                  configuration,
                  "candlestream recompute",
                  env -> Recompute.define(env, config, series, Sinks.of(config.database()))));
      flink.introduce(out);
      watch(flink, series.size(), startNanos, out);
      summarize(flink, series.size(), startNanos, out);
      out.println();
      RefreshAggregates.over(Optional.of(selection.touched()), config.database(), out::println);
      return 0;
    }
  }

  private static void watch(EmbeddedFlink flink, int series, long startNanos, PrintWriter out)
      throws ExecutionException, InterruptedException {
    while (!flink.awaitEnd(LINE_EVERY)) {
      JobCounts counts = flink.counts();
      long written = counts.tables().values().stream().mapToLong(JobCounts.Rows::written).sum();
      out.printf(
          Locale.ROOT,
          "%5d s  %,9d of %,d series  %,13d rows written%s%n",
          secondsSince(startNanos),
          flink.count(SERIES),
          series,
          written,
          counts.restarts() == 0 ? "" : "  %d restarts".formatted(counts.restarts()));
      out.flush();
    }
  }

  private static void summarize(EmbeddedFlink flink, int series, long startNanos, PrintWriter out) {
    out.println();
    out.println("Summary");
    Summary.line(
        out,
        "series",
        flink.count(SERIES),
        String.format(Locale.ROOT, "recomputed, of %,d", series));
    Summary.tables(flink.counts(), out);
    out.printf(Locale.ROOT, "%-18s %,12d s%n", "elapsed", secondsSince(startNanos));
    out.flush();
  }

  private static long secondsSince(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos).toSeconds();
  }
}

package io.candlestream;

import io.candlestream.config.JobConfig;
import io.candlestream.recompute.Recompute;
import io.candlestream.recompute.Selection;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The entry point of a recompute on a Flink cluster. */
@Command(
    name = "candlestream recompute",
    mixinStandardHelpOptions = true,
    description = "Computes the indicators of stored candles again.")
public final class RecomputeJob {

  @Mixin private Selection selection;

  @Option(
      names = "--set",
      paramLabel = "key.path=value",
      description = "overrides one key of the configuration; may be repeated")
  private List<String> sets = List.of();

  /**
   * Never ends the JVM, which may be a cluster's: what goes wrong is thrown.
   *
   * @throws CommandLine.ParameterException if the arguments make no sense
   * @throws io.candlestream.config.ConfigException if the job cannot start with this configuration
   * @throws IllegalArgumentException if nothing is stored of what is to be recomputed
   */
  public static void main(String[] args) throws Exception {
    RecomputeJob job = new RecomputeJob();
    if (!CommandLine.printHelpIfRequested(new CommandLine(job).parseArgs(args))) {
      job.run();
    }
  }

  private void run() throws Exception {
    JobConfig job = JobConfig.load(selection.config(), sets, System.getenv());
    Preflight.checkDatabase(job);
    List<Recompute.Series> series = selection.series(job);
    if (series.isEmpty()) {
      throw new IllegalArgumentException(selection.noneFound(job));
    }
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Recompute.define(env, job, series, Sinks.of(job.database()));
    JobExecutionResult run = env.execute("candlestream recompute");
    RefreshAggregates.over(
        run.isJobExecutionResult() ? Optional.of(selection.touched()) : Optional.empty(),
        job.database(),
        System.out::println);
  }
}

package io.candlestream;

import io.candlestream.config.JobConfig;
import io.candlestream.config.StartPosition;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The job's entry point on a Flink cluster. */
@Command(
    name = "candlestream",
    mixinStandardHelpOptions = true,
    description = {
      "Builds candles with indicators from ticks.",
      "When its input has ended, it refreshes the aggregates over the time that it has written."
    })
public final class CandlestreamJob {

  @Option(names = "--config", required = true, description = "the configuration, a YAML file")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "key.path=value",
      description = "overrides one key of the configuration; may be repeated")
  private List<String> sets = List.of();

  @Option(
      names = "--check",
      description = {
        "looks at all that the job needs, and starts nothing; the database may still have to be",
        "migrated"
      })
  private boolean check;

  /**
   * Never ends the JVM, which may be a cluster's: what goes wrong is thrown.
   *
   * @throws CommandLine.ParameterException if the arguments make no sense
   * @throws io.candlestream.config.ConfigException if the job cannot start with this configuration
   */
  public static void main(String[] args) throws Exception {
    CandlestreamJob job = new CandlestreamJob();
    if (!CommandLine.printHelpIfRequested(new CommandLine(job).parseArgs(args))) {
      job.run();
    }
  }

  private void run() throws Exception {
    JobConfig job = JobConfig.load(config, sets, System.getenv());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    if (check) {
      Preflight.checkBeforeMigration(job);
      // Where a job without state resumes, only a migrated database tells.
      Pipeline.define(env, job.startingAt(new StartPosition(StartPosition.Kind.EARLIEST, null)));
      env.getStreamGraph();
      return;
    }
    Preflight.check(job);
    Pipeline.define(env, job);
    JobExecutionResult run = env.execute("candlestream");
    if (job.source().isBounded()) {
      RefreshAggregates.after(run, job.database(), System.out::println);
    }
  }
}

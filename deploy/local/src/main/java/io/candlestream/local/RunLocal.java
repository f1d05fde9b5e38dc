package io.candlestream.local;

import io.candlestream.Pipeline;
import io.candlestream.Preflight;
import io.candlestream.RefreshAggregates;
import io.candlestream.config.JobConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs the job on a Flink inside this process, against the source and database of its
 * configuration.
 */
@Command(
    name = "run-local.sh",
    sortOptions = false,
    description = {
      "Runs the job on this machine alone, with Flink's web UI, until its input ends or Ctrl-C.",
      "When its input has ended, it refreshes the aggregates over the time that it has written.",
      "It goes on from a checkpoint with --flink execution.state-recovery.path=DIRECTORY."
    })
public final class RunLocal implements Callable<Integer> {

  private static final Duration LINE_EVERY = Duration.ofSeconds(2);
  private static final Duration LINE_EVERY_WITHOUT_END = Duration.ofSeconds(30);

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job's configuration, with any of the keys of conf/job.yaml.")
  private Path file;

  @Mixin private Program.Options options;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private RunLocal(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    Program.main(new RunLocal(System.getenv()), args);
  }

  /** Does what the arguments say and gives the exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    return Program.run(new RunLocal(environment), out, err, args);
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    JobConfig config = JobConfig.load(file, options.sets, environment);
    Configuration configuration =
        EmbeddedFlink.configuration(Program.flinkConfiguration(), options.flink);
    Preflight.check(config);
    Optional<FilesProgress> files = FilesProgress.of(config);
    try (Started started = new Started(() -> out.println("Stopping."))) {
      long startNanos = System.nanoTime();
      EmbeddedFlink flink =
          started.add(
              EmbeddedFlink.start(
                  configuration, "candlestream", env -> Pipeline.define(env, config)));
      flink.introduce(out);
      boolean bounded = config.source().isBounded();
      Progress progress =
          new Progress(
              flink, out, bounded ? LINE_EVERY : LINE_EVERY_WITHOUT_END, startNanos, files);
      progress.until(counts -> false);
      new Summary(
              Map.of(),
              flink.counts(),
              progress.throughput(),
              config.source().format().equals("canonical"))
          .print(out);
      if (bounded) {
        out.println();
        RefreshAggregates.after(flink.result(), config.database(), out::println);
      }
      return 0;
    }
  }
}

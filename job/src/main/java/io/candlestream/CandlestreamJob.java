package io.candlestream;

import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The job's entry point on a Flink cluster. */
@Command(
    name = "candlestream",
    mixinStandardHelpOptions = true,
    description = "Builds candles with indicators from ticks.")
public final class CandlestreamJob implements Callable<Integer> {

  @Option(names = "--config", required = true, description = "the configuration, a YAML file")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "key.path=value",
      description = "overrides one key of the configuration; may be repeated")
  private List<String> sets = List.of();

  public static void main(String[] args) {
    int exitCode =
        new CommandLine(new CandlestreamJob())
            .setExecutionExceptionHandler(
                (e, command, result) -> {
                  if (e instanceof ConfigException) {
                    command.getErr().println(e.getMessage());
                    return CommandLine.ExitCode.USAGE;
                  }
                  throw e;
                })
            .execute(args);
    if (exitCode != CommandLine.ExitCode.OK) {
      System.exit(exitCode);
    }
  }

  @Override
  public Integer call() throws Exception {
    JobConfig job = JobConfig.load(config, sets, System.getenv());
    Preflight.check(job);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Pipeline.define(env, job);
    env.execute("candlestream");
    return CommandLine.ExitCode.OK;
  }
}

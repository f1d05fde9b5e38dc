package io.candlestream.local;

import io.candlestream.config.ConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.flink.runtime.client.JobCancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How a program here is run: what goes wrong becomes one message and an exit code. */
public final class Program {

  /** A mistake in the command line or the configuration. */
  public static final int WRONG_USE = 2;

  /** Anything else that went wrong. */
  public static final int FAILED = 1;

  /** Set by the scripts: the root of the project. */
  public static final String HOME_PROPERTY = "candlestream.home";

  /** Set by the scripts: where warnings and errors go that are not for the console. */
  private static final String LOG_PROPERTY = "candlestream.log";

  /** Options that all programs share. */
  public static final class Options {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    private boolean help;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "Overrides a key of the job's configuration; repeatable.")
    public List<String> sets = List.of();

    @Option(
        names = "--flink",
        paramLabel = "KEY=VALUE",
        description = "Overrides a key of conf/flink/config.yaml; repeatable.")
    public Map<String, String> flink = Map.of();

    @Option(names = "--debug", description = "Show the stack trace of an error.")
    private boolean debug;
  }

  private Program() {}

  /** Runs the command of this process, of picocli's annotations, and ends it. */
  public static void main(Object command, String... args) {
    System.exit(
        run(command, new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
  }

  /**
   * Runs a command.
   *
   * @return its exit code: 0 all is well
   */
  public static int run(Object command, PrintWriter out, PrintWriter err, String... args) {
    return new CommandLine(command)
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler(
            (wrong, given) -> {
              err.println(wrong.getMessage());
              err.println("--help shows what there is.");
              return WRONG_USE;
            })
        .setExecutionExceptionHandler(
            (failed, line, parsed) -> report(failed, parsed.hasMatchedOption("--debug"), err))
        .execute(args);
  }

  /** The root of the project. */
  public static Path home() {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null) {
      throw new IllegalStateException(
          "the system property %s is not set; start this with the scripts in deploy/"
              .formatted(HOME_PROPERTY));
    }
    return Path.of(home);
  }

  /** The directory of Flink's {@code config.yaml}. */
  public static Path flinkConfiguration() {
    return home().resolve("conf/flink");
  }

  private static int report(Exception failed, boolean debug, PrintWriter err) {
    if (debug) {
      failed.printStackTrace(err);
    } else {
      err.println(message(failed));
    }
    err.flush();
    return failed instanceof ConfigException ? WRONG_USE : FAILED;
  }

  private static String message(Exception failed) {
    if (failed.getClass().getName().startsWith("io.candlestream.")) {
      // Ours say what is wrong and what to do; nothing else is to be known.
      return failed.getMessage();
    }
    String where =
        " (more in %s; --debug shows where)".formatted(System.getProperty(LOG_PROPERTY, "the log"));
    Throwable cause = beneathFlink(failed);
    if (cause instanceof JobCancellationException || cause instanceof CancellationException) {
      return "the job was cancelled";
    }
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String said = said(cause);
    return (failed instanceof ExecutionException ? "the job failed: " : "")
        + said
        + (root == cause || said.contains(said(root)) ? "" : ": " + said(root))
        + where;
  }

  /** What Flink and the JDK wrap around an error says nothing about it. */
  private static Throwable beneathFlink(Throwable failed) {
    Throwable cause = failed;
    while (cause.getCause() != null && !(cause instanceof JobCancellationException)) {
      boolean wrapping =
          cause instanceof ExecutionException
              || cause instanceof CompletionException
              || cause.getClass().getName().startsWith("org.apache.flink.");
      if (!wrapping) {
        break;
      }
      cause = cause.getCause();
    }
    return cause;
  }

  private static String said(Throwable error) {
    return error.getMessage() == null ? error.toString() : error.getMessage();
  }
}

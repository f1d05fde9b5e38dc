package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.client.cli.CliFrontend;

/**
 * {@code flink run} of one of the job's programs, on a Flink inside a process of its own, with the
 * configuration as the project ships it and a heap of a given size: needing more is a failure.
 */
final class FlinkRun implements AutoCloseable {

  private static final Path SHIPPED_CONFIGURATION = Path.of("..", "conf", "flink");
  private static final Path JAR = Path.of("target", "candlestream-job.jar");

  /** Only a full collection leaves nothing but what is needed. */
  private static final Pattern LEFT_BY_FULL_COLLECTION =
      Pattern.compile("Pause Full .*->(\\d+)M\\(");

  private final String program;
  private final Path output;
  private final Path collections;
  private final long startNanos = System.nanoTime();
  private final Process process;

  private FlinkRun(Class<?> program, Path directory, int heapMegabytes, List<String> arguments)
      throws IOException {
    this.program = program.getSimpleName();
    output = directory.resolve(this.program + ".out");
    collections = directory.resolve(this.program + ".gc");
    List<String> command =
        Jdk.command(
            CliFrontend.class,
            "-XX:+UseSerialGC",
            "-Xmx" + heapMegabytes + "m",
            "-Xlog:gc:file=" + collections,
            // Flink would start the job again, and again.
            "-XX:+ExitOnOutOfMemoryError");
    command.addAll(List.of("run", "-t", "local"));
    Map.of(
            "execution.checkpointing.dir", directory.toUri().toString(),
            "parallelism.default", "2",
            // Input that ends waits for one more checkpoint.
            "execution.checkpointing.interval", "2s",
            "execution.checkpointing.min-pause", "0s",
            "rest.port", "0",
            // Several runs at once share the machine's ports.
            "metrics.reporters", "none",
            // This path has the job's classes as well, and others that are loaded with them.
            "classloader.resolve-order", "parent-first")
        .forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-c", program.getName(), JAR.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put("FLINK_CONF_DIR", SHIPPED_CONFIGURATION.toAbsolutePath().normalize().toString());
    process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  /**
   * Starts a program.
   *
   * @param directory for its logs and checkpoints
   */
  static FlinkRun start(Class<?> program, Path directory, int heapMegabytes, List<String> arguments)
      throws IOException {
    return new FlinkRun(program, directory, heapMegabytes, arguments);
  }

  /** Waits for the program's end, fails if it has failed, and gives the time since its start. */
  Duration awaitEnd() throws InterruptedException {
    assertThat(process.waitFor()).as(() -> program + ": " + said()).isZero();
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** All that it has said by now. */
  String said() {
    return read(output);
  }

  /** The most that was needed at any full collection of garbage, on the heap. */
  int mostMegabytesNeeded() {
    return LEFT_BY_FULL_COLLECTION
        .matcher(read(collections))
        .results()
        .mapToInt(collection -> Integer.parseInt(collection.group(1)))
        .max()
        .orElse(0);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process where it has not ended by itself. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}

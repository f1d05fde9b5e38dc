package io.candlestream.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server in a process of its own, which goes on when the program that started it ends. A file
 * beside its log tells later programs which process it is.
 */
public final class ServerProcess {

  private static final Duration END_DEADLINE = Duration.ofSeconds(30);

  private final String name;
  private final Path log;
  private final ProcessHandle process;

  private ServerProcess(String name, Path log, ProcessHandle process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a process.
   *
   * @param directory for its log, {@code NAME.log}, to which is added, and its {@code NAME.pid}
   * @param environment variables beyond those of this process
   * @throws IllegalStateException if there is a process of that name already
   */
  public static ServerProcess start(
      Path directory, String name, List<String> command, Map<String, String> environment) {
    find(directory, name)
        .ifPresent(
            running -> {
              throw new IllegalStateException(
                  "%s runs already, as process %d".formatted(name, running.pid()));
            });
    try {
      Files.createDirectories(directory);
      Path log = log(directory, name);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      ProcessHandle process = builder.start().toHandle();
      Files.writeString(pidFile(directory, name), process.pid() + " " + started(process) + "\n");
      return new ServerProcess(name, log, process);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /**
   * The process of that name that was started in a directory, if it is still there: a process that
   * has been given the same number since is another one.
   */
  public static Optional<ServerProcess> find(Path directory, String name) {
    Path file = pidFile(directory, name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String[] noted = Files.readString(file).trim().split(" ");
      return ProcessHandle.of(Long.parseLong(noted[0]))
          .filter(process -> process.isAlive() && started(process).equals(noted[1]))
          .map(process -> new ServerProcess(name, log(directory, name), process));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written to its standard output and error, those before it of its name included. */
  public Path log() {
    return log;
  }

  /** The end of its log, for a message. */
  public String lastWords() {
    try {
      return LastLines.of(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }

  /**
   * Asks it to end, and waits until it has; after half a minute it is killed.
   *
   * @throws IllegalStateException if it does not even end then
   */
  public void stop() {
    process.destroy();
    if (!hasEndedWithin(END_DEADLINE)) {
      kill();
    }
  }

  /**
   * Ends it as a power cut would, and waits until it is gone.
   *
   * @throws IllegalStateException if it is not in time
   */
  public void kill() {
    process.destroyForcibly();
    if (!hasEndedWithin(END_DEADLINE)) {
      throw new IllegalStateException(
          "%s (process %d) does not end".formatted(name, process.pid()));
    }
  }

  private boolean hasEndedWithin(Duration time) {
    try {
      process.onExit().get(time.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot wait for the end of " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + name + " was ending", e);
    }
  }

  /** The moment the process began: with its number, what tells it from all others. */
  private static String started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }

  private static Path log(Path directory, String name) {
    return directory.resolve(name + ".log");
  }

  private static Path pidFile(Path directory, String name) {
    return directory.resolve(name + ".pid");
  }
}

package io.candlestream.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * PostgreSQL's programs on this machine.
 *
 * @param programs the directory of {@code initdb} and {@code pg_ctl}
 * @param shared the directory that holds {@code extension/}
 */
public record PostgresInstallation(Path programs, Path shared) {

  /**
   * The installation that {@code pg_config} describes: the one of the environment variable {@code
   * PG_CONFIG}, else of the search path. Empty where there is none, or where it has no server
   * programs.
   */
  public static Optional<PostgresInstallation> find() {
    String pgConfig = Optional.ofNullable(System.getenv("PG_CONFIG")).orElse("pg_config");
    Optional<Path> programs = ask(pgConfig, "--bindir");
    Optional<Path> shared = ask(pgConfig, "--sharedir");
    if (programs.isEmpty() || shared.isEmpty()) {
      return Optional.empty();
    }
    PostgresInstallation found = new PostgresInstallation(programs.get(), shared.get());
    return Files.isExecutable(found.program("initdb"))
            && Files.isExecutable(found.program("pg_ctl"))
        ? Optional.of(found)
        : Optional.empty();
  }

  /** Whether the TimescaleDB extension is installed beside it, under whichever licence. */
  public boolean offersTimescale() {
    return Files.isRegularFile(shared.resolve("extension").resolve("timescaledb.control"));
  }

  Path program(String name) {
    return programs.resolve(name);
  }

  private static Optional<Path> ask(String pgConfig, String option) {
    Process process;
    try {
      process =
          new ProcessBuilder(pgConfig, option)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException noSuchProgram) {
      return Optional.empty();
    }
    try (var output = process.getInputStream()) {
      String answer = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 && !answer.isEmpty()
          ? Optional.of(Path.of(answer))
          : Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read what %s %s says".formatted(pgConfig, option), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking " + pgConfig, e);
    }
  }
}

package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program as people run it: everything it needs is in the one jar, and nothing but its own
 * words come out.
 */
class SchemaJarIT {
  private static final Path JAR = Path.of("target", "candlestream-schema.jar");

  @TempDir Path directory;

  @Test
  void theJarMigratesByItself() throws IOException, InterruptedException {
    assertThat(JAR).as("built by the package phase").exists();
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Path config =
          Files.writeString(
              directory.resolve("job.yaml"),
              """
              database:
                url: %s
                user: %s
                password: ${CANDLESTREAM_DB_PASSWORD}
              """
                  .formatted(database.url(), database.user()));
      ProcessBuilder command =
          new ProcessBuilder(
                  Jdk.program("java"),
                  "-jar",
                  JAR.toString(),
                  "migrate",
                  "--config",
                  config.toString())
              .redirectErrorStream(true);
      command.environment().put("CANDLESTREAM_DB_PASSWORD", database.password());
      // A JVM given options by the environment says so on standard error.
      command.environment().remove("JAVA_TOOL_OPTIONS");

      Process process = command.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(said)
          .isEqualTo(
              """
              Database  %s
              Edition   postgres (the server has no TimescaleDB)
              Owner     candlestream_owner
              Applied   1 create settings
              Applied   2 add timescaledb
              Applied   3 create market data
              Applied   4 create rejected ticks
              Applied   5 create market data aggregates
              Applied   6 create timeframe indicators
              Applied   7 create reader functions
              Applied   8 create refresh candles
              Applied   9 create operations views
              Applied   10 create rejected rows
              Applied   11 create data quality events
              Applied   12 create job progress
              Applied   13 note replayed rejects
              Applied   14 create trade history
              Applied   15 create portfolio
              Applied   16 create sentiment data
              """
                  .formatted(database.address()));
      assertThat(process.waitFor()).isZero();
    }
  }
}

package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaToolIT {
  @TempDir Path directory;
  private Path config;

  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void writeConfig() throws IOException {
    config =
        Files.writeString(
            directory.resolve("job.yaml"),
            """
            database:
              url: ${URL}
              user: ${DB_USER}
              password: ${DB_PASSWORD}
            """);
  }

  @Test
  void aDryRunSaysWhatIsPendingAndChangesNothing() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Outcome before = run(environment(database), "migrate", "--dry-run");
      assertThat(before.err()).isEmpty();
      assertThat(before.exitCode()).isZero();
      assertThat(before.out().lines())
          .startsWith("Database  " + database.address(), "Pending   1 create settings")
          .endsWith("Pending   16 create sentiment data");

      assertThat(run(environment(database), "info").out()).contains("Edition   none yet");
      assertThat(run(environment(database), "migrate").exitCode()).isZero();
      assertThat(run(environment(database), "migrate", "--dry-run").out())
          .isEqualToIgnoringNewLines(
              "Database  " + database.address() + "\nThe schema is up to date.\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void migrateSaysWhichEditionItChoseAndWhatItDid(Edition edition) {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      Outcome first = run(environment(database), "migrate");

      assertThat(first.err()).isEmpty();
      assertThat(first.exitCode()).isZero();
      assertThat(first.out().lines().filter(line -> !line.startsWith("Policy")).toList())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("Database  " + database.address()),
              line ->
                  assertThat(line)
                      .startsWith("Edition   " + edition.word() + " (the server has ")
                      .contains(
                          switch (edition) {
                            case COMMUNITY -> "Timescale licence";
                            case APACHE -> "Apache licence";
                            case POSTGRES -> "no TimescaleDB";
                          }),
              line -> assertThat(line).isEqualTo("Owner     candlestream_owner"),
              line -> assertThat(line).isEqualTo("Applied   1 create settings"),
              line -> assertThat(line).isEqualTo("Applied   2 add timescaledb"),
              line -> assertThat(line).isEqualTo("Applied   3 create market data"),
              line -> assertThat(line).isEqualTo("Applied   4 create rejected ticks"),
              line -> assertThat(line).isEqualTo("Applied   5 create market data aggregates"),
              line -> assertThat(line).isEqualTo("Applied   6 create timeframe indicators"),
              line -> assertThat(line).isEqualTo("Applied   7 create reader functions"),
              line -> assertThat(line).isEqualTo("Applied   8 create refresh candles"),
              line -> assertThat(line).isEqualTo("Applied   9 create operations views"),
              line -> assertThat(line).isEqualTo("Applied   10 create rejected rows"),
              line -> assertThat(line).isEqualTo("Applied   11 create data quality events"),
              line -> assertThat(line).isEqualTo("Applied   12 create job progress"),
              line -> assertThat(line).isEqualTo("Applied   13 note replayed rejects"),
              line -> assertThat(line).isEqualTo("Applied   14 create trade history"),
              line -> assertThat(line).isEqualTo("Applied   15 create portfolio"),
              line -> assertThat(line).isEqualTo("Applied   16 create sentiment data"));

      Outcome second = run(environment(database), "migrate");

      assertThat(second.exitCode()).isZero();
      assertThat(second.out()).contains("The schema is up to date.").doesNotContain("Applied");
    }
  }

  @Test
  void infoFailsUntilTheDatabaseIsMigrated() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Outcome before = run(environment(database), "info");

      assertThat(before.exitCode()).isEqualTo(1);
      assertThat(before.out())
          .isEqualTo(
              """
              Database  %s
              Edition   none yet
              Interval  none yet

              Version  Migration                       State     Applied at (UTC)
              1        create settings                 Pending
              2        add timescaledb                 Pending
              3        create market data              Pending
              4        create rejected ticks           Pending
              5        create market data aggregates   Pending
              6        create timeframe indicators     Pending
              7        create reader functions         Pending
              8        create refresh candles          Pending
              9        create operations views         Pending
              10       create rejected rows            Pending
              11       create data quality events      Pending
              12       create job progress             Pending
              13       note replayed rejects           Pending
              14       create trade history            Pending
              15       create portfolio                Pending
              16       create sentiment data           Pending

              The schema is not up to date: run migrate.
              """
                  .formatted(database.address()));

      run(environment(database), "migrate", "--set", "candles.interval=30s");
      Outcome after = run(environment(database), "info", "--set", "candles.interval=30s");

      assertThat(after.exitCode()).isZero();
      assertThat(after.out().replaceAll("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "<time>"))
          .isEqualTo(
              """
              Database  %s
              Edition   postgres
              Interval  30s

              Version  Migration                       State     Applied at (UTC)
              1        create settings                 Success   <time>
              2        add timescaledb                 Success   <time>
              3        create market data              Success   <time>
              4        create rejected ticks           Success   <time>
              5        create market data aggregates   Success   <time>
              6        create timeframe indicators     Success   <time>
              7        create reader functions         Success   <time>
              8        create refresh candles          Success   <time>
              9        create operations views         Success   <time>
              10       create rejected rows            Success   <time>
              11       create data quality events      Success   <time>
              12       create job progress             Success   <time>
              13       note replayed rejects           Success   <time>
              14       create trade history            Success   <time>
              15       create portfolio                Success   <time>
              16       create sentiment data           Success   <time>
              """
                  .formatted(database.address()));
    }
  }

  @Test
  void infoFailsOnADatabaseForAnotherIntervalOrEdition() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      run(environment(database), "migrate");

      Outcome interval = run(environment(database), "info", "--set", "candles.interval=5m");
      Outcome edition = run(environment(database), "info", "--set", "schema.edition=apache");

      assertError(
          interval, "holds candles of 1m, but candles.interval is 5m: set candles.interval: 1m");
      assertError(
          edition,
          "was migrated for edition postgres, but schema.edition pins another (edition apache)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "info"})
  void wrongPasswordIsOneClearMessage(String command) {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Outcome outcome =
          run(
              Map.of(
                  "URL", database.url(), "DB_USER", database.user(), "DB_PASSWORD", "open-sesame"),
              command);

      assertError(
          outcome,
          "refuses role %s with this password: correct database.user or database.password"
              .formatted(database.user()));
      assertThat(outcome.err()).doesNotContain("open-sesame");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "info"})
  void missingDatabaseIsOneClearMessageWithTheCommandThatMakesIt(String command) {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      String url = database.url().replace(database.name(), "nowhere");
      Outcome outcome =
          run(
              Map.of("URL", url, "DB_USER", database.user(), "DB_PASSWORD", database.password()),
              command);

      assertError(outcome, "database nowhere does not exist at ");
      assertThat(outcome.err())
          .contains("createdb -h 127.0.0.1 -p ")
          .contains(" -O postgres nowhere");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "info"})
  void unreachableServerIsOneClearMessageWithoutTheSecretsOfItsUrl(String command)
      throws IOException {
    int port = closedPort();
    Map<String, String> environment =
        Map.of(
            "URL", "jdbc:postgresql://127.0.0.1:%d/candles?sslpassword=open-sesame".formatted(port),
            "DB_USER", "somebody",
            "DB_PASSWORD", "open-sesame");

    Outcome outcome = run(environment, command);

    assertError(
        outcome,
        "cannot reach a PostgreSQL server at 127.0.0.1:%d (Connection refused): start it, or correct database.url"
            .formatted(port));
    assertThat(run(environment, command, "--debug").err())
        .contains("\tat io.candlestream.schema.")
        .doesNotContain("open-sesame");
  }

  @Test
  void pinnedEditionThatTheServerLacksIsOneClearMessage() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      assertError(
          run(environment(database), "migrate", "--set", "schema.edition=community"),
          "schema.edition: community, but the server has no TimescaleDB");
    }
  }

  @Test
  void mistakesInTheConfigurationAreReportedBeforeAnythingIsDone() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Outcome outcome =
          run(
              environment(database),
              "migrate",
              "--set",
              "schema.editon=auto",
              "--set",
              "candles.interval=7m");

      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("schema.editon")
          .contains("candles.interval")
          .doesNotContain("\tat ");
      assertThat(run(environment(database), "info").out()).contains("Edition   none yet");
    }
  }

  @Test
  void commandLineWithoutACommandOrConfigIsAUsageError() {
    StringWriter err = new StringWriter();
    assertThat(SchemaTool.run(new PrintWriter(new StringWriter()), new PrintWriter(err), Map.of()))
        .isEqualTo(2);
    assertThat(
            SchemaTool.run(
                new PrintWriter(new StringWriter()), new PrintWriter(err), Map.of(), "migrate"))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("Name a command.")
        .contains("Missing required option: '--config=FILE'");
  }

  private Outcome run(Map<String, String> environment, String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of(command, "--config", config.toString()));
    arguments.addAll(List.of(more));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        SchemaTool.run(
            new PrintWriter(out),
            new PrintWriter(err),
            environment,
            arguments.toArray(String[]::new));
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private static void assertError(Outcome outcome, String message) {
    assertThat(outcome.err()).contains(message).doesNotContain("\tat ").hasLineCount(1);
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  private static Map<String, String> environment(TestDatabase database) {
    return Map.of(
        "URL", database.url(), "DB_USER", database.user(), "DB_PASSWORD", database.password());
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}

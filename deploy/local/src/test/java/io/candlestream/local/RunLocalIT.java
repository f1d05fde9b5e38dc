package io.candlestream.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.config.JobConfig;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Edition;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job of a configuration, and what the user is told when that configuration is wrong. */
class RunLocalIT {

  private static final PostgresServer SERVER =
      PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();
  private static final String TICK =
      """
      {"source":"test","symbol":"A","trade_id":%d,"price":%d,"size":1,"timestamp":"2024-08-08T12:00:00Z"}
      """;

  @TempDir private static Path shared;
  private static KafkaBroker broker;
  private static String migrated;

  @TempDir private Path directory;
  private Path ticks;
  private long size;

  @BeforeAll
  static void startServers() {
    broker = KafkaBroker.start(shared.resolve("kafka"));
    broker.createTopic("ticks", 1);
    migrated = database("run_local");
    migrate(migrated);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void writeTicks() throws IOException {
    ticks =
        Files.writeString(
            directory.resolve("ticks.jsonl"),
            TICK.formatted(1, 10) + TICK.formatted(2, 11) + TICK.formatted(2, 11) + "nonsense\n");
    size = Files.size(ticks);
  }

  @Test
  void boundedInputEndsByItselfWithASummary() throws IOException {
    Output run = run(files(migrated));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("ticks read +4 ")
        .containsPattern("accepted +2\n")
        .containsPattern("rejected +1 +MALFORMED 1\n")
        .containsPattern("duplicates +1\n")
        .containsPattern("market_data +1 +rows written, 0 unchanged")
        .endsWith("\nNothing to refresh: on edition postgres, the higher timeframes are views.\n");
    assertThat(lastProgress(run)).endsWith("100%%  %1$d of %1$d B, 1 of 1 files".formatted(size));
  }

  @Test
  void filesOfADirectoryHaveOneProgress() throws IOException {
    Path days = Files.createDirectory(directory.resolve("days"));
    long size = 0;
    for (int day = 1; day <= 30; day++) {
      Path file = days.resolve("%02d.jsonl.gz".formatted(day));
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        for (int id = 0; id < 1_000; id++) {
          out.write(TICK.formatted(1_000 * day + id, 10).getBytes(UTF_8));
        }
      }
      size += Files.size(file);
    }

    Output run =
        run(files(migratedDatabase("directory")).replace(ticks.toString(), days.toString()));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).containsPattern("ticks read +30,000 ");
    assertThat(lastProgress(run))
        .matches(" .*[0-9] rows  100%  (\\d+\\.\\d) of \\1 kB, 30 of 30 files")
        .contains(String.format(Locale.ROOT, "of %.1f kB", size / 1e3));
  }

  @Test
  void tradesAndOtherRecordsOfAFeedAreToldApart() throws IOException {
    Path csv =
        Files.writeString(
            directory.resolve("ticks.csv"),
            "source,symbol,trade_id,price,size,timestamp\n"
                + "test,A,1,10,1,1723161600000\n"
                + "test,A,2,11,1,1723161601000\n");

    Output run =
        run(
            files(migratedDatabase("feed")).replace(ticks.toString(), csv.toString()),
            "--set",
            "source.format=csv");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("ticks read +2 +=")
        .containsPattern("accepted +2\n")
        .containsPattern("other records +1 +hold no trade");
  }

  @Test
  void aggregatesAreRefreshedWhereTheRoleMayAndElseItIsSaidWhatToRun() throws Exception {
    ServerLookup lookup = PostgresServer.shared(Edition.COMMUNITY);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    PostgresServer server = lookup.server().orElseThrow();
    String url = server.createDatabase("run_local_backfill");
    migrate(server, url);
    try (Connection connection =
            DriverManager.getConnection(url, server.user(), server.password());
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE ROLE run_local_writer LOGIN PASSWORD 'w' IN ROLE candlestream_writer");
    }
    String call = "CALL refresh_candles('2024-08-08T12:00:00Z', '2024-08-08T12:01:00Z');";
    String files = files(url).lines().limit(3).collect(Collectors.joining("\n", "", "\n"));

    Output writer = run(Map.of("DB_PASSWORD", "w"), files + database(url, "run_local_writer"));
    Output owner =
        run(Map.of("DB_PASSWORD", server.password()), files + database(url, server.user()));

    assertThat(writer.err()).isEmpty();
    assertThat(writer.exitCode()).isZero();
    assertThat(writer.out())
        .endsWith(
            "\nRefreshing the aggregates:  "
                + call
                + "\nThe job's role may not do that (ERROR: permission denied to set role"
                + " \"candlestream_owner\"). Run it as a member of candlestream_owner.\n");
    assertThat(owner.exitCode()).isZero();
    assertThat(owner.out())
        .containsPattern("(?s)Refreshing the aggregates:  \\Q" + call + "\\E\n.*up to date, after");
    server.dropDatabase("run_local_backfill");
    try (Connection connection =
            DriverManager.getConnection(
                server.jdbcUrl("postgres"), server.user(), server.password());
        Statement statement = connection.createStatement()) {
      statement.execute("DROP ROLE run_local_writer");
    }
  }

  /** The line before the summary. */
  private static String lastProgress(Output run) {
    List<String> lines = run.out().lines().toList();
    return lines.get(lines.indexOf("Summary") - 2);
  }

  @Test
  void failureOfTheJobIsOneMessage() throws Exception {
    String url = database("failing");
    migrate(url);
    execute(url, "ALTER TABLE market_data DROP COLUMN macd CASCADE");

    Output run =
        run(
            files(url),
            "--set",
            "indicators.warm-start=false",
            "--flink",
            "restart-strategy.type=none");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("the job failed: cannot write 1 rows to market_data")
        .contains("column \"macd\"")
        .doesNotContain("\tat ");
  }

  @Test
  void rowThatTheDatabaseRefusesIsInTheSummary() throws Exception {
    String url = database("refusing");
    migrate(url);
    execute(url, "ALTER TABLE market_data ADD CONSTRAINT none_at_all CHECK (false)");

    Output run = run(files(url), "--flink", "restart-strategy.type=none");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern(
            "market_data +0 +rows written, 0 unchanged, 1 refused: see rejected_rows\n");
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url, SERVER.user(), SERVER.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void debugShowsTheStackTrace() throws IOException {
    Output run = run("nonsense: 1", "--debug");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("\tat ");
  }

  @Test
  void unknownKeyAndWrongTypeAreToldTogether() throws IOException {
    refuses(
        files(migrated) + "candels: {interval: 5s}\ntime: {idle-timeout: soon}\n",
        "candels: unknown key; did you mean candles?",
        "time.idle-timeout: ");
  }

  @Test
  void missingConfigurationFile() {
    Output run = Output.of(RunLocal::run, "--config", "no-such.yaml");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines()).containsExactly("no-such.yaml: there is no such file");
  }

  @Test
  void missingOption() {
    Output run = Output.of(RunLocal::run);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("Missing required option: '--config=FILE'");
  }

  @Test
  void missingDatabase() throws IOException {
    refuses(files(SERVER.jdbcUrl("nowhere")), "database.url: there is no such database at ");
  }

  @Test
  void databaseThatIsNotMigrated() throws IOException {
    refuses(files(database("bare")), "database: ");
  }

  @Test
  void wrongPassword() throws IOException {
    Output run =
        refuses(
            run(Map.of("DB_PASSWORD", "guessed"), files(migrated)),
            "database.user: the server at ");

    assertThat(run.err()).doesNotContain("guessed");
  }

  @Test
  void missingTopic() throws IOException {
    refuses(
        kafka(broker.bootstrapServers(), "no-such-topic"),
        "source.kafka.topics: there is no topic no-such-topic at ");
  }

  @Test
  void missingTopicOfRejects() throws IOException {
    refuses(
        files(migrated)
            + """
            rejects:
              topic: no-such-topic
              kafka: {bootstrap-servers: "%s"}
            """
                .formatted(broker.bootstrapServers()),
        "rejects.topic: there is no topic no-such-topic at ");
  }

  @Test
  void unreachableBroker() throws IOException {
    refuses(
        kafka("localhost:1", "ticks"),
        "source.kafka.bootstrap-servers: no Kafka broker answers at localhost:1");
  }

  @Test
  void missingFileOfTicks() throws IOException {
    Files.delete(ticks);

    refuses(files(migrated), "source.files.paths: there is no readable file at ");
  }

  /** Exit code 2 and one line for each problem, which begins as given. */
  private Output refuses(String config, String... beginnings) throws IOException {
    return refuses(run(config), beginnings);
  }

  private static Output refuses(Output run, String... beginnings) {
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    List<String> lines = run.err().lines().toList();
    assertThat(lines).hasSameSizeAs(beginnings);
    for (int line = 0; line < beginnings.length; line++) {
      assertThat(lines.get(line)).startsWith(beginnings[line]);
    }
    return run;
  }

  private Output run(String config, String... more) throws IOException {
    return run(Map.of("DB_PASSWORD", SERVER.password()), config, more);
  }

  private Output run(Map<String, String> environment, String config, String... more)
      throws IOException {
    List<String> args = new ArrayList<>();
    args.add("--config");
    args.add(Files.writeString(directory.resolve("job.yaml"), config).toString());
    args.add("--flink");
    args.add("execution.checkpointing.dir=" + directory.resolve("checkpoints").toUri());
    args.addAll(List.of(more));
    return Output.of(RunLocal::run, environment, args.toArray(String[]::new));
  }

  private String files(String url) {
    return """
    source:
      type: files
      files: {paths: ["%s"]}
    """
            .formatted(ticks)
        + database(url, SERVER.user());
  }

  private static String kafka(String bootstrapServers, String topic) {
    return """
    source:
      kafka: {bootstrap-servers: "%s", topics: "%s", stop: latest}
    """
            .formatted(bootstrapServers, topic)
        + database(migrated, SERVER.user());
  }

  private static String database(String url, String user) {
    return """
    database: {url: "%s", user: "%s", password: "${DB_PASSWORD}"}
    """
        .formatted(url, user);
  }

  private static String database(String name) {
    return SERVER.createDatabase(name);
  }

  private static String migratedDatabase(String name) {
    String url = database(name);
    migrate(url);
    return url;
  }

  private static void migrate(String url) {
    migrate(SERVER, url);
  }

  private static void migrate(PostgresServer server, String url) {
    Migrations.of(
            JobConfig.of(
                List.of(
                    "database.url=" + url,
                    "database.user=" + server.user(),
                    "database.password=" + server.password(),
                    "schema.retention.base=0")))
        .migrate();
  }
}

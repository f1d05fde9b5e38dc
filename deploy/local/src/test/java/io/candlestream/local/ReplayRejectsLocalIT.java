package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command, from the first look to the second time. */
class ReplayRejectsLocalIT {

  private static final PostgresServer SERVER =
      PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();
  private static final String TICK =
      """
      {"source":"test","symbol":"%s","trade_id":%d,"price":%d,"size":1,"timestamp":"2024-08-08T12:%02d:00Z"}
      """;
  private static final String LIMIT = "validation.price.max=100";

  @TempDir private Path directory;
  private Path ticks;
  private String url;

  /** Of each symbol ten ticks, the last two dearer than 100, and a line that is none. */
  @BeforeEach
  void runTheJob() throws Exception {
    url = SERVER.createDatabase("replay_local_" + System.nanoTime());
    StringBuilder lines = new StringBuilder("broken\n");
    for (int i = 0; i < 20; i++) {
      lines.append(TICK.formatted(i % 2 == 0 ? "A" : "B", i, i < 16 ? 10 : 1_000, i / 2));
    }
    ticks = Files.writeString(directory.resolve("ticks.jsonl"), lines);
    Migrations.of(JobConfig.of(settings(SERVER.password()))).migrate();
    Output job = run(RunLocal::run, "--set", LIMIT);
    assertThat(job.exitCode()).as(job.err()).isZero();
  }

  @Test
  void showsFirstThenReplaysOnce() throws Exception {
    Output dry = run(ReplayRejects::run, "--reason", "INVALID_PRICE", "--dry-run");
    assertThat(dry.err()).isEmpty();
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.out())
        .matches(
            """
            rejects +4   selected
              to be replayed +4   into 4 candles of 2 instruments, from 2024-08-08T12:08:00Z on
            """);
    assertThat(query("SELECT count(*) FROM market_data")).isEqualTo("16");

    Output run = run(ReplayRejects::run, "--reason", "INVALID_PRICE", "--symbol", "A");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("replayed +2   rejects are in their candles now\n")
        .containsPattern("candlestream rebuild\nmarket_data +2 +rows written, 0 unchanged\n");
    assertThat(
            query("SELECT count(*), max(high), count(ema_9) FROM market_data WHERE symbol = 'A'"))
        .isEqualTo("10 1000 2");

    Output again = run(ReplayRejects::run, "--reason", "INVALID_PRICE", "--symbol", "A");
    assertThat(again.exitCode()).isZero();
    assertThat(again.out())
        .isEqualTo("Nothing to replay: no reject is selected that has not been replayed.\n");
  }

  @Test
  void whereNothingCanComeInItSaysWhy() throws Exception {
    Output strict = run(ReplayRejects::run, "--set", LIMIT);

    assertThat(strict.exitCode()).isEqualTo(1);
    assertThat(strict.out())
        .matches(
            """
            rejects +5   selected
              left +5   rejected by the rules as they are configured now, too
            """);
    assertThat(query("SELECT count(*), count(replayed_at), 0 FROM rejected_ticks"))
        .isEqualTo("5 0 0");
  }

  /** Not restarted for ever: no later attempt could say anything else. */
  @Test
  @Timeout(120)
  void whereACandleWouldLoseTradesItSaysWhich() throws Exception {
    Files.writeString(
        ticks,
        """
        {"source":"test","symbol":"C","trade_id":1,"price":10,"size":1,"timestamp":"2024-08-08T13:00:00Z"}
        {"source":"test","symbol":"C","trade_id":2,"price":11,"size":1,"timestamp":"2024-08-08T13:00:01Z"}
        {"source":"test","symbol":"C","trade_id":3,"price":1000,"size":1,"timestamp":"2024-08-08T13:00:02Z"}
        """);
    Output job = run(RunLocal::run, "--set", LIMIT);
    assertThat(job.exitCode()).as(job.err()).isZero();

    Output run = run(ReplayRejects::run, "--symbol", "C", "--set", "validation.price.min=50");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("had 2 trades, but only 1 can be read");
    assertThat(query("SELECT trades, high, 0 FROM market_data WHERE symbol = 'C'"))
        .isEqualTo("2 11 0");
    assertThat(query("SELECT count(replayed_at), 0 FROM rejected_ticks")).isEqualTo("0 0");
  }

  @Test
  void unknownReasonIsNone() throws Exception {
    Output run = run(ReplayRejects::run, "--reason", "TOO_DEAR");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("Invalid value for option '--reason'").contains("ANOMALY");
  }

  @Test
  void timesMustLeaveSomething() throws Exception {
    Output run =
        run(ReplayRejects::run, "--from", "2024-08-09T00:00:00Z", "--to", "2024-08-08T00:00:00Z");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("--from must be before --to\n");
  }

  private Output run(Output.MainLogic command, String... more) throws IOException {
    List<String> args = new ArrayList<>();
    args.add("--config");
    args.add(Files.writeString(directory.resolve("job.yaml"), "{}").toString());
    settings("${DB_PASSWORD}").forEach(setting -> args.addAll(List.of("--set", setting)));
    args.add("--flink");
    args.add("execution.checkpointing.dir=" + directory.resolve("checkpoints").toUri());
    args.addAll(List.of(more));
    return Output.of(
        command, Map.of("DB_PASSWORD", SERVER.password()), args.toArray(String[]::new));
  }

  private List<String> settings(String password) {
    return List.of(
        "source.type=files",
        "source.files.paths=[\"" + ticks + "\"]",
        "database.url=" + url,
        "database.user=" + SERVER.user(),
        "database.password=" + password);
  }

  /** The columns of the one row, a space between. */
  private String query(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url, SERVER.user(), SERVER.password());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      List<String> columns = new ArrayList<>();
      for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
        columns.add(result.getString(column));
      }
      return String.join(" ", columns);
    }
  }
}

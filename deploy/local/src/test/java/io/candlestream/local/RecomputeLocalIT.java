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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, and what the user is told when there is nothing to do. */
class RecomputeLocalIT {

  private static final PostgresServer SERVER =
      PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();
  private static String url;

  @TempDir private Path directory;

  /** Nine candles of two symbols each, without indicators. */
  @BeforeAll
  static void storeCandles() throws SQLException {
    url = SERVER.createDatabase("recompute_local");
    Migrations.of(JobConfig.of(settings(SERVER.password()))).migrate();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO market_data (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
          SELECT symbol, 'test', t, 10, 10, 10, 10, 0, 0, 0, NULL, 1
          FROM unnest('{A,B}'::text[]) symbol,
            generate_series('2024-08-08 12:00Z'::timestamptz, '2024-08-08 12:08Z', '1 minute') t
          """);
    }
  }

  @Test
  void rewritesWhatIsSelectedAndSaysSo() throws Exception {
    Output run = run("--from", "beginning", "--symbol", "?");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("series +2 +recomputed, of 2\n")
        .containsPattern("indicators_5m +2 +rows written, 0 unchanged\n")
        .containsPattern("market_data +2 +rows written, 16 unchanged\n")
        .endsWith("Nothing to refresh: on edition postgres, the higher timeframes are views.\n");
    assertThat(query("SELECT count(*) FROM market_data WHERE ema_9 = 10")).isEqualTo("2");
  }

  @Test
  void nothingSelectedIsAnError() throws IOException {
    Output run = run("--from", "2024-08-08T00:00:00Z", "--symbol", "X*", "--source", "test");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("nothing to recompute: jdbc:postgresql://")
        .endsWith(
            "has no candle at or after 2024-08-08T00:00:00Z with a symbol like X* of a source like"
                + " test\n");
  }

  @Test
  void timeWithoutZoneIsNone() throws IOException {
    Output run = run("--from", "2024-08-08T00:00:00");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("Invalid value for option '--from': '2024-08-08T00:00:00' is neither ISO-8601");
  }

  @Test
  void databaseThatIsNotThere() throws IOException {
    Output run = run("--from", "beginning", "--set", "database.url=" + SERVER.jdbcUrl("nowhere"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("database.url: there is no such database at ");
  }

  private Output run(String... more) throws IOException {
    List<String> args = new ArrayList<>();
    args.add("--config");
    args.add(Files.writeString(directory.resolve("job.yaml"), "{}").toString());
    settings("${DB_PASSWORD}").forEach(setting -> args.addAll(List.of("--set", setting)));
    args.add("--flink");
    args.add("execution.checkpointing.dir=" + directory.resolve("checkpoints").toUri());
    args.addAll(List.of(more));
    return Output.of(
        RecomputeLocal::run, Map.of("DB_PASSWORD", SERVER.password()), args.toArray(String[]::new));
  }

  private static List<String> settings(String password) {
    return List.of(
        "database.url=" + url, "database.user=" + SERVER.user(), "database.password=" + password);
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(url, SERVER.user(), SERVER.password());
  }

  private static String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}

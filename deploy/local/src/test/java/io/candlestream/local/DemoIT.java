package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program: broker, database, job, and what the user is told. */
class DemoIT {

  private static final PostgresServer SERVER =
      PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();

  @Test
  void realTicksGiveTheRowsOfTheBatchComputation() throws Exception {
    Path ticks = SharedData.require("binance-6-streams.jsonl.gz");
    String url = SERVER.createDatabase("demo_real");

    Output demo = demo(url, "--input", ticks.toString());

    assertThat(demo.err()).isEmpty();
    assertThat(demo.exitCode()).isZero();
    assertThat(count(demo, "ticks read")).isEqualTo(78_638);
    assertThat(count(demo, "accepted")).isEqualTo(78_638);
    assertThat(count(demo, "rejected")).isZero();
    assertThat(count(demo, "duplicates")).isZero();
    assertThat(count(demo, "before the start")).isZero();
    assertThat(demo.out()).doesNotContain("fills", "sentiment", "Portfolio");
    List<Row> expected =
        new BatchComputation(Duration.ofMinutes(1), null).marketData(TickRecord.linesOf(ticks));
    try (Connection connection = connect(url)) {
      assertThat(Row.difference(expected, Row.read(connection))).isEmpty();
    }
  }

  @Test
  void summaryOfGeneratedTicksAddsUpAndAgreesWithTheDatabase() throws Exception {
    String url = SERVER.createDatabase("demo_generated");

    Output demo = demo(url, "--ticks", "50000", "--symbols", "200", "--seed", "7");

    assertThat(demo.err()).isEmpty();
    assertThat(demo.exitCode()).isZero();
    assertThat(demo.out())
        .contains("all 50,000 accounted for")
        .contains("Latest candles of the most traded instruments");
    assertThat(count(demo, "ticks read")).isEqualTo(50_000);
    for (String stream : List.of("ticks", "fills", "sentiment")) {
      assertThat(
              count(demo, stream, "accepted")
                  + count(demo, stream, "rejected")
                  + count(demo, stream, "duplicates"))
          .as(stream)
          .isEqualTo(
              count(demo, stream + " read")
                  - (stream.equals("ticks") ? count(demo, "before the start") : 0));
      assertThat(count(demo, stream, "duplicates")).as(stream).isPositive();
      assertThat(number(url, "SELECT count(*) FROM rejected_ticks WHERE stream = '%s'", stream))
          .as(stream)
          .isEqualTo(count(demo, stream, "rejected"))
          .isPositive();
    }
    assertThat(number(url, "SELECT sum(trades) FROM market_data"))
        .isEqualTo(count(demo, "ticks", "accepted"));
    assertThat(number(url, "SELECT count(*) FROM market_data"))
        .isEqualTo(count(demo, "candles closed"));
    assertThat(number(url, "SELECT count(*) FROM trade_history"))
        .isEqualTo(number(url, "SELECT sum(fills) FROM portfolio_positions"))
        .isEqualTo(count(demo, "fills", "accepted"))
        .isBetween(150L, 350L);
    assertThat(number(url, "SELECT count(*) FROM sentiment_data"))
        .isEqualTo(count(demo, "sentiment", "accepted"))
        .isBetween(50L, 150L);
    assertThat(number(url, "SELECT count(*) FROM rejected_ticks"))
        .isEqualTo(count(demo, "rejected_ticks"));
  }

  @Test
  void summaryShowsThePortfolioOfEveryAccountAndTheSentimentOfEveryProvider() throws Exception {
    String url = SERVER.createDatabase("demo_portfolio");

    Output demo = demo(url, "--ticks", "30000", "--symbols", "10", "--seed", "3");

    assertThat(demo.err()).isEmpty();
    assertThat(demo.exitCode()).isZero();
    List<String> portfolio =
        table(demo, "Portfolio, in each currency, rounded (SQL on ops.portfolio)");
    assertThat(portfolio.get(0))
        .matches(
            " *account +currency +positions +unmarked +market value +cost +unrealized +realized"
                + " +fees");
    assertThat(portfolio.stream().skip(1).map(row -> row.strip().split(" +")[0]).distinct())
        .containsExactly("desk-1", "desk-2", "market-maker");
    assertThat(portfolio)
        .anyMatch(row -> row.matches(" *desk-1 +USD +[1-9].*"))
        .anyMatch(row -> row.matches(" *desk-2 +BNB( +0(\\.0+)?){6} +[0-9.]+"))
        .anyMatch(row -> row.matches(" *market-maker +BTC .* -[0-9.]+"));
    assertThat(portfolio).hasSize(1 + (int) number(url, "SELECT count(*) FROM ops.portfolio"));
    assertThat(table(demo, "Sentiment by provider (SQL on sentiment_data)"))
        .satisfiesExactly(
            head -> assertThat(head).contains("provider", "items", "mean score"),
            news -> assertThat(news).contains("sim-news"),
            posts -> assertThat(posts).contains("sim-posts"));
  }

  @Test
  void wrongArgumentsAreToldTogether() {
    Output demo =
        Output.of(Demo::run, "--ticks", "0", "--symbols", "-1", "--input", "no-such-file");

    assertThat(demo.exitCode()).isEqualTo(2);
    assertThat(demo.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("--ticks: "),
            line -> assertThat(line).startsWith("--symbols: "),
            line -> assertThat(line).startsWith("--input: ").endsWith("no-such-file"));
  }

  @Test
  void givenDatabaseWithoutUserIsRefused(@TempDir Path directory) throws Exception {
    Path ticks = Files.createFile(directory.resolve("ticks.jsonl"));

    Output demo =
        Output.of(
            Demo::run,
            "--input",
            ticks.toString(),
            "--database",
            "jdbc:postgresql://localhost/candlestream");

    assertThat(demo.exitCode()).isEqualTo(2);
    assertThat(demo.err()).startsWith("--database: names no user;").hasLineCount(1);
  }

  @Test
  void passwordOnTheCommandLineIsRefusedAndNotRepeated() {
    Output demo =
        Output.of(
            Demo::run,
            "--database",
            "jdbc:postgresql://localhost/candlestream?user=me&password=hunter2");

    assertThat(demo.exitCode()).isEqualTo(2);
    assertThat(demo.err().lines())
        .containsExactly(
            "--database: holds a password, which the list of processes shows; leave it out, and set"
                + " CANDLESTREAM_DB_PASSWORD");
  }

  private static Output demo(String url, String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--database";
    all[args.length + 1] = url + "?user=" + SERVER.user();
    return Output.of(Demo::run, Map.of(DemoDatabase.PASSWORD_VARIABLE, SERVER.password()), all);
  }

  /** The lines below a title. */
  private static List<String> table(Output demo, String title) {
    assertThat(demo.out().lines()).contains(title);
    return demo.out()
        .lines()
        .dropWhile(line -> !line.equals(title))
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .toList();
  }

  /** The number that the summary gives under a head. */
  private static long count(Output demo, String head) {
    return first(demo, "^ *" + head);
  }

  /** The same, under a head of a stream. */
  private static long count(Output demo, String stream, String head) {
    return first(demo, "(?s)^" + stream + " read.*?^  " + head);
  }

  private static long first(Output demo, String head) {
    Matcher line =
        Pattern.compile(head + " +([0-9,]+)( |$)", Pattern.MULTILINE).matcher(demo.out());
    assertThat(line.find()).as("%s in %s", head, demo.out()).isTrue();
    return Long.parseLong(line.group(1).replace(",", ""));
  }

  private static long number(String url, String query, Object... values) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query.formatted(values))) {
      result.next();
      return result.getLong(1);
    }
  }

  private static Connection connect(String url) throws SQLException {
    return DriverManager.getConnection(url, SERVER.user(), SERVER.password());
  }
}

package io.candlestream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that is measured, on little data. */
class DatabaseBenchIT {

  private static final int SYMBOLS = 5;
  private static final int DAYS = 2;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String password = "";

  @Test
  void smallRunMeasuresEverySectionAndLeavesNothingBehind() throws Exception {
    PostgresServer server = SharedServer.community();
    Path json = directory.resolve("measured.json");

    int exitCode =
        run(
            "--symbols",
            "" + SYMBOLS,
            "--days",
            "" + DAYS,
            "--calls",
            "20",
            "--refresh-symbols",
            "3,4",
            "--database",
            withoutPassword(server),
            "--json",
            json.toString());

    assertThat(exitCode).as(err.toString()).isZero();
    assertThat(out.toString())
        .containsPattern("row store +candles\\(symbol, '1m', a day\\) +20 +1,440 +1 ")
        .containsPattern("columnstore +candles\\(symbol, '1m', a day\\) +20 +1,440 +1 ")
        .containsPattern("market_data_5m +one bucket +15 ")
        .containsPattern("market_data_timestamp_symbol_idx +[0-9,]+ ");
    JsonNode measured = new ObjectMapper().readTree(json.toFile());
    assertReads(measured.path("reads"));
    assertIndexes(measured.path("indexes"));
    assertRefreshes(measured.path("refresh").path("refreshes"));
    assertThat(databases(server)).noneMatch(name -> name.startsWith("candlestream_bench"));
  }

  private static void assertReads(JsonNode reads) {
    assertThat(column(reads.path("written"), "rows"))
        .containsExactly(
            // The first candle of a timeframe begins before the data.
            "" + SYMBOLS * DAYS * 24 * 60,
            "" + SYMBOLS * (DAYS * 24 * 12 + 1),
            "" + SYMBOLS * (DAYS * 24 * 4 + 1),
            "" + SYMBOLS * (DAYS * 24 + 1),
            "" + SYMBOLS * (DAYS + 1));
    assertThat(column(reads.path("refreshed"), "aggregate"))
        .containsExactly("market_data_5m", "market_data_15m", "market_data_1h", "market_data_1d");
    JsonNode calls = reads.path("calls");
    assertThat(column(calls, "store"))
        .containsExactly(
            "row store", "row store", "row store", "columnstore", "columnstore", "columnstore");
    assertThat(column(calls, "rows")).containsExactly("1440", "48", "100", "1440", "48", "100");
    calls.forEach(DatabaseBenchIT::assertLatencies);
    assertThat(column(reads.path("columnstore"), "relation")).contains("market_data");
    reads
        .path("columnstore")
        .forEach(
            converted -> assertThat(converted.path("ratio").asDouble()).isBetween(0.01, 100.0));
    assertThat(column(reads.path("without_aggregates"), "rows"))
        .containsExactly("49", "" + 49 * SYMBOLS, "49", "" + 49 * SYMBOLS);
  }

  private static void assertLatencies(JsonNode call) {
    assertThat(call.path("calls").asInt()).isEqualTo(20);
    assertThat(call.path("chunks").asInt()).isBetween(1, 6);
    assertThat(call.path("p50_ms").asDouble()).isBetween(0.01, 10_000.0);
    assertThat(
            List.of(
                call.path("p50_ms").asDouble(),
                call.path("p95_ms").asDouble(),
                call.path("p99_ms").asDouble(),
                call.path("max_ms").asDouble()))
        .isSorted();
  }

  private static void assertIndexes(JsonNode indexes) {
    assertThat(column(indexes.path("writes"), "indexes"))
        .containsExactly(
            "key",
            "key + (symbol, trend_direction, \"timestamp\" DESC)",
            "key + (\"timestamp\" DESC, symbol)",
            "key + (symbol, trend_direction, \"timestamp\" DESC) + (\"timestamp\" DESC, symbol)");
    assertThat(column(indexes.path("writes"), "rows")).containsOnly("" + SYMBOLS * 1440);
    indexes
        .path("writes")
        .forEach(variant -> assertThat(variant.path("ratio").asDouble()).isPositive());
    assertThat(column(indexes.path("reads"), "query")).hasSize(3);
    indexes
        .path("reads")
        .forEach(query -> assertThat(query.path("times_faster").asDouble()).isPositive());
    assertThat(column(indexes.path("sizes"), "index"))
        .containsExactly(
            "market_data_pkey",
            "market_data_symbol_trend_direction_timestamp_idx",
            "market_data_timestamp_symbol_idx");
  }

  private static void assertRefreshes(JsonNode refreshes) {
    assertThat(column(refreshes, "symbols"))
        .containsExactly("3", "3", "3", "3", "3", "3", "3", "4", "4", "4", "4", "4", "4", "4");
    assertThat(column(refreshes, "base_rows"))
        .startsWith("4320", "4320", "4320", "4320", "15", "45", "180");
    refreshes.forEach(refresh -> assertThat(refresh.path("ms").asDouble()).isPositive());
  }

  @Test
  void serverOfAnotherEditionIsRefused() {
    PostgresServer plain = PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();

    int exitCode = run("--database", withoutPassword(plain));

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "the server of --database is of edition POSTGRES, and this measures COMMUNITY");
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThat(run("--days", "1")).isEqualTo(2);
    assertThat(run("--only", "writes")).isEqualTo(2);
    assertThat(run("--database", "jdbc:postgresql:candles?password=secret")).isEqualTo(2);
    assertThat(err.toString())
        .contains("--days: must be 2 or more")
        .contains("--only")
        .contains("--database: holds a password")
        .doesNotContain("secret");
  }

  private int run(String... args) {
    return DatabaseBench.run(
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        Map.of("CANDLESTREAM_DB_PASSWORD", password),
        args);
  }

  private String withoutPassword(PostgresServer server) {
    password = server.password();
    return "%s?user=%s".formatted(server.jdbcUrl("postgres"), server.user());
  }

  private static String url(PostgresServer server) {
    return "%s?user=%s&password=%s"
        .formatted(server.jdbcUrl("postgres"), server.user(), server.password());
  }

  private static List<String> databases(PostgresServer server) throws Exception {
    List<String> names = new ArrayList<>();
    try (var connection = DriverManager.getConnection(url(server));
        var statement = connection.createStatement();
        var databases = statement.executeQuery("SELECT datname FROM pg_database")) {
      while (databases.next()) {
        names.add(databases.getString(1));
      }
    }
    return names;
  }

  /** Every value of a column, as text. */
  private static List<String> column(JsonNode table, String name) {
    List<String> values = new ArrayList<>();
    table.forEach(row -> values.add(row.path(name).asText()));
    return values;
  }
}

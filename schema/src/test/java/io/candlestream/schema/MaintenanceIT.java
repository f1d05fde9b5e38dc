package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaintenanceIT {
  private static final String[] SHORT = {
    "schema.retention.base=6d",
    "schema.refresh.start-offset=4d",
    "schema.columnstore.after=2d",
    "schema.retention.5m=5d",
    "schema.retention.15m=5d",
    "schema.retention.1h=0",
    "schema.retention.1d=10d",
    "schema.retention.rejected-ticks=3d",
    "schema.retention.quality-events=2d",
    "schema.retention.rejected-rows=1d",
    "schema.retention.trade-history=7d",
    "schema.retention.portfolio-snapshots=4d",
    "schema.retention.sentiment-data=12d"
  };

  /** Twenty days of hourly rows, up to now. */
  private static final String ROWS =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      SELECT 'A', 'x', t, 1, 1, 1, 1, 1, 0, 1, 1, 1
      FROM generate_series(date_trunc('hour', now()) - INTERVAL '20 days', now(), INTERVAL '1 hour') t;
      INSERT INTO indicators_5m (symbol, source, "timestamp", trades)
      SELECT symbol, source, "timestamp", trades FROM market_data;
      INSERT INTO indicators_1h (symbol, source, "timestamp", trades)
      SELECT symbol, source, "timestamp", trades FROM market_data;
      INSERT INTO rejected_ticks (topic, partition, "offset", item, record_timestamp, reasons, raw)
      SELECT 't', 0, extract(epoch FROM "timestamp")::bigint, 0, "timestamp", '{LATE}', ''
      FROM market_data;
      INSERT INTO data_quality_events (kind, source, symbol, "timestamp", identity, details)
      SELECT 'PRICE_SPIKE', source, symbol, "timestamp", '7', '{}' FROM market_data;
      INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason)
      SELECT 't', '{}', "timestamp", '{}', '22000', 'any'
      FROM market_data;
      INSERT INTO trade_history (account, source, symbol, fill_id, "timestamp", side, price, size, currency)
      SELECT 'a', source, symbol, '7', "timestamp", 'buy', 1, 1, 'USD' FROM market_data;
      INSERT INTO portfolio_snapshots
        (account, source, symbol, currency, "timestamp", quantity, cost_total, mark, market_value, unrealized_pnl,
         realized_pnl, fills)
      SELECT 'a', source, symbol, 'USD', "timestamp", 1, 1, 1, 1, 0, 0, 1 FROM market_data;
      INSERT INTO sentiment_data (symbol, provider, item_id, "timestamp", score)
      SELECT symbol, 'p', '7', "timestamp", 0.5 FROM market_data;
      """;

  /** What each table's oldest row is, in days. */
  private static final String OLDEST =
      """
      SELECT
        (SELECT round(extract(epoch FROM now() - min("timestamp")) / 86400, 1) FROM market_data),
        (SELECT round(extract(epoch FROM now() - min("timestamp")) / 86400, 1) FROM indicators_5m),
        (SELECT round(extract(epoch FROM now() - min("timestamp")) / 86400, 1) FROM indicators_1h),
        (SELECT round(extract(epoch FROM now() - min(record_timestamp)) / 86400, 1) FROM rejected_ticks)
      """;

  @Test
  void rowsOlderThanTheyAreToBeKeptAreDeleted() throws SQLException {
    try (TestDatabase database = filled(Edition.POSTGRES)) {
      assertThat(
              Maintenance.of(
                      database.config("schema.retention.1d=10d", "schema.refresh.start-offset=4d"))
                  .run())
          .as("one for ever is for ever: the hour, by default a year")
          .contains("market_data: dropped 0 rows older than 365d");

      List<String> done = Maintenance.of(database.config(withoutForEver())).run();

      assertThat(done)
          .satisfiesExactly(
              line ->
                  assertThat(line).matches("market_data: dropped 2(39|40|41) rows older than 10d"),
              line ->
                  assertThat(line).matches("indicators_5m: dropped 3(59|60|61) rows older than 5d"),
              line -> assertThat(line).isEqualTo("indicators_15m: dropped 0 rows older than 5d"),
              line ->
                  assertThat(line).matches("indicators_1h: dropped 2(87|88|89) rows older than 8d"),
              line -> assertThat(line).isEqualTo("indicators_1d: dropped 0 rows older than 10d"),
              line ->
                  assertThat(line)
                      .matches("rejected_ticks: dropped 4(07|08|09) rows older than 3d"),
              line ->
                  assertThat(line)
                      .matches("data_quality_events: dropped 4(31|32|33) rows older than 2d"),
              line ->
                  assertThat(line).matches("rejected_rows: dropped 4(55|56|57) rows older than 1d"),
              line ->
                  assertThat(line).matches("trade_history: dropped 3(11|12|13) rows older than 7d"),
              line ->
                  assertThat(line)
                      .matches("portfolio_snapshots: dropped 3(83|84|85) rows older than 4d"),
              line ->
                  assertThat(line)
                      .matches("sentiment_data: dropped 1(91|92|93) rows older than 12d"),
              line -> assertThat(line).isEqualTo("Statistics are up to date."));
      assertThat(database.rows(OLDEST).get(0))
          .matches("(9\\.9|10\\.0)\\|(4\\.9|5\\.0)\\|(7\\.9|8\\.0)\\|(2\\.9|3\\.0)");
      assertThat(Maintenance.of(database.config(withoutForEver())).run())
          .filteredOn(line -> line.contains("dropped"))
          .allMatch(line -> line.contains("dropped 0 rows"));
    }
  }

  @Test
  void chunksThatHoldOnlyOldRowsAreDropped() throws SQLException {
    try (TestDatabase database = filled(Edition.APACHE)) {
      String young =
          "SELECT count(*) FROM market_data WHERE \"timestamp\" >= now() - INTERVAL '10 days'";
      List<String> before = database.rows(young);

      List<String> done = Maintenance.of(database.config(withoutForEver())).run();

      assertThat(done)
          .anyMatch(line -> line.matches("market_data: dropped 10 chunks older than 10d"))
          .anyMatch(line -> line.matches("portfolio_snapshots: dropped 16 chunks older than 4d"))
          .anyMatch(line -> line.matches("trade_history: dropped [12] chunks older than 7d"))
          .anyMatch(line -> line.matches("sentiment_data: dropped [01] chunks older than 12d"));
      assertThat(database.rows(young)).isEqualTo(before);
      assertThat(
              database.rows(
                  "SELECT min(\"timestamp\") >= now() - INTERVAL '11 days' FROM market_data"))
          .containsExactly("t");
      assertThat(Maintenance.of(database.config(withoutForEver())).run())
          .contains("market_data: dropped 0 chunks older than 10d");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE", "POSTGRES"})
  void timeframeThatIsKeptForEverKeepsTheBaseUnderItsView(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      List<String> before = database.rows("SELECT count(*) FROM market_data");

      assertThat(Maintenance.of(database.config(SHORT)).run())
          .contains("market_data: kept for ever");
      assertThat(database.rows("SELECT count(*) FROM market_data")).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoAtOnceAreAsGoodAsOne(Edition edition) throws SQLException {
    try (TestDatabase database = filled(edition)) {
      List<CompletableFuture<List<String>>> both =
          Stream.of(1, 2)
              .map(
                  run ->
                      CompletableFuture.supplyAsync(
                          () -> Maintenance.of(database.config(withoutForEver())).run()))
              .toList();

      List<List<String>> done = both.stream().map(CompletableFuture::join).toList();
      assertThat(done)
          .allMatch(
              one ->
                  one.contains("Statistics are up to date.")
                      || one.equals(List.of("Another maintain is at work on this database.")))
          .anyMatch(one -> one.contains("Statistics are up to date."));
      assertThat(
              database.rows(
                  "SELECT count(*) FROM market_data WHERE \"timestamp\" >= now() - INTERVAL '10"
                      + " days'"))
          .as("what is young is all there")
          .containsAnyOf("240", "241");
      assertThat(
              database.rows(
                  "SELECT min(\"timestamp\") >= now() - INTERVAL '11 days' FROM market_data"))
          .as("what is old is gone, where no policy sees to it")
          .containsExactly(edition == Edition.COMMUNITY ? "f" : "t");
    }
  }

  @Test
  void whileAnotherIsAtWorkNothingIsDone() throws SQLException {
    try (TestDatabase database = filled(Edition.POSTGRES);
        Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(%d)".formatted(0x6d61696e7461696eL));

      assertThat(Maintenance.of(database.config(withoutForEver())).run())
          .containsExactly("Another maintain is at work on this database.");
    }
  }

  @Test
  void interruptedRunIsFinishedByTheNext() throws Exception {
    try (TestDatabase database = filled(Edition.POSTGRES);
        Connection blocker = database.connect();
        Statement lock = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      // The run gets as far as a row of thirteen days ago, and is then ended by its server.
      lock.execute(
          "SELECT 1 FROM market_data WHERE \"timestamp\" = date_trunc('hour', now()) - INTERVAL '13"
              + " days' FOR UPDATE");
      CompletableFuture<List<String>> run =
          CompletableFuture.supplyAsync(
              () -> Maintenance.of(database.config(withoutForEver())).run());
      String waiting =
          "FROM pg_stat_activity WHERE application_name = 'candlestream-schema' AND wait_event_type"
              + " = 'Lock' AND datname = current_database()";
      while (database.rows("SELECT pid " + waiting).isEmpty()) {
        assertThat(run).isNotDone();
        Thread.sleep(20);
      }
      database.execute("SELECT pg_terminate_backend(pid) " + waiting);

      assertThat(run.handle((done, failed) -> failed != null).get()).isTrue();
      blocker.rollback();
      assertThat(database.rows("SELECT count(*) BETWEEN 300 AND 340 FROM market_data"))
          .as("some days are gone")
          .containsExactly("t");

      Maintenance.of(database.config(withoutForEver())).run();
      assertThat(database.rows(OLDEST).get(0)).matches("(9\\.9|10\\.0)\\|.*");
    }
  }

  private static String[] withoutForEver() {
    return Stream.concat(Stream.of(SHORT), Stream.of("schema.retention.1h=8d"))
        .toArray(String[]::new);
  }

  private static TestDatabase filled(Edition edition) throws SQLException {
    TestDatabase database = TestDatabase.offering(edition);
    database.migrations().migrate();
    database.execute(ROWS);
    return database;
  }
}

package io.candlestream.schema;

import static io.candlestream.config.SchemaConfig.Edition.AUTO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RolesIT {
  private static final String PASSWORD = "role-test";

  private static final String CANDLE =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      VALUES ('A''"B', 'x', '2024-08-08 23:54Z', 1, 1, 1, 1, 1, 0, 1, 1, %d)
      ON CONFLICT (symbol, "timestamp", source) DO UPDATE SET trades = excluded.trades
      """;

  private static final List<String> TABLES =
      List.of(
          "market_data",
          "indicators_5m",
          "indicators_15m",
          "indicators_1h",
          "indicators_1d",
          "rejected_ticks",
          "data_quality_events",
          "rejected_rows",
          "job_progress",
          "trade_history",
          "portfolio_positions",
          "portfolio_snapshots",
          "sentiment_data",
          "candlestream_settings",
          "candlestream_schema_history",
          "retention_horizon");

  @ParameterizedTest
  @EnumSource
  void tablesBelongToTheOwner(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      assertThat(database.migrations(AUTO).migrate().owner()).isEqualTo("candlestream_owner");

      assertThat(
              database.rows(
                  "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public' UNION"
                      + " SELECT DISTINCT viewowner FROM pg_views WHERE schemaname IN ('public',"
                      + " 'ops')"))
          .containsExactly("candlestream_owner");
      assertThat(
              database.rows(
                  "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles"
                      + " WHERE rolname LIKE 'candlestream\\_%' ORDER BY 1"))
          .containsExactly(
              "candlestream_owner|t|f|f|f",
              "candlestream_reader|f|f|f|f",
              "candlestream_writer|f|f|f|f");
    }
  }

  @ParameterizedTest
  @EnumSource
  void readerSeesEverythingAndChangesNothing(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Login reader = new Login(database, "candlestream_reader")) {
      database.execute(CANDLE.formatted(1));

      for (String relation :
          Stream.concat(
                  TABLES.stream(),
                  Stream.of(
                      "market_data_5m",
                      "market_data_15m",
                      "market_data_1h",
                      "market_data_1d",
                      "timeframe_indicators",
                      "sentiment_data_1h",
                      "sentiment_data_1d",
                      "ops.portfolio",
                      "ops.table_stats",
                      "ops.storage",
                      "ops.compression",
                      "ops.jobs",
                      "ops.freshness",
                      "ops.slow_queries",
                      "ops.data_quality"))
              .toList()) {
        reader.execute("SELECT * FROM " + relation);
      }
      reader.execute("SELECT * FROM candles('A''\"B', '1h', '2024-08-08', '2024-08-09')");
      reader.execute("SELECT * FROM candles('A''\"B', '1m', '2024-08-08', '2024-08-09')");
      reader.execute("SELECT * FROM latest_candles('A''\"B')");

      reader.assertMayNot(CANDLE.formatted(2));
      reader.assertMayNot("CALL refresh_candles('2024-08-08', '2024-08-09')");
      reader.assertMayNot("CALL refresh_sentiment('2024-08-08', '2024-08-09')");
      reader.assertMayNot("CALL replay_rejected_rows()");
      for (String table : TABLES) {
        reader.assertMayNot("INSERT INTO %s DEFAULT VALUES".formatted(table));
        reader.assertMayNot("DELETE FROM " + table);
        reader.assertMayNot("TRUNCATE " + table);
        reader.assertMayNot("DROP TABLE " + table);
      }
      reader.assertMayNot("UPDATE market_data SET trades = 7");
      reader.assertMayNot("CREATE TABLE mine (line text)");
      reader.assertMayNot("CREATE TABLE ops.mine (line text)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void writerInsertsAndUpdatesAndNoMore(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Login writer = new Login(database, "candlestream_writer")) {
      writer.execute(CANDLE.formatted(1));
      writer.execute(CANDLE.formatted(2));
      writer.execute(
          "INSERT INTO rejected_ticks (topic, partition, \"offset\", item, record_timestamp,"
              + " reasons, raw) VALUES ('t', 0, 7, 0, '1970-01-01Z', '{LATE}', '') ON CONFLICT DO"
              + " NOTHING");
      writer.execute(
          "INSERT INTO indicators_5m (symbol, source, \"timestamp\", trades) VALUES ('A', 'x',"
              + " '2024-08-08Z', 1)");
      writer.execute(
          "INSERT INTO data_quality_events (kind, source, symbol, \"timestamp\", identity, details)"
              + " VALUES ('PRICE_SPIKE', 'x', 'A', '1970-01-01Z', '7', '{}') ON CONFLICT DO"
              + " NOTHING");
      for (int checkpoint = 1; checkpoint <= 2; checkpoint++) {
        writer.execute(
            "INSERT INTO job_progress (job, stored_until) VALUES ('j', '2024-08-08Z')"
                + " ON CONFLICT (job) DO UPDATE SET updated_at = now()");
      }
      writer.execute("SELECT value FROM candlestream_settings");
      for (String timeframe : List.of("1m", "5m", "15m", "1h", "1d")) {
        writer.execute(
            "SELECT * FROM candles('A', '%s', '2024-08-08Z', '2024-08-09Z')".formatted(timeframe));
      }
      assertThat(database.rows("SELECT trades FROM market_data")).containsExactly("2");
      assertThat(
              writer.rows("SELECT retained_from() = now() - INTERVAL '30 days' + INTERVAL '1 day'"))
          .as("a recompute asks for it")
          .containsExactly(edition == Edition.COMMUNITY ? "t" : "f");

      for (String table : TABLES) {
        // Snapshots of a time at which, as a late fill has told, nothing was held.
        if (!table.equals("portfolio_snapshots")) {
          writer.assertMayNot("DELETE FROM " + table);
        }
        writer.assertMayNot("TRUNCATE " + table);
        writer.assertMayNot("DROP TABLE " + table);
        writer.assertMayNot("ALTER TABLE %s ADD COLUMN more text".formatted(table));
        writer.assertMayNot("CREATE INDEX ON %s ((1))".formatted(table));
      }
      writer.assertMayNot("UPDATE candlestream_settings SET value = 'x'");
      writer.assertMayNot("CREATE TABLE mine (line text)");
      writer.assertMayNot("CALL refresh_candles('2024-08-08', '2024-08-09')");
      writer.assertMayNot("CALL refresh_sentiment('2024-08-08', '2024-08-09')");
    }
  }

  @ParameterizedTest
  @EnumSource
  void writerKeepsTheBooksAndTakesBackSnapshotsAlone(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Login writer = new Login(database, "candlestream_writer")) {
      writer.execute(
          """
          INSERT INTO trade_history
            (account, source, symbol, fill_id, "timestamp", side, price, size, currency)
          VALUES ('a', 'x', 'A', '7', '2024-08-08 23:54:30Z', 'buy', 2, 3, 'USD')
          ON CONFLICT (account, "timestamp", source, symbol, fill_id) DO UPDATE SET order_id = '9'
          """);
      writer.execute(
          """
          INSERT INTO portfolio_positions
            (account, source, symbol, currency, quantity, cost_total, realized_pnl, fees, fills, last_fill_at)
          VALUES ('a', 'x', 'A', 'USD', 3, 6, 0, '{}', 1, '2024-08-08 23:54:30Z')
          ON CONFLICT (account, source, symbol, currency) DO UPDATE SET fills = excluded.fills
          """);
      writer.execute(
          """
          INSERT INTO portfolio_snapshots
            (account, source, symbol, currency, "timestamp", quantity, cost_total, mark, market_value,
             unrealized_pnl, realized_pnl, fills)
          SELECT 'a', 'x', 'A', 'USD', t, 3, 6, 3, 9, 3, 0, 1
          FROM generate_series('2024-08-08 23:54Z'::timestamptz, '2024-08-08 23:59Z', '1 minute') t
          ON CONFLICT (account, source, symbol, currency, "timestamp") DO UPDATE SET fills = excluded.fills
          """);
      writer.execute(
          """
          INSERT INTO sentiment_data (symbol, provider, item_id, "timestamp", score)
          VALUES ('A', 'p', '7', '2024-08-08 23:54:30Z', 0.5)
          ON CONFLICT (symbol, "timestamp", provider, item_id) DO UPDATE SET score = excluded.score
          """);
      if (edition == Edition.COMMUNITY) {
        database.execute("SELECT compress_chunk(show_chunks('portfolio_snapshots'))");
      }

      writer.execute(
          """
          DELETE FROM portfolio_snapshots
          WHERE account = 'a' AND source = 'x' AND symbol = 'A' AND currency = 'USD'
            AND "timestamp" = '2024-08-08 23:57Z'
          """);

      assertThat(
              database.rows(
                  "SELECT to_char(\"timestamp\" AT TIME ZONE 'UTC', 'HH24:MI') FROM"
                      + " portfolio_snapshots ORDER BY \"timestamp\""))
          .containsExactly("23:54", "23:55", "23:56", "23:58", "23:59");
    }
  }

  @ParameterizedTest
  @EnumSource
  void writerReplaysWhatItMayWriteAndMakesNobodyWriteMore(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Login writer = new Login(database, "candlestream_writer")) {
      writer.execute(
          """
          INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason)
          SELECT 'indicators_5m', key, '2024-08-08Z', key || '{"trades": 1, "ema_9": 1.5}', '23514', 'any'
          FROM (
            SELECT jsonb_build_object('symbol', 'A', 'source', 'x', 'timestamp', '2024-08-08Z') AS key
          ) key
          """);
      writer.execute("CALL replay_rejected_rows()");
      assertThat(database.rows("SELECT symbol, ema_9 FROM indicators_5m")).containsExactly("A|1.5");

      writer.execute(
          """
          INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason)
          VALUES (
            'candlestream_settings', '{"name": "edition"}', 'epoch',
            '{"name": "edition", "value": "mine"}', '23514', 'any')
          """);
      writer.assertMayNot("CALL replay_rejected_rows()");
      assertThatThrownBy(() -> database.execute("CALL replay_rejected_rows()"))
          .as("nor the owner, by what a writer has put there")
          .hasMessageContaining(
              "rejected_rows has a row for candlestream_settings, which no writer writes");
      assertThat(database.rows("SELECT value FROM candlestream_settings WHERE name = 'edition'"))
          .containsExactly(edition.word());
    }
  }

  @Test
  void replayWritesToTheColumnstoreWhateverTheServersLimit() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY);
        Login writer = new Login(database, "candlestream_writer")) {
      database.execute(
          """
          INSERT INTO indicators_5m (symbol, source, "timestamp", trades, ema_9)
          SELECT 'A', 'x', t, 3, 1
          FROM generate_series('2024-08-08Z'::timestamptz, '2024-08-08 12:00Z', '5 minutes') t;
          INSERT INTO rejected_rows (table_name, key, "timestamp", content, sqlstate, reason)
          SELECT 'indicators_5m', key, '2024-08-08 01:00Z', key || '{"trades": 3, "ema_9": 2.5}', '23514', 'any'
          FROM (
            SELECT jsonb_build_object(
              'symbol', 'A', 'source', 'x', 'timestamp', '2024-08-08 01:00Z') AS key
          ) key;
          SELECT compress_chunk(show_chunks('indicators_5m'));
          """);
      database.execute(
          "ALTER DATABASE %s SET timescaledb.max_tuples_decompressed_per_dml_transaction = 10"
              .formatted(database.name()));

      writer.execute("CALL replay_rejected_rows('indicators_5m')");

      assertThat(database.rows("SELECT \"timestamp\" FROM indicators_5m WHERE ema_9 = 2.5"))
          .containsExactly("2024-08-08 01:00:00+00");
    }
  }

  @Test
  void writerCorrectsWhatIsInTheColumnstore() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY);
        Login writer = new Login(database, "candlestream_writer")) {
      writer.execute(CANDLE.formatted(1));
      database.execute("SELECT compress_chunk(show_chunks('market_data'))");

      writer.execute(
          "SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0; "
              + CANDLE.formatted(5));

      assertThat(database.rows("SELECT symbol, trades FROM market_data"))
          .containsExactly("A'\"B|5");
      writer.assertMayNot("SELECT drop_chunks('market_data', older_than => now())");
      writer.assertMayNot("SELECT decompress_chunk(show_chunks('market_data'))");
      writer.assertMayNot("SELECT remove_retention_policy('market_data')");
    }
  }

  @ParameterizedTest
  @EnumSource
  void ownerMigratesWhatASuperuserBegan(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Login member = new Login(database, "candlestream_owner")) {
      MigrationResult again =
          database
              .migrations(
                  "database.user=" + member.name,
                  "database.password=" + PASSWORD,
                  "schema.retention.base=40d")
              .migrate();

      assertThat(again.owner()).isEqualTo("candlestream_owner");
      assertThat(again.policies())
          .isEqualTo(
              edition == Edition.COMMUNITY
                  ? List.of(
                      "retention market_data: drop_after 40d, every 1d (was drop_after 30d, every"
                          + " 1d)")
                  : List.of());
      member.execute("CALL refresh_candles('2024-08-08', '2024-08-09')");
      member.execute("CALL refresh_sentiment('2024-08-08', '2024-08-09')");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoReadsOrWritesMayLookWhetherAllIsWell(Edition edition) throws SQLException {
    for (String group : List.of("candlestream_reader", "candlestream_writer")) {
      try (TestDatabase database = TestDatabase.offering(edition);
          Login member = new Login(database, group)) {
        Inspection inspection =
            Inspection.of(
                database.config(
                    "database.user=" + member.name,
                    "database.password=" + PASSWORD,
                    "schema.stale-after=0"));

        assertThat(inspection.check()).as(group).allMatch(Finding::isWell);
        assertThat(inspection.health()).as(group).allMatch(Finding::isWell);
      }
    }
  }

  @Test
  void strangerMayNotLookAndIsToldSo() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
        Login stranger = new Login(database, "pg_read_all_settings")) {
      assertThat(
              Inspection.of(
                      database.config(
                          "database.user=" + stranger.name, "database.password=" + PASSWORD))
                  .health())
          .singleElement()
          .satisfies(
              finding ->
                  assertThat(finding.detail())
                      .contains("permission denied")
                      .endsWith("look as a member of candlestream_reader or candlestream_writer"));
    }
  }

  @Test
  void schemaThatIsOpenToEverybodyIsClosed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC");
      try (Login reader = new Login(database, "candlestream_reader")) {
        reader.assertMayNot("CREATE TABLE mine (line text)");
      }
      // As where the owner has had its right from everybody's.
      database.execute(
          "REVOKE CREATE ON SCHEMA public FROM candlestream_owner; GRANT CREATE ON SCHEMA public TO"
              + " PUBLIC");
      database.migrations().migrate();
      assertThat(Inspection.of(database.config()).check()).allMatch(Finding::isWell);
      database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC");
      assertThat(Inspection.of(database.config()).check())
          .filteredOn(finding -> !finding.isWell())
          .extracting(Finding::subject)
          .containsExactly("roles");
    }
  }

  /** On a server of its own, because roles are a server's. */
  @Test
  void administratorWhoIsNoSuperuserMigrates() throws SQLException {
    try (PostgresServer server = PostgresServer.embedded()) {
      try (Connection connection =
              DriverManager.getConnection(
                  server.jdbcUrl("postgres"), server.user(), server.password());
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE ROLE admin LOGIN CREATEROLE PASSWORD '%s'".formatted(PASSWORD));
        statement.execute("CREATE DATABASE managed OWNER admin");
      }
      JobConfig config =
          JobConfig.of(
              List.of(
                  "database.url=" + server.jdbcUrl("managed"),
                  "database.user=admin",
                  "database.password=" + PASSWORD));

      assertThat(Migrations.of(config).migrate().owner()).isEqualTo("candlestream_owner");
      assertThat(Migrations.of(config).migrate().applied()).isEmpty();
      assertThat(Inspection.of(config).check()).allMatch(Finding::isWell);
    }
  }

  @Test
  void strangerIsToldWhoseTheTablesAre() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
        Login stranger = new Login(database, "pg_read_all_settings")) {
      assertThatThrownBy(
              () ->
                  database
                      .migrations("database.user=" + stranger.name, "database.password=" + PASSWORD)
                      .migrate())
          .isInstanceOf(SchemaException.class)
          .hasMessage(
              "the tables belong to role candlestream_owner, and role %1$s is no member of it: migrate as"
                      .formatted(stranger.name)
                  + " candlestream_owner, or as a superuser GRANT candlestream_owner TO %s;"
                      .formatted(stranger.name));
    }
  }

  /** A role that can log in to a migrated database as a member of another; dropped when closed. */
  private static final class Login implements AutoCloseable {
    private final TestDatabase database;
    private final Connection connection;
    private final String name = "login_" + UUID.randomUUID().toString().replace("-", "");

    Login(TestDatabase database, String group) throws SQLException {
      this.database = database;
      database.migrations(AUTO).migrate();
      database.execute(
          "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE %s".formatted(name, PASSWORD, group));
      connection = DriverManager.getConnection(database.url(), name, PASSWORD);
    }

    void execute(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    List<String> rows(String query) throws SQLException {
      return TestDatabase.rows(query, connection);
    }

    void assertMayNot(String sql) {
      assertThatThrownBy(() -> execute(sql))
          .as(sql)
          .isInstanceOf(SQLException.class)
          .satisfies(
              e ->
                  assertThat(((SQLException) e).getSQLState())
                      .as(e.getMessage())
                      .isEqualTo("42501"));
    }

    @Override
    public void close() throws SQLException {
      connection.close();
      database.execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(name));
    }
  }
}

package io.candlestream.schema;

import static io.candlestream.config.SchemaConfig.Edition.AUTO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.SchemaConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final List<String> ALL =
      List.of(
          "1 create settings",
          "2 add timescaledb",
          "3 create market data",
          "4 create rejected ticks",
          "5 create market data aggregates",
          "6 create timeframe indicators",
          "7 create reader functions",
          "8 create refresh candles",
          "9 create operations views",
          "10 create rejected rows",
          "11 create data quality events",
          "12 create job progress",
          "13 note replayed rejects",
          "14 create trade history",
          "15 create portfolio",
          "16 create sentiment data");

  private static final String CANDLE =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      VALUES ('GRT/BTC', 'x', '2024-08-08 23:54Z', 0.000020295, 0.0000203, 0.00002, 0.00002, 3, 1, 0.00006, 0.00002, 2)
      """;

  @ParameterizedTest
  @EnumSource
  void emptyDatabaseIsMigratedForWhatItsServerOffers(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      MigrationResult result = database.migrations(AUTO).migrate();

      assertThat(result.edition()).isEqualTo(edition);
      assertThat(result.applied()).isEqualTo(ALL);
      assertThat(database.rows("SELECT name, value FROM candlestream_settings ORDER BY name"))
          .containsExactly("candles.interval|PT1M", "edition|" + edition.word());
      assertThat(database.rows("SELECT extname FROM pg_extension WHERE extname = 'timescaledb'"))
          .hasSize(edition == Edition.POSTGRES ? 0 : 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void populatedDatabaseIsLeftAsItIsByASecondMigration(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();
      database.execute(CANDLE);
      List<String> before = database.rows("SELECT *, xmin FROM market_data");

      MigrationResult again = database.migrations(AUTO).migrate();

      assertThat(again.edition()).isEqualTo(edition);
      assertThat(again.applied()).isEmpty();
      assertThat(database.rows("SELECT *, xmin FROM market_data")).hasSize(1).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void marketDataHasTheColumnsThatReadersRelyOn(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "market_data"))
          .containsExactly(
              "symbol text not null",
              "source text not null",
              "timestamp timestamp with time zone not null",
              "open numeric not null",
              "high numeric not null",
              "low numeric not null",
              "close numeric not null",
              "volume numeric not null",
              "buy_volume numeric not null",
              "turnover numeric not null",
              "vwap numeric",
              "trades bigint not null",
              "closed boolean not null = true",
              "ema_9 double precision",
              "ema_21 double precision",
              "ema_50 double precision",
              "ema_200 double precision",
              "rsi_14 double precision",
              "macd double precision",
              "macd_signal double precision",
              "macd_histogram double precision",
              "bb_upper double precision",
              "bb_middle double precision",
              "bb_lower double precision",
              "atr_14 double precision",
              "trend_direction text",
              "volatility_regime text",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "market_data"))
          .containsExactly(
              "market_data_pkey (symbol, \"timestamp\", source)",
              "market_data_symbol_trend_direction_timestamp_idx (symbol, trend_direction,"
                  + " \"timestamp\" DESC)",
              "market_data_timestamp_symbol_idx (\"timestamp\" DESC, symbol)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectedTicksAreKeyedByWhereTheyCameFrom(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "rejected_ticks"))
          .containsExactly(
              "stream text not null = 'ticks'::text",
              "topic text not null",
              "partition integer not null",
              "offset bigint not null",
              "item integer not null",
              "record_timestamp timestamp with time zone not null",
              "reasons text[] not null",
              "source text",
              "symbol text",
              "timestamp timestamp with time zone",
              "raw bytea not null",
              "created_at timestamp with time zone not null = now()",
              "replayed_at timestamp with time zone");
      assertThat(indexes(database, "rejected_ticks"))
          .containsExactly(
              "rejected_ticks_pkey (record_timestamp, topic, partition, \"offset\", item)",
              "rejected_ticks_reasons_idx (reasons)",
              "rejected_ticks_symbol_record_timestamp_idx (symbol, record_timestamp DESC)");

      String reject =
          """
          INSERT INTO rejected_ticks (topic, partition, "offset", item, record_timestamp, reasons, raw)
          VALUES ('ticks', 0, 7, 0, '1970-01-01Z', '%s', '\\x00ff') ON CONFLICT DO NOTHING
          """;
      database.execute(reject.formatted("{MALFORMED,INVALID_PRICE}"));
      database.execute(reject.formatted("{LATE}"));
      assertThat(database.rows("SELECT reasons, raw FROM rejected_ticks"))
          .containsExactly("{MALFORMED,INVALID_PRICE}|\\x00ff");
      assertThatThrownBy(() -> database.execute(reject.formatted("{}")))
          .hasMessageContaining("rejected_ticks_reasons_check");
    }
  }

  @ParameterizedTest
  @EnumSource
  void qualityEventsAreKeyedByWhatHappenedToWhichInstrument(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "data_quality_events"))
          .containsExactly(
              "kind text not null",
              "source text not null",
              "symbol text not null",
              "timestamp timestamp with time zone not null",
              "identity text not null",
              "trade_id text",
              "details jsonb not null",
              "created_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "data_quality_events"))
          .containsExactly(
              "data_quality_events_kind_timestamp_idx (kind, \"timestamp\" DESC)",
              "data_quality_events_pkey (symbol, \"timestamp\", source, kind, identity)");

      String event =
          """
          INSERT INTO data_quality_events (kind, source, symbol, "timestamp", identity, details)
          VALUES ('%s', '%s', 'A', '2024-08-08 23:59:59Z', '%s', '%s') ON CONFLICT DO NOTHING
          """;
      database.execute(event.formatted("PRICE_SPIKE", "x", "7", "{\"price\": 1}"));
      database.execute(event.formatted("PRICE_SPIKE", "x", "7", "{\"price\": 2}"));
      database.execute(event.formatted("PRICE_SPIKE", "x", "8", "{}"));
      database.execute(event.formatted("PRICE_SPIKE", "y", "7", "{}"));
      database.execute(event.formatted("SEQUENCE_GAP", "x", "7", "{}"));
      assertThat(database.rows("SELECT details FROM data_quality_events WHERE identity = '7'"))
          .containsExactlyInAnyOrder("{\"price\": 1}", "{}", "{}");
      assertThat(
              database.rows(
                  "SELECT day, source, kind, events, instruments FROM ops.data_quality ORDER BY 2,"
                      + " 3"))
          .containsExactly(
              "2024-08-08 00:00:00+00|x|PRICE_SPIKE|2|1",
              "2024-08-08 00:00:00+00|x|SEQUENCE_GAP|1|1",
              "2024-08-08 00:00:00+00|y|PRICE_SPIKE|1|1");
      assertThatThrownBy(() -> database.execute(event.formatted("ODD", "x", "7", "{}")))
          .hasMessageContaining("data_quality_events_kind_check");
      assertThatThrownBy(() -> database.execute(event.formatted("PRICE_SPIKE", "x", "9", "[]")))
          .hasMessageContaining("data_quality_events_details_check");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectedRowsAreKeyedByTableAndKey(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "rejected_rows"))
          .containsExactly(
              "table_name text not null",
              "key jsonb not null",
              "timestamp timestamp with time zone not null",
              "content jsonb not null",
              "sqlstate text not null",
              "constraint_name text",
              "reason text not null",
              "refusals bigint not null = 1",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()",
              "resolved_at timestamp with time zone");
      assertThat(indexes(database, "rejected_rows"))
          .containsExactly(
              "rejected_rows_pkey (table_name, key, \"timestamp\")",
              "rejected_rows_waiting_idx (table_name) WHERE (resolved_at IS NULL)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTableAndColumnHasAComment(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(
              database.rows(
                  """
                  SELECT c.relname, a.attname
                  FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'ops')
                  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                  WHERE c.relkind IN ('r', 'p', 'v', 'm')
                    AND c.relname <> 'candlestream_schema_history'
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
                    AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
                  """))
          .isEmpty();
      assertThat(database.rows("SELECT obj_description('market_data'::regclass)"))
          .singleElement()
          .asString()
          .startsWith("Candles of the base interval");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void tablesOfTicksAndCandlesAreHypertables(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(
              database.rows(
                  """
                  SELECT hypertable_name, column_name, time_interval
                  FROM timescaledb_information.dimensions
                  ORDER BY hypertable_name
                  """))
          .contains(
              "indicators_15m|timestamp|30 days",
              "indicators_1d|timestamp|365 days",
              "indicators_1h|timestamp|60 days",
              "indicators_5m|timestamp|10 days",
              "market_data|timestamp|1 day",
              "portfolio_snapshots|timestamp|1 day",
              "sentiment_data|timestamp|7 days",
              "trade_history|timestamp|7 days",
              "data_quality_events|timestamp|7 days",
              "rejected_rows|timestamp|7 days",
              "rejected_ticks|record_timestamp|7 days");
      database.execute(CANDLE);
      assertThat(database.rows("SELECT range_start, range_end FROM timescaledb_information.chunks"))
          .containsExactly("2024-08-08 00:00:00+00|2024-08-09 00:00:00+00");
    }
  }

  @Test
  void candleThatCannotBeIsRefused() throws SQLException {
    Map<String, String> constraintsByChange =
        Map.ofEntries(
            Map.entry("symbol = ''", "symbol"),
            Map.entry("source = ''", "source"),
            Map.entry("\"timestamp\" = '2024-08-08 23:54:30Z'", "timestamp"),
            Map.entry("low = 0.0000201", "low"),
            Map.entry("low = 0", "low"),
            Map.entry("high = 0.0000202", "high"),
            Map.entry("volume = 0.5", "volume"),
            Map.entry("buy_volume = -1", "volume"),
            Map.entry("turnover = -1", "turnover"),
            Map.entry("turnover = 'NaN'", "turnover"),
            Map.entry("\"timestamp\" = 'infinity'", "timestamp"),
            Map.entry("high = 'NaN'", "high"),
            Map.entry("volume = 'Infinity'", "volume"),
            Map.entry("vwap = 'Infinity'", "vwap"),
            Map.entry("vwap = NULL", "vwap"),
            Map.entry("trades = -1", "trades"),
            Map.entry("trades = 0", "trades"),
            Map.entry("rsi_14 = 100.5", "rsi_14"),
            Map.entry("bb_lower = 2, bb_middle = 1", "bb"),
            Map.entry("atr_14 = -1", "atr_14"),
            Map.entry("trend_direction = 'up'", "trend_direction"),
            Map.entry("volatility_regime = 'MILD'", "volatility_regime"));
    assertRefused("market_data", CANDLE, constraintsByChange);
  }

  @Test
  void everyDigitOfATinyAndOfAHugePriceIsKept() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO).migrate();
      String tiny = "0.000000000000000000000000000001";
      String huge = "999999999999999999";

      database.execute(
          """
          INSERT INTO market_data
            (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
          VALUES ('A', 'x', '9999-12-31Z', %s, %s, %s, %s, 0, 0, 0, NULL, 1)
          """
              .formatted(tiny, huge, tiny, huge));

      assertThat(database.rows("SELECT open, close FROM market_data"))
          .containsExactly(tiny + "|" + huge);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void pinnedEditionThatTheServerLacksIsRefusedAndNothingIsMade(Edition pinned)
      throws SQLException {
    Edition offered = pinned == Edition.COMMUNITY ? Edition.APACHE : Edition.POSTGRES;
    try (TestDatabase database = TestDatabase.offering(offered)) {
      Migrations migrations = database.migrations(SchemaConfig.Edition.valueOf(pinned.name()));

      assertThatThrownBy(migrations::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("schema.edition: " + pinned.word())
          .hasMessageContaining(
              "the server has " + (offered == Edition.APACHE ? "TimescaleDB" : "no TimescaleDB"))
          .hasMessageContaining("set schema.edition: auto");
      assertThat(database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
          .isEmpty();
      assertThat(database.rows("SELECT extname FROM pg_extension")).containsExactly("plpgsql");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE", "POSTGRES"})
  void lesserEditionCanBePinnedAndThenStays(Edition lesser) {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      Migrations pinned = database.migrations(SchemaConfig.Edition.valueOf(lesser.name()));
      assertThat(pinned.migrate().edition()).isEqualTo(lesser);
      assertThat(pinned.migrate().applied()).isEmpty();

      assertThatThrownBy(database.migrations(AUTO)::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageStartingWith(database.address() + " was migrated for edition " + lesser.word())
          .hasMessageContaining("Timescale licence (edition community)")
          .hasMessageContaining("set schema.edition: %s to keep it".formatted(lesser.word()));
      assertThatThrownBy(database.migrations(SchemaConfig.Edition.COMMUNITY)::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("schema.edition pins another (edition community)")
          .hasMessageContaining("set schema.edition: %s to keep it".formatted(lesser.word()));
    }
  }

  @Test
  void databaseWhoseServerLostTheExtensionSaysWhatToGiveBack() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO).migrate();
      // As if restored from a server with TimescaleDB to one without.
      database.execute(
          "UPDATE candlestream_settings SET value = 'community' WHERE name = 'edition'");

      assertThatThrownBy(database.migrations(AUTO)::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining(
              "was migrated for edition community, but the server has no TimescaleDB")
          .hasMessageContaining("give the server back what edition community needs");
    }
  }

  @Test
  void anotherIntervalIsRefused() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO, Duration.ofSeconds(15)).migrate();

      assertThatThrownBy(database.migrations(AUTO, Duration.ofMinutes(1))::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessage(
              database.address()
                  + " holds candles of 15s, but candles.interval is 1m: set candles.interval: 15s,"
                  + " or use a new database");
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoMigrationsAtOnceApplyEachMigrationOnce(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      List<MigrationResult> results =
          together(database.migrations(AUTO), database.migrations(AUTO)).stream()
              .map(CompletableFuture::join)
              .toList();

      assertThat(results).flatExtracting(MigrationResult::applied).isEqualTo(ALL);
      assertThat(results).extracting(MigrationResult::edition).containsOnly(edition);
      assertThat(database.rows("SELECT count(*) FROM candlestream_settings")).containsExactly("2");
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofTwoMigrationsAtOnceForDifferentIntervalsOneIsRefused(Edition edition) {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      List<CompletableFuture<MigrationResult>> results =
          together(
              database.migrations(AUTO, Duration.ofMinutes(1)),
              database.migrations(AUTO, Duration.ofSeconds(15)));

      List<Throwable> refusals =
          results.stream()
              .filter(CompletableFuture::isCompletedExceptionally)
              .map(result -> result.handle((none, refusal) -> refusal.getCause()).join())
              .toList();
      assertThat(refusals)
          .singleElement(InstanceOfAssertFactories.THROWABLE)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("holds candles of");
    }
  }

  /** Both have ended when this returns. */
  private static List<CompletableFuture<MigrationResult>> together(
      Migrations one, Migrations other) {
    CyclicBarrier start = new CyclicBarrier(2);
    List<CompletableFuture<MigrationResult>> results =
        Stream.of(one, other)
            .map(
                migrations ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          await(start);
                          return migrations.migrate();
                        },
                        task -> new Thread(task).start()))
            .toList();
    results.forEach(
        result -> assertThat(result.handle((done, failed) -> "ended")).succeedsWithin(DEADLINE));
    return results;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void roleWithoutRightsIsToldWhichItNeeds(Edition edition) throws SQLException {
    String role = "weak_" + edition.word();
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.execute("CREATE ROLE %s LOGIN PASSWORD 'weak'".formatted(role));
      try {
        Migrations migrations =
            database.migrations("database.user=" + role, "database.password=weak");

        assertThatThrownBy(migrations::migrate)
            .isInstanceOf(SchemaException.class)
            .hasMessageContaining("role %s may not do what a migration of".formatted(role))
            .hasMessageContaining(
                "GRANT CREATE ON DATABASE %s TO %s".formatted(database.name(), role));

        database.execute(
            "GRANT CREATE ON DATABASE %s TO %s; GRANT CREATE ON SCHEMA public TO %s"
                .formatted(database.name(), role, role));
        assertThat(migrations.migrate().applied()).isEqualTo(ALL);
      } finally {
        database.execute("DROP OWNED BY %s CASCADE; DROP ROLE %s".formatted(role, role));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void extensionAndTablesOfOthersAreNoObstacle(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.execute("CREATE EXTENSION timescaledb");
      database.execute("CREATE TABLE notes (line text)");

      assertThat(database.migrations(AUTO).migrate().applied()).isEqualTo(ALL);
      assertThat(database.migrations(AUTO).state().isCurrent()).isTrue();
    }
  }

  @Test
  void tableOfOthersByOneOfOurNamesIsAnErrorThatNamesIt() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.execute("CREATE TABLE rejected_ticks (line text)");

      assertThatThrownBy(database.migrations(AUTO)::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("relation \"rejected_ticks\" already exists")
          .hasMessageContaining("use a database of its own");
    }
  }

  @Test
  void editedMigrationIsNoticed() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO).migrate();
      database.execute("UPDATE candlestream_schema_history SET checksum = 7 WHERE version = '3'");

      assertThatThrownBy(database.migrations(AUTO)::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("whose migrations differ from this one's")
          .hasMessageContaining("checksum mismatch for migration version 3");
    }
  }

  @Test
  void stateIsPendingBeforeAndAppliedAfter() {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      Migrations migrations = database.migrations(AUTO, Duration.ofSeconds(30));

      SchemaState before = migrations.state();
      assertThat(before.edition()).isEmpty();
      assertThat(before.interval()).isEmpty();
      assertThat(before.isCurrent()).isFalse();
      assertThat(before.migrations())
          .extracting(SchemaState.Migration::state)
          .containsOnly("Pending")
          .hasSize(ALL.size());

      migrations.migrate();

      SchemaState after = migrations.state();
      assertThat(after.edition()).isEqualTo(Optional.of(Edition.POSTGRES));
      assertThat(after.interval()).isEqualTo(Optional.of(Duration.ofSeconds(30)));
      assertThat(after.isCurrent()).isTrue();
      assertThat(after.migrations())
          .extracting(migration -> migration.version() + " " + migration.description())
          .isEqualTo(ALL);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tradesAreKeyedByAccountAndTime(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "trade_history"))
          .containsExactly(
              "account text not null",
              "source text not null",
              "symbol text not null",
              "fill_id text not null",
              "timestamp timestamp with time zone not null",
              "side text not null",
              "price numeric not null",
              "size numeric not null",
              "currency text not null",
              "fee numeric",
              "fee_currency text",
              "order_id text",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "trade_history"))
          .containsExactly(
              "trade_history_pkey (account, \"timestamp\", source, symbol, fill_id)",
              "trade_history_symbol_source_account_timestamp_idx (symbol, source, account,"
                  + " \"timestamp\" DESC)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void positionsAndTheirSnapshotsAreKeyedByCurrencyToo(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "portfolio_positions"))
          .containsExactly(
              "account text not null",
              "source text not null",
              "symbol text not null",
              "currency text not null",
              "quantity numeric not null",
              "cost_total numeric not null",
              "realized_pnl numeric not null",
              "fees jsonb not null",
              "fills bigint not null",
              "last_fill_at timestamp with time zone not null",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "portfolio_positions"))
          .containsExactly("portfolio_positions_pkey (account, source, symbol, currency)");
      assertThat(columns(database, "portfolio_snapshots"))
          .containsExactly(
              "account text not null",
              "source text not null",
              "symbol text not null",
              "currency text not null",
              "timestamp timestamp with time zone not null",
              "quantity numeric not null",
              "cost_total numeric not null",
              "mark numeric not null",
              "market_value numeric not null",
              "unrealized_pnl numeric not null",
              "realized_pnl numeric not null",
              "fills bigint not null",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "portfolio_snapshots"))
          .containsExactly(
              "portfolio_snapshots_account_timestamp_idx (account, \"timestamp\" DESC)",
              "portfolio_snapshots_pkey (account, source, symbol, currency, \"timestamp\")");
    }
  }

  @ParameterizedTest
  @EnumSource
  void sentimentIsKeyedByInstrumentAndTime(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations(AUTO).migrate();

      assertThat(columns(database, "sentiment_data"))
          .containsExactly(
              "symbol text not null",
              "provider text not null",
              "item_id text not null",
              "timestamp timestamp with time zone not null",
              "score numeric not null",
              "magnitude numeric",
              "text_ref text",
              "created_at timestamp with time zone not null = now()",
              "updated_at timestamp with time zone not null = now()");
      assertThat(indexes(database, "sentiment_data"))
          .containsExactly("sentiment_data_pkey (symbol, \"timestamp\", provider, item_id)");
      for (String aggregate : List.of("sentiment_data_1h", "sentiment_data_1d")) {
        assertThat(columns(database, aggregate))
            .as(aggregate)
            .containsExactly(
                "bucket timestamp with time zone",
                "symbol text",
                "provider text",
                "items bigint",
                "mean_score numeric",
                "min_score numeric",
                "max_score numeric");
      }
    }
  }

  @Test
  void fillThatCannotBeIsRefused() throws SQLException {
    assertRefused(
        "trade_history",
        """
        INSERT INTO trade_history
          (account, source, symbol, fill_id, "timestamp", side, price, size, currency, fee, fee_currency, order_id)
        VALUES ('a', 'x', 'A', '7', '2024-08-08 23:54:30Z', 'buy', 0.000020295, 3, 'USD', -0.1, 'BNB', '9')
        """,
        Map.ofEntries(
            Map.entry("account = ''", "account"),
            Map.entry("source = ''", "source"),
            Map.entry("symbol = ''", "symbol"),
            Map.entry("fill_id = ''", "fill_id"),
            Map.entry("\"timestamp\" = 'infinity'", "timestamp"),
            Map.entry("side = 'BUY'", "side"),
            Map.entry("price = 0", "price"),
            Map.entry("price = 'NaN'", "price"),
            Map.entry("price = 'Infinity'", "price"),
            Map.entry("size = 0", "size"),
            Map.entry("size = 'NaN'", "size"),
            Map.entry("currency = ''", "currency"),
            Map.entry("fee = 'NaN'", "fee"),
            Map.entry("fee = '-Infinity'", "fee"),
            Map.entry("fee = NULL", "fee_currency"),
            Map.entry("fee_currency = NULL", "fee_currency"),
            Map.entry("fee_currency = ''", "fee_currency"),
            Map.entry("order_id = ''", "order_id")),
        "fee = NULL, fee_currency = NULL, order_id = NULL");
  }

  @Test
  void positionThatCannotBeIsRefused() throws SQLException {
    assertRefused(
        "portfolio_positions",
        """
        INSERT INTO portfolio_positions
          (account, source, symbol, currency, quantity, cost_total, realized_pnl, fees, fills, last_fill_at)
        VALUES ('a', 'x', 'A', 'USD', -2, -30.5, -1.5, '{"USD": 0.10, "BNB": -2e-30}', 3, '2024-08-08 23:54:30Z')
        """,
        Map.ofEntries(
            Map.entry("account = ''", "account"),
            Map.entry("source = ''", "source"),
            Map.entry("symbol = ''", "symbol"),
            Map.entry("currency = ''", "currency"),
            Map.entry("quantity = 'NaN'", "quantity"),
            Map.entry("quantity = '-Infinity'", "quantity"),
            Map.entry("quantity = 0", "cost_total"),
            Map.entry("cost_total = 'Infinity'", "cost_total"),
            Map.entry("realized_pnl = 'NaN'", "realized_pnl"),
            Map.entry("fees = '[]'", "fees"),
            Map.entry("fees = '{\"USD\": \"0.1\"}'", "fees"),
            Map.entry("fees = '{\"USD\": 1, \"BNB\": null}'", "fees"),
            Map.entry("fees = '{\"USD\": [1]}'", "fees"),
            Map.entry("fees = '{\"\": 1}'", "fees"),
            Map.entry("fills = 0", "fills"),
            Map.entry("last_fill_at = 'infinity'", "last_fill_at")),
        "quantity = 0, cost_total = 0, fees = '{}'",
        // What a rounded partial close may leave of less than 18 fractional digits.
        "quantity = 1e-30, cost_total = -4e-19",
        "quantity = 1e-30, cost_total = 0");
  }

  @Test
  void snapshotThatCannotBeIsRefused() throws SQLException {
    assertRefused(
        "portfolio_snapshots",
        """
        INSERT INTO portfolio_snapshots
          (account, source, symbol, currency, "timestamp", quantity, cost_total, mark, market_value, unrealized_pnl,
           realized_pnl, fills)
        VALUES ('a', 'x', 'A', 'USD', '2024-08-08 23:54Z', -2, -30.5, 15.30, -30.6, -0.1, 7, 3)
        """,
        Map.ofEntries(
            Map.entry("account = ''", "account"),
            Map.entry("source = ''", "source"),
            Map.entry("symbol = ''", "symbol"),
            Map.entry("currency = ''", "currency"),
            Map.entry("\"timestamp\" = '2024-08-08 23:54:30Z'", "timestamp"),
            Map.entry("\"timestamp\" = 'infinity'", "timestamp"),
            Map.entry("quantity = 0, market_value = 0, unrealized_pnl = 30.5", "quantity"),
            Map.entry("quantity = 'NaN', market_value = 'NaN', unrealized_pnl = 'NaN'", "quantity"),
            Map.entry("cost_total = 'NaN', unrealized_pnl = 'NaN'", "cost_total"),
            Map.entry("mark = 0, market_value = 0, unrealized_pnl = 30.5", "mark"),
            Map.entry("mark = 'NaN', market_value = 'NaN', unrealized_pnl = 'NaN'", "mark"),
            Map.entry("market_value = -30.5, unrealized_pnl = 0", "market_value"),
            Map.entry("unrealized_pnl = 0.1", "unrealized_pnl"),
            Map.entry("realized_pnl = 'Infinity'", "realized_pnl"),
            Map.entry("fills = 0", "fills")),
        "cost_total = 0, unrealized_pnl = -30.6");
  }

  @Test
  void sentimentThatCannotBeIsRefused() throws SQLException {
    assertRefused(
        "sentiment_data",
        """
        INSERT INTO sentiment_data (symbol, provider, item_id, "timestamp", score, magnitude, text_ref)
        VALUES ('A', 'p', '7', '2024-08-08 23:54:30Z', -0.25, 3, 'https://example.com/7')
        """,
        Map.ofEntries(
            Map.entry("symbol = ''", "symbol"),
            Map.entry("provider = ''", "provider"),
            Map.entry("item_id = ''", "item_id"),
            Map.entry("\"timestamp\" = '-infinity'", "timestamp"),
            Map.entry("score = 1.000000000000000000000000000001", "score"),
            Map.entry("score = -1.1", "score"),
            Map.entry("score = 'NaN'", "score"),
            Map.entry("magnitude = -1", "magnitude"),
            Map.entry("magnitude = 'NaN'", "magnitude"),
            Map.entry("text_ref = ''", "text_ref")),
        "score = 1, magnitude = NULL, text_ref = NULL",
        "score = -1, magnitude = 0");
  }

  /** What a row may not be changed to, each with the constraint that says so, and what it may. */
  private static void assertRefused(
      String table, String row, Map<String, String> constraintsByChange, String... changes)
      throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations(AUTO).migrate();
      database.execute(row);

      constraintsByChange.forEach(
          (change, constraint) ->
              assertThatThrownBy(
                      () -> database.execute("UPDATE %s SET %s".formatted(table, change)))
                  .as(change)
                  .hasMessageContaining(
                      "violates check constraint \"%s_%s_check\"".formatted(table, constraint)));
      for (String change : changes) {
        database.execute("UPDATE %s SET %s".formatted(table, change));
      }
    }
  }

  private static List<String> columns(TestDatabase database, String table) throws SQLException {
    return database.rows(
        """
        SELECT attname || ' ' || format_type(atttypid, atttypmod)
          || CASE WHEN attnotnull THEN ' not null' ELSE '' END
          || coalesce(' = ' || pg_get_expr(adbin, adrelid), '')
        FROM pg_attribute
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
        """
            .formatted(table));
  }

  private static List<String> indexes(TestDatabase database, String table) throws SQLException {
    return database.rows(
        """
        SELECT indexname || ' ' || substring(indexdef FROM '\\(.*\\)')
        FROM pg_indexes
        WHERE schemaname = 'public' AND tablename = '%s'
        ORDER BY indexname
        """
            .formatted(table));
  }
}

package io.candlestream.sink;

import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.NONE;
import static io.candlestream.sink.SampleRows.WARM;
import static io.candlestream.sink.SampleRows.decimal;
import static io.candlestream.sink.SampleRows.micros;
import static io.candlestream.sink.SampleRows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import io.candlestream.stack.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an upsert of candles does to the table, on every edition of the database. */
class MarketDataIT {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** In whichever order they come, and whatever their trades, as after a restart. */
  @ParameterizedTest
  @EnumSource(Edition.class)
  void closedCandleReplacesAnOpenOneAndNeverTheOtherWayRound(Edition edition) throws Exception {
    CandleRow shown = open(row("BTC", MIDNIGHT, "10", 7, WARM));
    CandleRow closed = row("BTC", MIDNIGHT, "11", 5);
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(List.of(open(row("BTC", MIDNIGHT, "9", 2))));
      writer.writeBatch(List.of(shown));
      writer.writeBatch(List.of(open(row("BTC", MIDNIGHT, "8", 6))));
      assertThat(database.query("SELECT close, trades, closed FROM market_data"))
          .containsExactly("10|7|f");

      writer.writeBatch(List.of(closed));
      List<Row> stored = database.candles();
      assertThat(database.query("SELECT close, trades, closed FROM market_data"))
          .containsExactly("11|5|t");
      writer.writeBatch(List.of(shown));
      writer.writeBatch(List.of(closed, shown));
      assertThat(database.candles()).isEqualTo(stored);
    }
  }

  private static CandleRow open(CandleRow row) {
    Candle candle = row.candle();
    return new CandleRow(
        new Candle(
            candle.instrument(),
            candle.startMicros(),
            candle.open(),
            candle.high(),
            candle.low(),
            candle.close(),
            candle.volume(),
            candle.buyVolume(),
            candle.turnover(),
            candle.vwap(),
            candle.trades(),
            false),
        row.indicators());
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void everyDigitAndEveryNullIsStoredAsItIs(Edition edition) throws Exception {
    String fine = "0.123456789012345678901234567891";
    Candle candle =
        new Candle(
            new Instrument("coinbase", "GRT/BTC"),
            micros(Instant.parse("9999-12-31T23:59:00Z")),
            decimal("1e35"),
            decimal("100000000000000000000000000000000000.000000000000000000000000000001"),
            decimal(fine),
            decimal("1.500"),
            decimal("12345678901234567890123456789012345678901234567890.1"),
            decimal("0.000"),
            decimal("1e60"),
            decimal("0.000020295000000000"),
            Long.MAX_VALUE,
            true);
    Candle withoutVolume =
        new Candle(
            new Instrument("coinbase", "GRT/BTC"),
            0,
            decimal(fine),
            decimal(fine),
            decimal(fine),
            decimal(fine),
            Decimal.ZERO,
            Decimal.ZERO,
            Decimal.ZERO,
            null,
            1,
            false);

    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(List.of(new CandleRow(candle, WARM), new CandleRow(withoutVolume, NONE)));

      assertThat(database.candles())
          .containsExactly(
              new Row(
                  "GRT/BTC",
                  "coinbase",
                  Instant.parse("1970-01-01T00:00:00Z"),
                  fine,
                  fine,
                  fine,
                  fine,
                  "0",
                  "0",
                  "0",
                  null,
                  1,
                  false,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null),
              new Row(
                  "GRT/BTC",
                  "coinbase",
                  Instant.parse("9999-12-31T23:59:00Z"),
                  "1" + "0".repeat(35),
                  "1" + "0".repeat(35) + ".000000000000000000000000000001",
                  fine,
                  "1.5",
                  "12345678901234567890123456789012345678901234567890.1",
                  "0",
                  "1" + "0".repeat(60),
                  "0.000020295",
                  Long.MAX_VALUE,
                  true,
                  1.1,
                  2.2,
                  3.3,
                  Double.MIN_VALUE,
                  55.5,
                  -0.1,
                  1e-300,
                  Math.nextUp(0.1),
                  Double.MAX_VALUE,
                  100.0 / 3,
                  -7.25,
                  0.0,
                  "SIDEWAYS",
                  "EXTREME"));
      assertThat(writer.rowsWritten()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void unchangedRowsTouchNoTuple(Edition edition) throws Exception {
    List<CandleRow> rows =
        List.of(
            row("A", MIDNIGHT, "1.5", 3, WARM),
            row("A", MIDNIGHT.plus(MINUTE), "1.50", 3, NONE),
            row("B", MIDNIGHT, "0.000000000000000000000000000001", 1, NONE));
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(rows);
      List<String> before = database.tuples();
      List<String> times = times(database);

      writer.writeBatch(rows);

      assertThat(database.tuples()).hasSize(3).isEqualTo(before);
      assertThat(times(database)).isEqualTo(times);
      assertThat(writer.rowsWritten()).isEqualTo(3);
      assertThat(writer.rowsUnchanged()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void onlyTheRowThatChangedIsWritten(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              row("A", MIDNIGHT, "1", 1), row("B", MIDNIGHT, "1", 1), row("C", MIDNIGHT, "1", 1)));
      List<String> before = database.tuples();
      String created = "SELECT created_at FROM market_data WHERE symbol = 'B'";
      List<String> createdBefore = database.query(created);

      writer.writeBatch(
          List.of(
              row("A", MIDNIGHT, "1", 1),
              row("B", MIDNIGHT, "1", 1, WARM),
              row("C", MIDNIGHT, "1", 1)));

      assertThat(database.tuples()).contains(before.get(0), before.get(2)).isNotEqualTo(before);
      assertThat(database.candles()).extracting(Row::ema9).containsExactly(null, 1.1, null);
      assertThat(database.query(created)).isEqualTo(createdBefore);
      assertThat(database.query("SELECT symbol FROM market_data WHERE updated_at > created_at"))
          .containsExactly("B");
      assertThat(writer.rowsWritten()).isEqualTo(4);
      assertThat(writer.rowsUnchanged()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void candleOfFewerTradesNeverReplacesOneOfMore(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "2", 5)));
      List<String> before = database.tuples();

      writer.writeBatch(List.of(row("A", MIDNIGHT, "3", 4)));
      assertThat(database.tuples()).isEqualTo(before);
      assertThat(writer.rowsUnchanged()).isEqualTo(1);

      writer.writeBatch(List.of(row("A", MIDNIGHT, "4", 6)));
      assertThat(database.candles())
          .extracting(Row::close, Row::trades)
          .containsExactly(tuple("4", 6));
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void rebuildMayTakeTradesAway(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer =
            new WriterUnderTest<>(new MarketData(true), database.config())) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "2", 5)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "3", 4)));

      assertThat(database.candles())
          .extracting(Row::close, Row::trades)
          .containsExactly(tuple("3", 4));
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void equalKeysInOneBatchAreMergedIntoTheLatest(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              row("A", MIDNIGHT, "1", 1),
              row("B", MIDNIGHT, "1", 1),
              row("A", MIDNIGHT, "2", 2),
              row("A", MIDNIGHT, "3", 3)));

      assertThat(database.candles()).extracting(Row::close).containsExactly("3", "1");
      assertThat(writer.rowsWritten()).isEqualTo(2);
      assertThat(writer.rowsUnchanged()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void oneStatementTakesTwentyThousandRows(Edition edition) throws Exception {
    List<CandleRow> rows = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      rows.add(
          row("S" + i % 100, MIDNIGHT.plus(MINUTE.multipliedBy(i / 100)), "1." + i + "1", 1 + i));
    }
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<CandleRow> writer =
            new WriterUnderTest<>(
                new MarketData(false), database.config("database.batch-size=100000"))) {
      writer.writeBatch(rows);

      assertThat(writer.rowsWritten()).isEqualTo(20_000);
      assertThat(database.candles())
          .extracting(Row::symbol, Row::timestamp, Row::close, Row::trades)
          .containsExactlyInAnyOrderElementsOf(
              rows.stream()
                  .map(CandleRow::candle)
                  .map(
                      candle ->
                          Tuple.tuple(
                              candle.instrument().symbol(),
                              Instant.EPOCH.plus(candle.startMicros(), ChronoUnit.MICROS),
                              candle.close().toString(),
                              candle.trades()))
                  .toList());
      assertThat(database.query("SELECT count(DISTINCT xmin::text) FROM market_data"))
          .containsExactly("1");
    }
  }

  @Test
  void compressedChunkTakesCorrectionsWhateverTheServersLimit() throws Exception {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      List<CandleRow> rows = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        rows.add(row("A", MIDNIGHT.plus(MINUTE.multipliedBy(i)), "1", 1));
      }
      try (WriterUnderTest<CandleRow> writer = writer(database)) {
        writer.writeBatch(rows);
      }
      compress(database);
      limitDecompression(database);
      assertThatThrownBy(
              () -> database.execute("UPDATE market_data SET closed = false WHERE symbol = 'A'"))
          .as("the server's limit applies to others")
          .hasMessageContaining("limit");

      try (WriterUnderTest<CandleRow> writer = writer(database)) {
        writer.writeBatch(
            List.of(
                row("A", MIDNIGHT, "1", 1),
                row("A", MIDNIGHT.plus(MINUTE), "2", 2, WARM),
                row("A", MIDNIGHT.plus(MINUTE.multipliedBy(2)), "2", 1),
                row("B", MIDNIGHT, "7", 1)));

        assertThat(writer.rowsWritten()).isEqualTo(3);
        assertThat(writer.rowsUnchanged()).isEqualTo(1);
      }
      List<Row> stored = database.candles();
      assertThat(stored).hasSize(1_001);
      assertThat(stored.subList(0, 4)).extracting(Row::close).containsExactly("1", "2", "2", "1");
      assertThat(stored.get(1_000)).extracting(Row::symbol, Row::close).containsExactly("B", "7");
    }
  }

  private static void compress(TestDatabase database) throws Exception {
    database.execute(
        """
        ALTER TABLE market_data SET (
          timescaledb.compress,
          timescaledb.compress_segmentby = 'symbol, source',
          timescaledb.compress_orderby = '"timestamp" DESC')
        """);
    assertThat(database.query("SELECT compress_chunk(c) FROM show_chunks('market_data') c"))
        .isNotEmpty();
  }

  private static void limitDecompression(TestDatabase database) throws Exception {
    database.execute(
        "ALTER DATABASE %s SET timescaledb.max_tuples_decompressed_per_dml_transaction = 10"
            .formatted(database.name()));
  }

  private static WriterUnderTest<CandleRow> writer(TestDatabase database) {
    return new WriterUnderTest<>(new MarketData(false), database.config());
  }

  private static List<String> times(TestDatabase database) throws Exception {
    return database.query(
        "SELECT symbol, \"timestamp\", created_at, updated_at FROM market_data ORDER BY 1, 2");
  }

  private static Tuple tuple(String close, long trades) {
    return Tuple.tuple(close, trades);
  }
}

package io.candlestream.sink;

import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.NONE;
import static io.candlestream.sink.SampleRows.WARM;
import static io.candlestream.sink.SampleRows.decimal;
import static io.candlestream.sink.SampleRows.micros;
import static io.candlestream.sink.SampleRows.rejected;
import static io.candlestream.sink.SampleRows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import io.candlestream.stack.Eventually;
import io.candlestream.stack.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that the database refuses, and how they come in after all. */
@ParameterizedClass
@EnumSource
class RejectedRowsIT {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase database;

  RejectedRowsIT(Edition edition) {
    database = TestDatabase.offering(edition);
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void refusedRowsAreKeptWithTheirReasonAndTheOthersWritten() throws Exception {
    refuse("close < 1000 AND symbol <> 'X'");
    List<CandleRow> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(row("S" + i, MIDNIGHT, i == 17 ? "1000" : "999.5", 1));
    }
    rows.add(50, row("X", MIDNIGHT, "1.50", 7));
    rows.add(51, row("X", MIDNIGHT.plus(MINUTE), "1", 1));

    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(rows);

      assertThat(database.candles()).hasSize(99).noneMatch(row -> row.symbol().equals("X"));
      assertThat(writer.rowsWritten()).isEqualTo(99);
      assertThat(writer.rowsUnchanged()).isZero();
      assertThat(writer.rowsRefused()).isEqualTo(3);
    }
    assertThat(
            database.query(
                """
                SELECT
                  table_name, key, "timestamp" AT TIME ZONE 'UTC', content ->> 'close', sqlstate,
                  constraint_name, refusals, created_at = updated_at, resolved_at
                FROM rejected_rows
                ORDER BY key ->> 'symbol', "timestamp"
                """))
        .containsExactly(
            entry("S17", "00:00:00", "1000"),
            entry("X", "00:00:00", "1.5"),
            entry("X", "00:01:00", "1"));
    assertThat(
            database.query(
                "SELECT DISTINCT reason ~ 'violates check constraint \"by_hand\"' FROM"
                    + " rejected_rows"))
        .containsExactly("t");
  }

  private static String entry(String symbol, String time, String close) {
    return ("market_data|{\"source\": \"venue\", \"symbol\": \"%s\", \"timestamp\":"
            + " \"2024-08-09T%s%s\"}|2024-08-09 %s|%s|23514|by_hand|1|t|null")
        .formatted(symbol, time, "Z", time, close);
  }

  @Test
  void rowComesInByReplayWithEveryDigit() throws Exception {
    Candle fine =
        new Candle(
            new Instrument("coinbase", "GRT/BTC"),
            micros(Instant.parse("2262-12-31T23:59:00Z")),
            decimal("1e35"),
            decimal("100000000000000000000000000000000000.000000000000000000000000000001"),
            decimal("0.123456789012345678901234567891"),
            decimal("1.500"),
            decimal("12345678901234567890123456789012345678901234567890.1"),
            decimal("0.000"),
            decimal("1e60"),
            decimal("0.000020295000000000"),
            Long.MAX_VALUE,
            true);
    List<CandleRow> rows =
        List.of(
            new CandleRow(fine, WARM),
            row("B", MIDNIGHT, "1.10", 2),
            row("C", MIDNIGHT, "3", 1, NONE));
    List<Row> expected;
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(rows);
      expected = database.candles();
    }
    database.execute("TRUNCATE market_data");
    refuse("false");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(rows);
    }
    assertThat(database.candles()).isEmpty();

    accept();
    replay();

    assertThat(expected).hasSize(3);
    assertThat(database.candles()).isEqualTo(expected);
    assertThat(waiting()).isEmpty();
    assertThat(database.query("SELECT count(*) FROM rejected_rows")).containsExactly("3");
  }

  @Test
  void rowThatIsRefusedAgainWaitsOnWithItsNewReason() throws Exception {
    refuse("close < 2");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "2", 1), row("B", MIDNIGHT, "5", 1)));
    }
    String updated = "SELECT updated_at FROM rejected_rows ORDER BY key";
    List<String> before = database.query(updated);
    accept();
    database.execute("ALTER TABLE market_data ADD CONSTRAINT another CHECK (close < 3) NOT VALID");

    replay();

    assertThat(database.candles()).extracting(Row::symbol).containsExactly("A");
    assertThat(
            database.query(
                "SELECT key ->> 'symbol', constraint_name, refusals, resolved_at IS NULL FROM"
                    + " rejected_rows ORDER BY 1"))
        .containsExactly("A|by_hand|1|f", "B|another|2|t");
    assertThat(database.query(updated)).isEqualTo(before);
  }

  @Test
  void refusedCorrectionLeavesTheEarlierRowAndTheEntryHoldsTheNewest() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 1)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1001", 2)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1002", 3)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1001", 2)));

      assertThat(writer.rowsRefused()).isEqualTo(3);
    }
    assertThat(database.candles()).extracting(Row::close).containsExactly("1");
    assertThat(
            database.query("SELECT content ->> 'close', content ->> 'trades' FROM rejected_rows"))
        .as("of the most trades, as a part that is read again replaces nothing")
        .containsExactly("1002|3");

    accept();
    replay();
    assertThat(database.candles()).extracting(Row::close).containsExactly("1002");
  }

  @Test
  void sameRowsRefusedAgainAddNoSecondEntry() throws Exception {
    refuse("close < 1000");
    List<CandleRow> rows = List.of(row("A", MIDNIGHT, "1", 1), row("B", MIDNIGHT, "1000", 1));
    for (int attempt = 0; attempt < 3; attempt++) {
      try (WriterUnderTest<CandleRow> writer = writer()) {
        writer.writeBatch(rows);
      }
    }

    assertThat(
            database.query(
                "SELECT key ->> 'symbol', refusals, updated_at > created_at FROM rejected_rows"))
        .containsExactly("B|3|t");
  }

  @Test
  void newerRowThatGoesInResolvesTheOneThatWaits() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1000", 2), row("B", MIDNIGHT, "1000", 2)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "999", 2)));
    }
    assertThat(waiting()).containsExactly("B");

    // A writer that knows nothing of what was refused before it.
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("B", MIDNIGHT, "998", 2)));
    }
    assertThat(waiting()).isEmpty();

    accept();
    replay();
    assertThat(database.candles())
        .as("what is out of date stays out")
        .extracting(Row::close)
        .containsExactly("999", "998");
  }

  @Test
  void rowThatIsAlreadyThereResolvesTheOneThatWaits() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 2)));
      refuse("close < 1000");
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1000", 2)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 2)));

      assertThat(writer.rowsUnchanged()).isEqualTo(1);
    }
    assertThat(waiting()).isEmpty();
  }

  @Test
  void partOfACandleResolvesNothingAndGivesWay() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1000", 5)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "7", 2)));
    }
    assertThat(database.candles()).extracting(Row::close).containsExactly("7");
    assertThat(waiting()).containsExactly("A");

    accept();
    replay();
    assertThat(database.candles()).extracting(Row::close).containsExactly("1000");
  }

  @Test
  void openCandleNeitherReplacesNorResolvesAClosedOneThatWaits() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(open(row("A", MIDNIGHT, "1001", 7))));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1002", 5), row("B", MIDNIGHT, "1003", 5)));
      writer.writeBatch(List.of(open(row("A", MIDNIGHT, "1004", 6))));
      writer.writeBatch(List.of(open(row("B", MIDNIGHT, "7", 6))));
    }
    assertThat(
            database.query(
                "SELECT key ->> 'symbol', content ->> 'close', resolved_at IS NULL FROM"
                    + " rejected_rows ORDER BY 1"))
        .containsExactly("A|1002|t", "B|1003|t");

    accept();
    replay();
    assertThat(database.candles())
        .extracting(Row::close, Row::closed)
        .containsExactly(Tuple.tuple("1002", true), Tuple.tuple("1003", true));
  }

  @Test
  void closedCandleResolvesAnOpenOneOfMoreTradesThatWaits() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(open(row("A", MIDNIGHT, "1001", 7))));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "9", 5)));
    }
    assertThat(waiting()).isEmpty();
  }

  @Test
  void openCandleGivesWayToTheClosedOneThatIsThere() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "9", 5)));
      refuse("close < 1000");
      writer.writeBatch(List.of(open(row("A", MIDNIGHT, "1001", 7))));
    }
    accept();
    replay();
    assertThat(database.candles()).extracting(Row::close).containsExactly("9");
    assertThat(waiting()).isEmpty();
  }

  private static CandleRow open(CandleRow row) {
    Candle closed = row.candle();
    return new CandleRow(
        new Candle(
            closed.instrument(),
            closed.startMicros(),
            closed.open(),
            closed.high(),
            closed.low(),
            closed.close(),
            closed.volume(),
            closed.buyVolume(),
            closed.turnover(),
            closed.vwap(),
            closed.trades(),
            false),
        row.indicators());
  }

  @Test
  void timeframesIndicatorsWaitAndComeInByTheSameRules() throws Exception {
    database.execute("ALTER TABLE indicators_1h ADD CONSTRAINT by_hand CHECK (trades < 5)");
    try (WriterUnderTest<CandleRow> writer =
        new WriterUnderTest<>(
            new TimeframeIndicators(Timeframe.ONE_HOUR, false), database.config())) {
      writer.writeBatch(
          List.of(
              row("A", MIDNIGHT, "1", 5, WARM),
              row("B", MIDNIGHT, "1", 6, WARM),
              row("C", MIDNIGHT, "1", 2, NONE)));
      writer.writeBatch(List.of(row("B", MIDNIGHT, "1", 4, NONE)));
      assertThat(writer.rowsRefused()).isEqualTo(2);
    }
    assertThat(waiting()).as("fewer trades resolve nothing").containsExactly("A", "B");
    database.execute("ALTER TABLE indicators_1h DROP CONSTRAINT by_hand");

    replay();

    assertThat(
            database.query(
                "SELECT symbol, trades, ema_9, macd_signal FROM indicators_1h ORDER BY 1"))
        .containsExactly("A|5|1.1|1e-300", "B|6|1.1|1e-300", "C|2|null|null");
  }

  @Test
  void rebuildMayTakeTradesAwayFromWhatWaits() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer =
        new WriterUnderTest<>(
            new MarketData(true), database.config("database.allow-shrink=true"))) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1005", 5), row("B", MIDNIGHT, "1005", 5)));
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1002", 2), row("B", MIDNIGHT, "7", 2)));
    }

    assertThat(
            database.query(
                "SELECT key ->> 'symbol', content ->> 'close', resolved_at IS NULL FROM"
                    + " rejected_rows ORDER BY 1"))
        .containsExactly("A|1002|t", "B|1005|f");
  }

  @Test
  void batchOfWhichEveryRowIsRefusedIsKeptWhole() throws Exception {
    refuse("symbol = 'TAKEN'");
    List<CandleRow> rows = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      rows.add(row("S" + i % 100, MIDNIGHT.plus(MINUTE.multipliedBy(i / 100)), "1." + i, 1));
    }
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("TAKEN", MIDNIGHT, "1", 1)));
      writer.writeBatch(rows);

      assertThat(writer.rowsRefused()).isEqualTo(2_000);
      assertThat(writer.rowsWritten()).isEqualTo(1);
    }
    assertThat(database.query("SELECT count(*), count(DISTINCT key) FROM rejected_rows"))
        .containsExactly("2000|2000");

    accept();
    replay();
    assertThat(database.candles()).hasSize(2_001);
    assertThat(waiting()).isEmpty();
  }

  @Test
  void valueOutOfRangeIsRefusedAlone() throws Exception {
    refuse("volume::numeric(6, 2) >= 0");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(
          List.of(
              row("A", MIDNIGHT, "1", 1),
              row("B", MIDNIGHT, "1", 10_000),
              row("C", MIDNIGHT, "1", 1)));
    }

    assertThat(database.candles()).extracting(Row::symbol).containsExactly("A", "C");
    assertThat(database.query("SELECT sqlstate, constraint_name, reason FROM rejected_rows"))
        .containsExactly("22003|null|numeric field overflow");
  }

  @Test
  void rowThatCannotBeKeptEitherFailsTheTask() throws Exception {
    refuse("close < 1000");
    database.execute(
        "ALTER TABLE rejected_rows ADD CONSTRAINT none_either CHECK (table_name <> 'market_data')");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.write(row("A", MIDNIGHT, "1000", 1));

      assertThatThrownBy(writer::flush)
          .isInstanceOf(IOException.class)
          .hasMessage(
              "the database refuses 1 rows of market_data, and refuses to keep them in"
                  + " rejected_rows")
          .rootCause()
          .hasMessageContaining("none_either");
      assertThat(writer.rowsRefused()).isZero();
    }
  }

  @Test
  void sessionLostWhileEntriesAreWrittenIsReplaced() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer();
        Connection blocker = database.connect();
        Statement lock = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE rejected_rows IN EXCLUSIVE MODE");
      writer.write(row("A", MIDNIGHT, "1", 1));
      writer.write(row("B", MIDNIGHT, "1000", 1));
      FutureTask<Void> flush = start(writer::flush);
      String waitsForLock =
          "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'candlestream test %' AND"
              + " wait_event_type = 'Lock' AND datname = current_database()";
      Eventually.holds(() -> assertThat(database.query(waitsForLock)).hasSize(1));
      String lost = database.query(waitsForLock).get(0);

      database.execute("SELECT pg_terminate_backend(%s)".formatted(lost));
      Eventually.holds(
          () -> assertThat(database.query(waitsForLock)).hasSize(1).doesNotContain(lost));
      blocker.commit();

      flush.get();
      assertThat(writer.rowsRefused()).isEqualTo(1);
    }
    assertThat(database.candles()).extracting(Row::symbol).containsExactly("A");
    assertThat(database.query("SELECT key ->> 'symbol', refusals FROM rejected_rows"))
        .containsExactly("B|1");
  }

  /** Of the two, whichever comes second sees what the first has done. */
  @Test
  void replayThatMeetsTheWriterLeavesTheNewerRow() throws Exception {
    refuse("close < 1000");
    try (WriterUnderTest<CandleRow> writer = writer();
        Connection blocker = database.connect();
        Statement other = blocker.createStatement()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1000", 2)));
      accept();
      blocker.setAutoCommit(false);
      other.execute("SELECT FROM rejected_rows FOR UPDATE");
      String waitForLock =
          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
              + " current_database()";
      writer.write(row("A", MIDNIGHT, "999", 2));
      FutureTask<Void> flush = start(writer::flush);
      Eventually.holds(() -> assertThat(database.query(waitForLock)).containsExactly("1"));
      FutureTask<Void> replay = start(this::replay);
      Eventually.holds(() -> assertThat(database.query(waitForLock)).containsExactly("2"));

      blocker.commit();

      flush.get();
      replay.get();
    }
    assertThat(database.candles()).extracting(Row::close).containsExactly("999");
    assertThat(waiting()).isEmpty();
  }

  @Test
  void refusedRejectsOfTicksComeInByTheirOwnRule() throws Exception {
    database.execute(
        "ALTER TABLE rejected_ticks ADD CONSTRAINT by_hand CHECK (reasons <> '{LATE}')");
    Reject late = rejected(7, new byte[] {0, 1, (byte) 0xff}, RejectReason.LATE);
    try (WriterUnderTest<Reject> writer =
        new WriterUnderTest<>(new RejectedTicks(), database.config())) {
      writer.writeBatch(
          List.of(
              late,
              rejected(8, new byte[] {2}, RejectReason.INVALID_PRICE, RejectReason.INVALID_SIZE)));
      assertThat(writer.rowsRefused()).isEqualTo(1);
    }
    assertThat(database.query("SELECT \"offset\" FROM rejected_ticks")).containsExactly("8");
    database.execute("ALTER TABLE rejected_ticks DROP CONSTRAINT by_hand");

    database.execute("CALL replay_rejected_rows('market_data')");
    assertThat(database.query("SELECT \"offset\" FROM rejected_ticks"))
        .as("of another table only")
        .containsExactly("8");
    database.execute("CALL replay_rejected_rows('rejected_ticks')");

    assertThat(
            database.query(
                "SELECT stream, \"offset\", reasons, raw, symbol FROM rejected_ticks ORDER BY 2"))
        .containsExactly(
            "ticks|7|{LATE}|\\x0001ff|null", "ticks|8|{INVALID_PRICE,INVALID_SIZE}|\\x02|null");
    assertThat(database.query("SELECT table_name FROM rejected_rows WHERE resolved_at IS NOT NULL"))
        .containsExactly("rejected_ticks");
  }

  private void refuse(String unless) throws Exception {
    database.execute("ALTER TABLE market_data ADD CONSTRAINT by_hand CHECK (%s)".formatted(unless));
  }

  private void accept() throws Exception {
    database.execute("ALTER TABLE market_data DROP CONSTRAINT by_hand");
  }

  private void replay() throws Exception {
    database.execute("CALL replay_rejected_rows()");
  }

  private List<String> waiting() throws Exception {
    return database.query(
        "SELECT key ->> 'symbol' FROM rejected_rows WHERE resolved_at IS NULL ORDER BY 1");
  }

  private WriterUnderTest<CandleRow> writer() {
    return new WriterUnderTest<>(new MarketData(false), database.config());
  }

  private static FutureTask<Void> start(Eventually.Assertions action) {
    Callable<Void> call =
        () -> {
          action.check();
          return null;
        };
    FutureTask<Void> task = new FutureTask<>(call);
    new Thread(task, "meanwhile").start();
    return task;
  }
}

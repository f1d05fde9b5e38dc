package io.candlestream.sink;

import static io.candlestream.portfolio.SnapshotRow.FOR_EVER;
import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.decimal;
import static io.candlestream.sink.SampleRows.micros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.portfolio.Ledger;
import io.candlestream.portfolio.PositionKey;
import io.candlestream.portfolio.SnapshotRow;
import io.candlestream.servers.Edition;
import io.candlestream.stack.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How snapshots come and go, on every edition of the database. */
@ParameterizedClass
@EnumSource
class PortfolioSnapshotsIT {

  private static final Instrument INSTRUMENT = new Instrument("venue", "A");
  private static final PositionKey POSITION = new PositionKey("desk", "USD");
  private static final int DAY = 1_440;

  private final Edition edition;
  private final TestDatabase database;

  PortfolioSnapshotsIT(Edition edition) {
    this.edition = edition;
    database =
        TestDatabase.offering(
            edition,
            "schema.retention.base=0",
            "schema.retention.portfolio-snapshots=0",
            "schema.retention.sentiment-data=0",
            "schema.columnstore.after=20000d");
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void rangeGoesOfItsPositionAlone() throws Exception {
    List<PositionKey> positions =
        List.of(POSITION, new PositionKey("desk", "EUR"), new PositionKey("other", "USD"));
    List<Instrument> instruments =
        List.of(INSTRUMENT, new Instrument("venue", "B"), new Instrument("elsewhere", "A"));
    List<SnapshotRow> rows = new ArrayList<>();
    for (int minute = 0; minute < 10; minute++) {
      for (Instrument instrument : instruments) {
        for (PositionKey position : positions) {
          rows.add(held(instrument, position, minute, 3));
        }
      }
    }
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(rows);

      writer.writeBatch(List.of(none(3, 6, 3)));

      assertThat(minutes()).containsExactly("0", "1", "2", "6", "7", "8", "9");
      assertThat(database.query("SELECT count(*) FROM portfolio_snapshots"))
          .containsExactly("" + (rows.size() - 3));
      assertThat(writer.rowsWritten()).isEqualTo(rows.size() + 3);

      writer.writeBatch(List.of(none(2, 2, 3), none(8, FOR_EVER, 3), none(5, 7, 3)));

      assertThat(minutes()).containsExactly("0", "1", "2", "7");
      assertThat(database.query("SELECT count(*) FROM portfolio_snapshots"))
          .containsExactly("" + (rows.size() - 6));
    }
  }

  @Test
  void inOneBatchTheRangesGoFirstWhateverTheOrder() throws Exception {
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(held(0, 10, 1));
      writer.writeBatch(List.of(held(5, 3), none(0, FOR_EVER, 2), held(7, 3)));
      assertThat(minutes()).containsExactly("5", "7");

      writer.writeBatch(List.of(held(8, 4), none(8, 9, 4), none(7, 8, 4), held(7, 4)));
      assertThat(minutes()).as("of one key the later counts").containsExactly("5", "7");
    }
  }

  @Test
  void whatKnowsOfFewerFillsNeitherReplacesNorRemoves() throws Exception {
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(held(0, 4, 5));
      List<String> written = rows();

      writer.writeBatch(List.of(none(0, 1, 4), held(1, 4), none(2, FOR_EVER, 4)));
      assertThat(rows()).isEqualTo(written);

      writer.writeBatch(List.of(none(0, 1, 5), held(1, 6), none(2, 3, 6)));
      assertThat(database.query("SELECT fills FROM portfolio_snapshots ORDER BY \"timestamp\""))
          .containsExactly("6", "5");
    }
    try (WriterUnderTest<SnapshotRow> writer = writer("database.allow-shrink=true")) {
      writer.writeBatch(List.of(held(1, 1), none(3, FOR_EVER, 1)));
      assertThat(database.query("SELECT fills FROM portfolio_snapshots")).containsExactly("1");
    }
  }

  @Test
  void refusedRowIsKeptBesideRangesThatGo() throws Exception {
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(held(0, 10, 1));
      database.execute("ALTER TABLE portfolio_snapshots ADD CONSTRAINT by_hand CHECK (fills <> 7)");

      writer.writeBatch(List.of(held(8, 7), none(1, 8, 2), held(9, 2)));

      assertThat(minutes()).containsExactly("0", "8", "9");
      assertThat(writer.rowsRefused()).isEqualTo(1);
      assertThat(
              database.query(
                  "SELECT table_name, content ->> 'fills', constraint_name FROM rejected_rows"))
          .containsExactly("portfolio_snapshots|7|by_hand");
    }
  }

  /** Otherwise a replay would bring back what there must not be. */
  @Test
  void whatWaitsInARangeThatGoesDoesNotComeInAnyMore() throws Exception {
    database.execute(
        "ALTER TABLE portfolio_snapshots ADD CONSTRAINT by_hand CHECK (fills NOT IN (2, 4))");
    Instrument other = new Instrument("venue", "B");
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(held(0, 6, 2));
      writer.writeBatch(List.of(held(6, 4), held(other, POSITION, 3, 2)));
      assertThat(minutes()).isEmpty();

      writer.writeBatch(List.of(none(2, FOR_EVER, 3)));
    }
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(List.of(none(1, 2, 3)));
    }
    database.execute("ALTER TABLE portfolio_snapshots DROP CONSTRAINT by_hand");
    database.execute("CALL replay_rejected_rows()");

    assertThat(minutes()).as("before the ranges, and of more fills").containsExactly("0", "6");
    assertThat(database.query("SELECT count(*) FROM portfolio_snapshots")).containsExactly("3");
  }

  @Test
  void whatWaitsGivesWayToNoneOfFewerFills() throws Exception {
    database.execute(
        "ALTER TABLE portfolio_snapshots ADD CONSTRAINT by_hand CHECK (fills NOT IN (3, 5))");
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(List.of(held(0, 5), held(1, 5), held(2, 5)));
      writer.writeBatch(List.of(held(0, 4), held(1, 6), held(2, 3)));
    }
    database.execute("ALTER TABLE portfolio_snapshots DROP CONSTRAINT by_hand");
    database.execute("CALL replay_rejected_rows()");

    assertThat(database.query("SELECT fills FROM portfolio_snapshots ORDER BY \"timestamp\""))
        .containsExactly("5", "6", "5");
    assertThat(database.query("SELECT * FROM rejected_rows WHERE resolved_at IS NULL")).isEmpty();
  }

  @Test
  void whatGoesOutOfTheColumnstoreLeavesOtherDaysInIt() throws Exception {
    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      for (int day = 0; day < 3; day++) {
        writer.writeBatch(held(day * DAY, day * DAY + 500, 1));
      }
      List<SnapshotRow> others = new ArrayList<>();
      for (int minute = 0; minute < 500; minute++) {
        others.add(held(INSTRUMENT, new PositionKey("other", "USD"), DAY + minute, 1));
      }
      writer.writeBatch(others);
    }
    if (edition == Edition.COMMUNITY) {
      compress();
    }

    try (WriterUnderTest<SnapshotRow> writer = writer()) {
      writer.writeBatch(
          List.of(none(DAY + 100, DAY + 400, 2), held(DAY + 50, 2), held(DAY + 200, 2)));
      assertThat(writer.rowsWritten()).isEqualTo(302);
      for (int i = 0; i < 10; i++) {
        writer.writeBatch(List.of(none(2 * DAY + 490 - i, FOR_EVER, 2)));
      }
      writer.writeBatch(List.of(none(2 * DAY + 100, FOR_EVER, 2)));
    }

    assertThat(
            database.query(
                """
                SELECT extract(day FROM "timestamp"), count(*), sum(fills)
                FROM portfolio_snapshots
                WHERE account = 'desk'
                GROUP BY 1
                ORDER BY 1
                """))
        .containsExactly("9|500|500", "10|201|203", "11|100|100");
    if (edition == Edition.COMMUNITY) {
      assertThat(outOfTheColumnstore())
          .as("rows of the position on the days of the ranges, at most")
          .containsExactly("0", "201", "100");
    }
  }

  private void compress() throws Exception {
    database.execute("SELECT compress_chunk(show_chunks('portfolio_snapshots'))");
    database.execute(
        "ALTER DATABASE %s SET timescaledb.max_tuples_decompressed_per_dml_transaction = 10"
            .formatted(database.name()));
    assertThatThrownBy(() -> database.execute("UPDATE portfolio_snapshots SET fills = 2"))
        .as("the server's limit applies to others")
        .hasMessageContaining("limit");
  }

  /** How many rows of each day are not in the columnstore. */
  private List<String> outOfTheColumnstore() throws Exception {
    List<String> counts = new ArrayList<>();
    for (String chunk : database.query("SELECT show_chunks('portfolio_snapshots') ORDER BY 1")) {
      counts.addAll(database.query("SELECT count(*) FROM ONLY " + chunk));
    }
    return counts;
  }

  private WriterUnderTest<SnapshotRow> writer(String... settings) {
    return new WriterUnderTest<>(
        new PortfolioSnapshots(database.config(settings).allowShrink()), database.config(settings));
  }

  /** The minutes since midnight at which the position is in the table. */
  private List<String> minutes() throws Exception {
    return database.query(
        """
        SELECT (extract(epoch FROM "timestamp" - '%s') / 60)::int
        FROM portfolio_snapshots
        WHERE account = 'desk' AND currency = 'USD' AND source = 'venue' AND symbol = 'A'
        ORDER BY 1
        """
            .formatted(MIDNIGHT));
  }

  private List<String> rows() throws Exception {
    return database.query("SELECT * FROM portfolio_snapshots ORDER BY \"timestamp\"");
  }

  private static List<SnapshotRow> held(int fromMinute, int untilMinute, long fills) {
    List<SnapshotRow> rows = new ArrayList<>();
    for (int minute = fromMinute; minute < untilMinute; minute++) {
      rows.add(held(minute, fills));
    }
    return rows;
  }

  private static SnapshotRow held(int minute, long fills) {
    return held(INSTRUMENT, POSITION, minute, fills);
  }

  private static SnapshotRow held(
      Instrument instrument, PositionKey position, int minute, long fills) {
    return new SnapshotRow(
        instrument,
        position,
        at(minute),
        0,
        decimal("10"),
        new Ledger(decimal("2"), decimal("19"), Decimal.ZERO, List.of(), fills, 0));
  }

  private static SnapshotRow none(int fromMinute, long untilMinute, long fills) {
    return new SnapshotRow(
        INSTRUMENT,
        POSITION,
        at(fromMinute),
        untilMinute == FOR_EVER ? FOR_EVER : at(untilMinute),
        null,
        new Ledger(Decimal.ZERO, Decimal.ZERO, Decimal.ZERO, List.of(), fills, 0));
  }

  private static long at(long minute) {
    return micros(MIDNIGHT.plus(Duration.ofMinutes(minute)));
  }
}

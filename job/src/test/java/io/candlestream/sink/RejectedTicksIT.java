package io.candlestream.sink;

import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.micros;
import static io.candlestream.sink.SampleRows.rejected;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.servers.Edition;
import io.candlestream.stack.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of rejected ticks, on every edition of the database. */
class RejectedTicksIT {

  private static final int MEBIBYTE = 1 << 20;
  private static final int LARGE_RECORDS = 64;

  @ParameterizedTest
  @EnumSource(Edition.class)
  void rowHoldsAllThatIsKnownOfTheTick(Edition edition) throws Exception {
    Instant time = Instant.parse("9999-12-31T23:59:59.999999Z");
    Reject tick =
        new Reject(
            Input.TICKS,
            new Origin("ticks-1", 7, Long.MAX_VALUE, 2, MIDNIGHT.toEpochMilli() + 1),
            "{}".getBytes(StandardCharsets.UTF_8),
            List.of(RejectReason.INVALID_PRICE, RejectReason.FUTURE),
            "binance",
            "BTC/USDT",
            micros(time));
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      writer.writeBatch(List.of(tick, rejected(0, new byte[0], RejectReason.MALFORMED)));

      assertThat(
              database.query(
                  """
                  SELECT stream, topic, partition, "offset", item,
                         record_timestamp AT TIME ZONE 'UTC', reasons, source, symbol,
                         "timestamp" AT TIME ZONE 'UTC', raw
                    FROM rejected_ticks ORDER BY "offset"
                  """))
          .containsExactly(
              "ticks|ticks|3|0|0|2024-08-09 00:00:00|{MALFORMED}|null|null|null|\\x",
              "ticks|ticks-1|7|9223372036854775807|2|2024-08-09 00:00:00.001"
                  + "|{INVALID_PRICE,FUTURE}|binance|BTC/USDT|9999-12-31 23:59:59.999999|\\x7b7d");
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void rawBytesAreKeptWhateverTheyAre(Edition edition) throws Exception {
    List<byte[]> records = new ArrayList<>();
    records.add(new byte[0]);
    records.add(new byte[] {0});
    records.add(new byte[] {'\\', 'x', '0', '0', '"', ',', '{', '}', '\'', '\n', -1, 0, 127, -128});
    records.add("NULL".getBytes(StandardCharsets.UTF_8));
    byte[] large = new byte[MEBIBYTE];
    new Random(1).nextBytes(large);
    records.add(large);

    List<Reject> ticks = new ArrayList<>();
    for (byte[] record : records) {
      ticks.add(rejected(ticks.size(), record, RejectReason.MALFORMED));
    }
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      writer.writeBatch(ticks);

      assertThat(raw(database)).containsExactlyElementsOf(records);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void batchOfLargeRecordsIsWritten(Edition edition) throws Exception {
    byte[] large = new byte[MEBIBYTE];
    new Random(2).nextBytes(large);
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      for (int i = 0; i < LARGE_RECORDS; i++) {
        writer.write(rejected(i, large, RejectReason.MALFORMED));
      }
      writer.flush();

      assertThat(
              database.query(
                  "SELECT count(*), min(octet_length(raw)), count(DISTINCT md5(raw))"
                      + " FROM rejected_ticks"))
          .containsExactly(LARGE_RECORDS + "|" + MEBIBYTE + "|1");
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void firstVerdictStands(Edition edition) throws Exception {
    byte[] raw = {1, 2, 3};
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              rejected(1, raw, RejectReason.LATE),
              rejected(1, raw, RejectReason.STALE),
              rejected(2, raw, RejectReason.FUTURE)));
      writer.writeBatch(
          List.of(rejected(2, raw, RejectReason.STALE), rejected(3, raw, RejectReason.STALE)));

      assertThat(database.query("SELECT \"offset\", reasons FROM rejected_ticks ORDER BY 1"))
          .containsExactly("1|{LATE}", "2|{FUTURE}", "3|{STALE}");
      assertThat(writer.rowsWritten()).isEqualTo(3);
      assertThat(writer.rowsUnchanged()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void replayAddsNothing(Edition edition) throws Exception {
    List<Reject> ticks = new ArrayList<>();
    for (int offset = 0; offset < 500; offset++) {
      ticks.add(rejected(offset, new byte[] {(byte) offset}, RejectReason.MALFORMED));
    }
    String tuples = "SELECT \"offset\", tableoid, ctid, xmin FROM rejected_ticks ORDER BY 1";
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      writer.writeBatch(ticks);
      List<String> before = database.query(tuples);

      writer.writeBatch(ticks);

      assertThat(database.query(tuples)).hasSize(500).isEqualTo(before);
      assertThat(writer.rowsWritten()).isEqualTo(500);
      assertThat(writer.rowsUnchanged()).isEqualTo(500);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void recordsWithAbsurdTimestampsAreKept(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<Reject> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              at(0, 0),
              at(1, Instant.parse("2099-01-01T00:00:00Z").toEpochMilli()),
              at(2, Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli())));

      assertThat(
              database.query(
                  "SELECT record_timestamp AT TIME ZONE 'UTC' FROM rejected_ticks ORDER BY 1"))
          .containsExactly("1970-01-01 00:00:00", "2099-01-01 00:00:00", "9999-12-31 23:59:59.999");
    }
  }

  private static Reject at(long offset, long recordTimestampMillis) {
    return new Reject(
        Input.TICKS,
        new Origin("ticks", 0, offset, 0, recordTimestampMillis),
        new byte[0],
        List.of(RejectReason.MALFORMED),
        null,
        null,
        null);
  }

  private static WriterUnderTest<Reject> writer(TestDatabase database) {
    return new WriterUnderTest<>(new RejectedTicks(), database.config());
  }

  private static List<byte[]> raw(TestDatabase database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT raw FROM rejected_ticks ORDER BY \"offset\"")) {
      List<byte[]> raw = new ArrayList<>();
      while (result.next()) {
        raw.add(result.getBytes(1));
      }
      return raw;
    }
  }
}

package io.candlestream.sink;

import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.micros;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Instrument;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.quality.Deviation;
import io.candlestream.quality.Gap;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.QualityKind;
import io.candlestream.servers.Edition;
import io.candlestream.stack.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of quality events, on every edition of the database. */
class DataQualityEventsIT {

  private static final String ROWS =
      """
      SELECT kind, source, symbol, "timestamp" AT TIME ZONE 'UTC', identity, trade_id, details
      FROM data_quality_events ORDER BY kind, identity
      """;

  private static final SomeTick TRADE =
      SomeTick.of("GRT/BTC").atMicros(micros(Instant.parse("9999-12-31T23:59:59.999999Z")));

  @ParameterizedTest
  @EnumSource(Edition.class)
  void everyKindIsStoredWithAllItsDigits(Edition edition) throws Exception {
    Tick spike =
        TRADE
            .id("a\"b\\c 😀")
            .price("0.000000000000000000000000000001")
            .size("999999999999999999")
            .offset(Long.MAX_VALUE)
            .tick();
    Tick withoutId = TRADE.tick();
    Instrument instrument = TRADE.instrument();
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<QualityEvent> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              QualityEvent.priceSpike(spike, new Deviation(0.000020295, 0.0000203)),
              QualityEvent.sizeSpike(spike, new Deviation(3, 6)),
              QualityEvent.sequenceGap(
                  instrument,
                  "trade_id",
                  new Gap(Long.MIN_VALUE, Long.MAX_VALUE - 1, micros(MIDNIGHT))),
              QualityEvent.conflictingDuplicate(spike),
              QualityEvent.feedSilent(instrument, withoutId.order(), Duration.ofMinutes(1)),
              QualityEvent.feedResumed(instrument, withoutId.order(), spike.order())));

      String time = "9999-12-31 23:59:59.999999";
      String place = "ticks/0/9223372036854775807/0";
      assertThat(database.query(ROWS))
          .containsExactly(
              "CONFLICTING_DUPLICATE|venue|GRT/BTC|"
                  + time
                  + "|a\"b\\c 😀 0.000000000000000000000000000001 999999999999999999 UNKNOWN"
                  + "|a\"b\\c 😀|{\"side\": \"UNKNOWN\", \"size\": 999999999999999999,"
                  + " \"price\": 0.000000000000000000000000000001, \"origin\": \""
                  + place
                  + "\"}",
              "FEED_RESUMED|venue|GRT/BTC|"
                  + time
                  + "|ticks/0/0/0|null|{\"next_origin\": \""
                  + place
                  + "\", \"next_trade_id\": \"a\\\"b\\\\c 😀\", \"next_timestamp_micros\":"
                  + " 253402300799999999}",
              "FEED_SILENT|venue|GRT/BTC|"
                  + time
                  + "|ticks/0/0/0|null|{\"origin\": \"ticks/0/0/0\", \"silent_after\": \"PT1M\"}",
              "PRICE_SPIKE|venue|GRT/BTC|"
                  + time
                  + "|a\"b\\c 😀|a\"b\\c 😀|{\"mad\": 0.000000005, \"price\":"
                  + " 0.000000000000000000000000000001, \"median\": 0.000020295, \"origin\": \""
                  + place
                  + "\", \"deviation\": -0.000020294999999999999999999999}",
              "SEQUENCE_GAP|venue|GRT/BTC|2024-08-09 00:00:00|9223372036854775807|null|{\"to\":"
                  + " 9223372036854775806, \"from\": -9223372036854775808, \"field\": \"trade_id\","
                  + " \"missing\": 18446744073709551615}",
              "SIZE_SPIKE|venue|GRT/BTC|"
                  + time
                  + "|a\"b\\c 😀|a\"b\\c 😀|{\"size\": 999999999999999999, \"ratio\":"
                  + " 333333333000000000, \"median\": 3, \"origin\": \""
                  + place
                  + "\", \"mad_ratio\": 2}");
      assertThat(writer.rowsWritten()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void whatIsFoundAgainIsTheSameRowAndTheFirstStands(Edition edition) throws Exception {
    QualityEvent first = spike("7", 1);
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<QualityEvent> writer = writer(database)) {
      writer.writeBatch(List.of(first, spike("7", 2), spike("8", 1)));
      String tuples = "SELECT identity, tableoid, ctid, xmin FROM data_quality_events ORDER BY 1";
      List<String> before = database.query(tuples);
      assertThat(before).hasSize(2);

      writer.writeBatch(List.of(spike("7", 3), spike("8", 3)));

      assertThat(database.query(tuples)).isEqualTo(before);
      assertThat(database.query("SELECT details -> 'n' FROM data_quality_events"))
          .containsExactly("1", "1");
      assertThat(writer.rowsWritten()).isEqualTo(2);
      assertThat(writer.rowsUnchanged()).isEqualTo(2);
    }
  }

  /** A text that is no Unicode is what a hostile feed may send as a trade id. */
  @ParameterizedTest
  @EnumSource(Edition.class)
  void halfACharacterHarmsNothing(Edition edition) throws Exception {
    Tick hostile = TRADE.id("\uD83D").tick();
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<QualityEvent> writer = writer(database)) {
      writer.writeBatch(
          List.of(
              QualityEvent.priceSpike(hostile, new Deviation(100, 100)),
              QualityEvent.feedResumed(
                  TRADE.instrument(), hostile.order(), TRADE.id("\uDE00").tick().order())));

      assertThat(database.query("SELECT trade_id FROM data_quality_events"))
          .containsExactly("?", "?");
    }
  }

  @ParameterizedTest
  @EnumSource(Edition.class)
  void oneStatementTakesTenThousandRows(Edition edition) throws Exception {
    List<QualityEvent> events = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      events.add(spike("id-" + i, i));
    }
    try (TestDatabase database = TestDatabase.offering(edition);
        WriterUnderTest<QualityEvent> writer =
            new WriterUnderTest<>(
                new DataQualityEvents(), database.config("database.batch-size=10000"))) {
      writer.writeBatch(events);

      assertThat(
              database.query(
                  "SELECT count(*), count(DISTINCT xmin::text) FROM data_quality_events"))
          .containsExactly("10000|1");
    }
  }

  private static QualityEvent spike(String id, int detail) {
    return new QualityEvent(
        QualityKind.PRICE_SPIKE,
        TRADE.instrument(),
        micros(MIDNIGHT),
        id,
        id,
        "{\"n\": %d}".formatted(detail));
  }

  private static WriterUnderTest<QualityEvent> writer(TestDatabase database) {
    return new WriterUnderTest<>(new DataQualityEvents(), database.config());
  }
}

package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Decimal;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FillDecoderTest {

  private static final long NOW_MILLIS = HostileRecord.NOW.toEpochMilli();
  private static final long ONE_SECOND_AGO = (NOW_MILLIS - 1_000) * 1_000;
  private static final Origin ORIGIN = new Origin("fills", 3, 42, 0, NOW_MILLIS);
  private static final JsonRecord FILL = HostileFills.FAULTLESS;

  /** One for all tests: what one record leaves behind must not reach the next. */
  private static final FillDecoder DECODER = decoder();

  @ParameterizedTest
  @MethodSource("hostileFills")
  void everyHostileRecordIsJudgedByTheBook(HostileRecord hostile) {
    hostile.assertJudged(DECODER, ORIGIN, Input.FILLS);
  }

  @Test
  void theHostileCorpusHasEveryReasonOfFillsButLate() {
    HostileRecord.assertEveryReason(HostileFills.all(), Input.FILLS);
  }

  @Test
  void readsEveryField() {
    assertThat(accepted(FILL))
        .usingRecursiveComparison()
        .isEqualTo(
            new Fill(
                new Instrument("venue", "BTC/USD"),
                "desk/7",
                TradeId.of(1),
                Side.BUY,
                Decimal.parse("61837.63"),
                Decimal.parse("0.02"),
                "USD",
                Decimal.parse("1.25"),
                "BNB",
                "o-1",
                ONE_SECOND_AGO,
                ORIGIN,
                FILL.bytes()));
    assertThat(accepted(FILL.withText("side", "sell")).side()).isEqualTo(Side.SELL);
  }

  @Test
  void whatIsNotToldIsNull() {
    JsonRecord absent = FILL.without("fee").without("fee_currency").without("order_id");
    JsonRecord isNull =
        FILL.with("fee", "null").with("fee_currency", "null").with("order_id", "null");
    for (JsonRecord record : List.of(absent, isNull)) {
      Fill fill = accepted(record);
      assertThat(fill.fee()).isNull();
      assertThat(fill.feeCurrency()).isNull();
      assertThat(fill.orderId()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'\"1.50\"', 1.5",
    "1.50, 1.5",
    "1E+3, 1000",
    "'\"1e3\"', 1000",
    "12.5e-1, 1.25",
    "0.000020295, 0.000020295",
    "123456.7890123456780, 123456.789012345678",
    "9007199254740993e-15, 9.007199254740993"
  })
  void numbersAreKeptToTheLastDigitHoweverTheyAreWritten(String json, String value) {
    Fill fill = accepted(FILL.with("price", json).with("size", json).with("fee", json));
    assertThat(fill.price()).hasToString(value);
    assertThat(fill.size()).hasToString(value);
    assertThat(fill.fee()).hasToString(value);
  }

  @Test
  void aRebateIsAFeeBelowZero() {
    assertThat(accepted(FILL.with("fee", "-0.000000000000000000000000000001")).fee())
        .hasToString("-0.000000000000000000000000000001");
    assertThat(accepted(FILL.with("fee", "-0.0")).fee()).isEqualTo(Decimal.ZERO);
  }

  @ParameterizedTest
  @CsvSource({
    "1723161599, 1723161599000000",
    "1723161599123, 1723161599123000",
    "1723161599123456, 1723161599123456",
    "1723161599123456999, 1723161599123456",
    "'\"2024-08-08T23:59:59Z\"', 1723161599000000",
    "'\"2024-08-08T23:59:59.1Z\"', 1723161599100000",
    "'\"2024-08-08T23:59:59.123456789Z\"', 1723161599123456",
    "'\"2024-08-09T01:59:59+02:00\"', 1723161599000000",
    "'\"2024-08-08T18:29:59-05:30\"', 1723161599000000",
    "0, 0",
    "'\"1970-01-01T00:00:00.000001Z\"', 1"
  })
  void timestampsOfEveryFormAreReadToTheMicrosecond(String json, long micros) {
    assertThat(accepted(FILL.with("timestamp", json)).timestampMicros()).isEqualTo(micros);
  }

  @Test
  void anIdIsTheSameAsANumberAndAsAText() {
    for (String id : List.of("7", "-7", "9223372036854775808")) {
      Fill number = accepted(FILL.with("fill_id", id).with("order_id", id));
      Fill text = accepted(FILL.withText("fill_id", id).withText("order_id", id));
      assertThat(number.fillId()).isEqualTo(text.fillId()).isEqualTo(TradeId.of(id));
      assertThat(number.orderId()).isEqualTo(text.orderId()).isEqualTo(id);
    }
    assertThat(accepted(FILL.withText("fill_id", "007")).fillId()).isNotEqualTo(TradeId.of(7));
  }

  @Test
  void aRecordWithoutValueIsMalformedAndHasNoBytes() {
    Reject rejected = DECODER.decode(null, ORIGIN, NOW_MILLIS).rejected().get(0);
    assertThat(rejected.reasons()).containsExactly(RejectReason.MALFORMED);
    assertThat(rejected.input()).isEqualTo(Input.FILLS);
    assertThat(rejected.raw()).isEmpty();
    assertThat(rejected.origin()).isEqualTo(ORIGIN);
  }

  @Test
  void aRejectionNamesOnlyWhatIsValid() {
    Reject priceless = rejected(FILL.with("price", "-1"));
    assertThat(priceless.source()).isEqualTo("venue");
    assertThat(priceless.symbol()).isEqualTo("BTC/USD");
    assertThat(priceless.timestampMicros()).isEqualTo(ONE_SECOND_AGO);

    Reject sourceless = rejected(FILL.withText("source", "?"));
    assertThat(sourceless.source()).isNull();
    assertThat(sourceless.symbol()).isEqualTo("BTC/USD");

    Reject nameless = rejected(FILL.withText("symbol", "?").with("timestamp", "4070908800"));
    assertThat(nameless.source()).isEqualTo("venue");
    assertThat(nameless.symbol()).isNull();
    assertThat(nameless.timestampMicros()).isEqualTo(4_070_908_800_000_000L);

    Reject malformed = rejected(FILL.without("account"));
    assertThat(malformed.source()).isNull();
    assertThat(malformed.symbol()).isNull();
    assertThat(malformed.timestampMicros()).isNull();
  }

  @Test
  void aFillIsNeverStaleButMayBeAheadOfTheClockOfItsRecord() {
    long centuryLater = NOW_MILLIS + 36_500 * 86_400_000L;
    assertThat(DECODER.decode(FILL.bytes(), ORIGIN, centuryLater).hasAccepted()).isTrue();
    assertThat(DECODER.decode(FILL.bytes(), ORIGIN, NOW_MILLIS - 6_000).hasAccepted()).isTrue();
    assertThat(DECODER.decode(FILL.bytes(), ORIGIN, NOW_MILLIS - 6_001).rejected().get(0).reasons())
        .containsExactly(RejectReason.FUTURE);
  }

  @Test
  void theBoundsAreThoseThatAreConfiguredForTheSymbol() {
    FillDecoder decoder =
        decoder(
            "validation.max-ahead=0",
            "validation.size.max=2",
            "validation.overrides={'*/IDR': {price: {max: 10000000000}}}");
    JsonRecord high = FILL.with("price", "1600000000");
    assertThat(reasons(decoder, high)).containsExactly(RejectReason.INVALID_PRICE);
    assertThat(reasons(decoder, high.withText("symbol", "BTC/IDR"))).isEmpty();
    assertThat(reasons(decoder, FILL.with("size", "2"))).isEmpty();
    assertThat(reasons(decoder, FILL.with("size", "2.1")))
        .containsExactly(RejectReason.INVALID_SIZE);
    assertThat(reasons(decoder, FILL.with("timestamp", "1723161600000001")))
        .containsExactly(RejectReason.FUTURE);
  }

  @Property(tries = 2_000)
  void whateverTheBytesThereIsOneVerdictThatKeepsThem(@ForAll("damagedFills") byte[] raw) {
    Verdict<Fill> verdict = DECODER.decode(raw.clone(), ORIGIN, NOW_MILLIS);
    List<byte[]> kept =
        Stream.concat(
                verdict.accepted().stream().map(Fill::raw),
                verdict.rejected().stream().map(Reject::raw))
            .toList();
    assertThat(kept).singleElement().isEqualTo(raw);
    assertThat(accepted(FILL).source()).isEqualTo("venue");
  }

  /** Remembering made-up names would cost minutes here, and the heap. */
  @Test
  @Timeout(60)
  void aFloodOfMadeUpFieldNamesIsNoBurden() {
    FillDecoder decoder = decoder();
    for (int i = 0; i < 1_000; i++) {
      byte[] record = ("{\"" + i + "x".repeat(60_000) + "\":1}").getBytes(UTF_8);
      assertThat(decoder.decode(record, ORIGIN, NOW_MILLIS).hasAccepted()).isFalse();
    }
  }

  private static FillDecoder decoder(String... settings) {
    ValidationConfig validation = JobConfig.of(List.of(settings)).validation();
    return new FillDecoder(new RecordRules(validation, false));
  }

  private static Fill accepted(JsonRecord record) {
    Verdict<Fill> verdict = DECODER.decode(record.bytes(), ORIGIN, NOW_MILLIS);
    assertThat(verdict.rejected()).isEmpty();
    return verdict.accepted().get(0);
  }

  private static Reject rejected(JsonRecord record) {
    Verdict<Fill> verdict = DECODER.decode(record.bytes(), ORIGIN, NOW_MILLIS);
    assertThat(verdict.accepted()).isEmpty();
    return verdict.rejected().get(0);
  }

  private static List<RejectReason> reasons(FillDecoder decoder, JsonRecord record) {
    return decoder.decode(record.bytes(), ORIGIN, NOW_MILLIS).rejected().stream()
        .flatMap(rejected -> rejected.reasons().stream())
        .toList();
  }

  static Stream<HostileRecord> hostileFills() {
    return HostileFills.all().stream();
  }

  /** A good fill with a few characters replaced, removed or put in. */
  @Provide
  Arbitrary<byte[]> damagedFills() {
    return Damage.ofJson().map(list -> Damage.of(FILL.json(), list));
  }
}

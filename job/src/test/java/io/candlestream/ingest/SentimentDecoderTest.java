package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Decimal;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.TradeId;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SentimentDecoderTest {

  private static final long NOW_MILLIS = HostileRecord.NOW.toEpochMilli();
  private static final long ONE_SECOND_AGO = (NOW_MILLIS - 1_000) * 1_000;
  private static final Origin ORIGIN = new Origin("sentiment", 3, 42, 0, NOW_MILLIS);
  private static final JsonRecord ITEM = HostileSentiment.FAULTLESS;

  /** One for all tests: what one record leaves behind must not reach the next. */
  private static final SentimentDecoder DECODER = decoder();

  @ParameterizedTest
  @MethodSource("hostileSentiment")
  void everyHostileRecordIsJudgedByTheBook(HostileRecord hostile) {
    hostile.assertJudged(DECODER, ORIGIN, Input.SENTIMENT);
  }

  @Test
  void theHostileCorpusHasEveryReasonOfSentimentButLate() {
    HostileRecord.assertEveryReason(HostileSentiment.all(), Input.SENTIMENT);
  }

  @Test
  void readsEveryField() {
    assertThat(accepted(ITEM))
        .usingRecursiveComparison()
        .isEqualTo(
            new Sentiment(
                "BTC/USD",
                "news-1",
                TradeId.of(1),
                Decimal.parse("-0.25"),
                Decimal.parse("3.5"),
                "https://example.com/1?q=a b",
                ONE_SECOND_AGO,
                ORIGIN,
                ITEM.bytes()));
  }

  @Test
  void whatIsNotToldIsNull() {
    JsonRecord absent = ITEM.without("magnitude").without("text_ref");
    JsonRecord isNull = ITEM.with("magnitude", "null").with("text_ref", "null");
    for (JsonRecord record : List.of(absent, isNull)) {
      assertThat(accepted(record).magnitude()).isNull();
      assertThat(accepted(record).textRef()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'\"0.50\"', 0.5",
    "0.50, 0.5",
    "1E+0, 1",
    "'\"1e-3\"', 0.001",
    "0.1234567890123456780, 0.123456789012345678",
    "1e-30, 0.000000000000000000000000000001",
    "-0.0, 0"
  })
  void numbersAreKeptToTheLastDigitHoweverTheyAreWritten(String json, String value) {
    Sentiment item = accepted(ITEM.with("score", json).with("magnitude", json));
    assertThat(item.score()).hasToString(value);
    assertThat(item.magnitude()).hasToString(value);
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
    assertThat(accepted(ITEM.with("timestamp", json)).timestampMicros()).isEqualTo(micros);
  }

  @Test
  void anIdIsTheSameAsANumberAndAsAText() {
    for (String id : List.of("7", "-7", "9223372036854775808")) {
      assertThat(accepted(ITEM.with("item_id", id)).itemId())
          .isEqualTo(accepted(ITEM.withText("item_id", id)).itemId())
          .isEqualTo(TradeId.of(id));
    }
    assertThat(accepted(ITEM.withText("item_id", "007")).itemId()).isNotEqualTo(TradeId.of(7));
  }

  @Test
  void aRecordWithoutValueIsMalformedAndHasNoBytes() {
    Reject rejected = DECODER.decode(null, ORIGIN, NOW_MILLIS).rejected().get(0);
    assertThat(rejected.reasons()).containsExactly(RejectReason.MALFORMED);
    assertThat(rejected.input()).isEqualTo(Input.SENTIMENT);
    assertThat(rejected.raw()).isEmpty();
    assertThat(rejected.origin()).isEqualTo(ORIGIN);
  }

  @Test
  void aRejectionNamesOnlyWhatIsValidAndTheProviderAsItsSource() {
    Reject scoreless = rejected(ITEM.with("score", "2"));
    assertThat(scoreless.source()).isEqualTo("news-1");
    assertThat(scoreless.symbol()).isEqualTo("BTC/USD");
    assertThat(scoreless.timestampMicros()).isEqualTo(ONE_SECOND_AGO);

    Reject ofNoProvider = rejected(ITEM.withText("provider", "?"));
    assertThat(ofNoProvider.source()).isNull();
    assertThat(ofNoProvider.symbol()).isEqualTo("BTC/USD");

    Reject nameless = rejected(ITEM.withText("symbol", "?").with("timestamp", "4070908800"));
    assertThat(nameless.source()).isEqualTo("news-1");
    assertThat(nameless.symbol()).isNull();
    assertThat(nameless.timestampMicros()).isEqualTo(4_070_908_800_000_000L);

    Reject malformed = rejected(ITEM.without("score"));
    assertThat(malformed.source()).isNull();
    assertThat(malformed.symbol()).isNull();
    assertThat(malformed.timestampMicros()).isNull();
  }

  @Test
  void anItemIsNeverStaleButMayBeAheadOfTheClockOfItsRecord() {
    long centuryLater = NOW_MILLIS + 36_500 * 86_400_000L;
    assertThat(DECODER.decode(ITEM.bytes(), ORIGIN, centuryLater).hasAccepted()).isTrue();
    assertThat(DECODER.decode(ITEM.bytes(), ORIGIN, NOW_MILLIS - 6_000).hasAccepted()).isTrue();
    assertThat(DECODER.decode(ITEM.bytes(), ORIGIN, NOW_MILLIS - 6_001).rejected().get(0).reasons())
        .containsExactly(RejectReason.FUTURE);
  }

  @Test
  void howFarItMayBeAheadIsConfigured() {
    SentimentDecoder decoder = decoder("validation.max-ahead=0");
    assertThat(reasons(decoder, ITEM.with("timestamp", "1723161600000000"))).isEmpty();
    assertThat(reasons(decoder, ITEM.with("timestamp", "1723161600000001")))
        .containsExactly(RejectReason.FUTURE);
  }

  @Property(tries = 2_000)
  void whateverTheBytesThereIsOneVerdictThatKeepsThem(@ForAll("damagedSentiment") byte[] raw) {
    Verdict<Sentiment> verdict = DECODER.decode(raw.clone(), ORIGIN, NOW_MILLIS);
    List<byte[]> kept =
        Stream.concat(
                verdict.accepted().stream().map(Sentiment::raw),
                verdict.rejected().stream().map(Reject::raw))
            .toList();
    assertThat(kept).singleElement().isEqualTo(raw);
    assertThat(accepted(ITEM).source()).isEqualTo("news-1");
  }

  private static SentimentDecoder decoder(String... settings) {
    ValidationConfig validation = JobConfig.of(List.of(settings)).validation();
    return new SentimentDecoder(new RecordRules(validation, false));
  }

  private static Sentiment accepted(JsonRecord record) {
    Verdict<Sentiment> verdict = DECODER.decode(record.bytes(), ORIGIN, NOW_MILLIS);
    assertThat(verdict.rejected()).isEmpty();
    return verdict.accepted().get(0);
  }

  private static Reject rejected(JsonRecord record) {
    Verdict<Sentiment> verdict = DECODER.decode(record.bytes(), ORIGIN, NOW_MILLIS);
    assertThat(verdict.accepted()).isEmpty();
    return verdict.rejected().get(0);
  }

  private static List<RejectReason> reasons(SentimentDecoder decoder, JsonRecord record) {
    return decoder.decode(record.bytes(), ORIGIN, NOW_MILLIS).rejected().stream()
        .flatMap(rejected -> rejected.reasons().stream())
        .toList();
  }

  static Stream<HostileRecord> hostileSentiment() {
    return HostileSentiment.all().stream();
  }

  /** A good item with a few characters replaced, removed or put in. */
  @Provide
  Arbitrary<byte[]> damagedSentiment() {
    return Damage.ofJson().map(list -> Damage.of(ITEM.json(), list));
  }
}

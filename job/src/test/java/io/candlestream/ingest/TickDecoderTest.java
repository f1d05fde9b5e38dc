package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Side;
import io.candlestream.market.Tick;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TickDecoderTest {

  private static final ValidationConfig VALIDATION = JobConfig.of(List.of()).validation();
  private static final long NOW_MILLIS = HostileTicks.NOW.toEpochMilli();
  private static final Origin ORIGIN = new Origin("ticks", 3, 42, 0, NOW_MILLIS);
  private static final String TICK =
      "{\"source\":\"venue\",\"symbol\":\"BTC\",\"trade_id\":7,\"sequence\":-3,"
          + "\"price\":\"61837.630\",\"size\":2e-2,\"side\":\"sell\",\"timestamp\":1723161599}";

  /** One for all tests: what one record leaves behind must not reach the next. */
  private static final TickDecoder DECODER = decoder("");

  @ParameterizedTest
  @MethodSource("hostileTicks")
  void everyHostileRecordIsJudgedByTheBook(HostileTicks.Case hostile) {
    byte[] raw = hostile.raw().clone();
    Verdict<Tick> verdict = DECODER.decode(raw, ORIGIN, NOW_MILLIS);
    if (hostile.expected() instanceof HostileTicks.Rejected expected) {
      assertThat(verdict.accepted()).isEmpty();
      assertThat(verdict.rejected()).as("rejections").hasSize(1);
      Reject rejected = verdict.rejected().get(0);
      assertThat(rejected.reasons())
          .extracting(RejectReason::name)
          .containsExactlyInAnyOrderElementsOf(expected.reasons());
      assertThat(rejected.reasons()).isSorted();
      assertThat(rejected.raw()).isEqualTo(hostile.raw());
      assertThat(rejected.origin()).isEqualTo(ORIGIN);
    } else {
      assertThat(verdict.rejected()).isEmpty();
      assertThat(verdict.accepted()).as("accepted ticks").hasSize(1);
      Tick accepted = verdict.accepted().get(0);
      assertThat(seen(accepted)).isEqualTo(hostile.expected());
      assertThat(accepted.raw()).isEqualTo(hostile.raw());
      assertThat(accepted.order().origin()).isEqualTo(ORIGIN);
    }
  }

  private static HostileTicks.Accepted seen(Tick tick) {
    return new HostileTicks.Accepted(
        tick.instrument().source(),
        tick.instrument().symbol(),
        tick.tradeId().isPresent() ? tick.tradeId().toString() : null,
        tick.order().sequence(),
        tick.price().toString(),
        tick.size().toString(),
        switch (tick.side()) {
          case BUY -> "buy";
          case SELL -> "sell";
          case UNKNOWN -> null;
        },
        tick.timestampMicros());
  }

  @Test
  void theHostileCorpusIsLarge() {
    assertThat(HostileTicks.all()).hasSizeGreaterThan(60);
    assertThat(HostileTicks.all()).extracting(HostileTicks.Case::name).doesNotHaveDuplicates();
  }

  @Test
  void readsEveryField() {
    Tick tick = DECODER.decode(TICK.getBytes(UTF_8), ORIGIN, NOW_MILLIS).accepted().get(0);
    assertThat(seen(tick))
        .isEqualTo(
            new HostileTicks.Accepted(
                "venue", "BTC", "7", -3L, "61837.63", "0.02", "sell", 1_723_161_599_000_000L));
    assertThat(tick.side()).isEqualTo(Side.SELL);
  }

  @Test
  void aRecordWithoutValueIsMalformedAndHasNoBytes() {
    Reject rejected = DECODER.decode(null, ORIGIN, NOW_MILLIS).rejected().get(0);
    assertThat(rejected.reasons()).containsExactly(RejectReason.MALFORMED);
    assertThat(rejected.raw()).isEmpty();
    assertThat(rejected.origin()).isEqualTo(ORIGIN);
  }

  @Test
  void theDefaultSourceStandsInForAnAbsentOneAndForNullOnly() {
    TickDecoder decoder = decoder("home");
    assertThat(source(decoder, TICK.replace("\"source\":\"venue\",", ""))).isEqualTo("home");
    assertThat(source(decoder, TICK.replace("\"venue\"", "null"))).isEqualTo("home");
    assertThat(source(decoder, TICK)).isEqualTo("venue");
    assertThat(rejection(decoder, TICK.replace("\"venue\"", "\"\"")).reasons())
        .containsExactly(RejectReason.INVALID_SOURCE);
    assertThat(rejection(decoder, TICK.replace("\"venue\"", "7")).reasons())
        .containsExactly(RejectReason.MALFORMED);
  }

  @Test
  void aRejectionNamesOnlyWhatIsValid() {
    Reject priceless = rejection(DECODER, TICK.replace("61837.630", "-1"));
    assertThat(priceless.source()).isEqualTo("venue");
    assertThat(priceless.symbol()).isEqualTo("BTC");
    assertThat(priceless.timestampMicros()).isEqualTo(1_723_161_599_000_000L);

    Reject nameless = rejection(DECODER, TICK.replace("venue", "?").replace("BTC", "?"));
    assertThat(nameless.source()).isNull();
    assertThat(nameless.symbol()).isNull();

    Reject malformed = rejection(DECODER, TICK.substring(1));
    assertThat(malformed.source()).isNull();
    assertThat(malformed.symbol()).isNull();
    assertThat(malformed.timestampMicros()).isNull();
  }

  @Test
  void theClockOfTheRecordDecidesAboutItsAge() {
    long dayLater = NOW_MILLIS + 24 * 3_600_000;
    assertThat(DECODER.decode(TICK.getBytes(UTF_8), ORIGIN, dayLater).rejected().get(0).reasons())
        .containsExactly(RejectReason.STALE);
    assertThat(DECODER.decode(TICK.getBytes(UTF_8), ORIGIN, 0).rejected().get(0).reasons())
        .containsExactly(RejectReason.FUTURE);
  }

  @Property(tries = 2_000)
  void whateverTheBytesThereIsAVerdictThatKeepsThem(@ForAll("damagedTicks") byte[] raw) {
    byte[] given = raw.clone();
    Verdict<Tick> verdict = DECODER.decode(given, ORIGIN, NOW_MILLIS);
    List<byte[]> kept =
        Stream.concat(
                verdict.accepted().stream().map(Tick::raw),
                verdict.rejected().stream().map(Reject::raw))
            .toList();
    assertThat(kept).singleElement().isEqualTo(raw);
    assertThat(source(DECODER, TICK)).isEqualTo("venue");
  }

  private static TickDecoder decoder(String defaultSource) {
    return Decoding.decoder(
        new RecordRules(VALIDATION, true), "source.default-source=" + defaultSource);
  }

  private static String source(TickDecoder decoder, String json) {
    return decoder
        .decode(json.getBytes(UTF_8), ORIGIN, NOW_MILLIS)
        .accepted()
        .get(0)
        .instrument()
        .source();
  }

  private static Reject rejection(TickDecoder decoder, String json) {
    return decoder.decode(json.getBytes(UTF_8), ORIGIN, NOW_MILLIS).rejected().get(0);
  }

  static Stream<HostileTicks.Case> hostileTicks() {
    return HostileTicks.all().stream();
  }

  /** A good tick with a few bytes replaced, removed or put in. */
  @Provide
  Arbitrary<byte[]> damagedTicks() {
    return Damage.ofJson().map(list -> Damage.of(TICK, list));
  }

  /** Remembering made-up names would cost minutes here, and the heap. */
  @Test
  @Timeout(60)
  void aFloodOfMadeUpFieldNamesIsNoBurden() {
    TickDecoder decoder =
        Decoding.decoder(new RecordRules(JobConfig.of(List.of()).validation(), false));
    Origin origin = new Origin("ticks", 0, 0, 0, 0);
    for (int i = 0; i < 3_000; i++) {
      byte[] record = ("{\"" + i + "x".repeat(60_000) + "\":1}").getBytes(UTF_8);
      assertThat(decoder.decode(record, origin, 0).hasAccepted()).isFalse();
    }
  }
}

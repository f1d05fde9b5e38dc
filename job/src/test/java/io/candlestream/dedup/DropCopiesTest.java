package io.candlestream.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.TradeId;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stories of sentiment, an hour out of order and a day late. */
class DropCopiesTest {

  private static final long HOUR = 3_600;

  /** From here on what happened in hour 0 is late: its end, the lateness, the out-of-orderness. */
  private static final long HOUR_0_IS_OVER = HOUR + 24 * HOUR + HOUR;

  private Subtask<Sentiment, Sentiment> dedup;

  @BeforeEach
  void start() throws Exception {
    dedup = subtask(null);
  }

  @AfterEach
  void close() {
    dedup.close();
  }

  @Test
  void ofEventsWithOneIdTheFirstToArriveCounts() throws Exception {
    Sentiment first = of("BTC", 7, 10);
    dedup.take(first);
    dedup.take(of("BTC", "7", 10));
    dedup.take(of("BTC", 7, 10));
    assertThat(dedup.output()).containsExactly(first);
    assertCounted(1, 2, 0, 1);
  }

  @Test
  void withAnotherTimestampACopyIsACopyNevertheless() throws Exception {
    Sentiment first = of("BTC", 7, 10 * HOUR);
    dedup.take(first);
    dedup.take(of("BTC", 7, 10 * HOUR + 1));
    dedup.take(of("BTC", 7, 23 * HOUR));
    dedup.take(of("BTC", 7, 0));
    assertThat(dedup.output()).containsExactly(first);
    assertCounted(1, 3, 0, 1);
  }

  @Test
  void theSameIdOfAnotherSymbolOrProviderIsAnotherEvent() throws Exception {
    List<Sentiment> events =
        List.of(of("BTC", 7, 10), of("ETH", 7, 10), sentiment("other", "BTC", TradeId.of(7), 10));
    for (Sentiment event : events) {
      dedup.take(event);
    }
    assertThat(dedup.output()).isEqualTo(events);
    assertCounted(3, 0, 0, 3);
  }

  @Test
  void idsThatOnlyLookAlikeAreDifferentEvents() throws Exception {
    for (String id : List.of("7", "007", "7.0", "-7", "99999999999999999999", "a", "A")) {
      dedup.take(of("BTC", id, 10));
    }
    assertThat(dedup.output()).hasSize(7);
    assertCounted(7, 0, 0, 7);
  }

  @Test
  void anEventIsLateExactlyWhenItsHourIsDropped() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(of("BTC", 2, HOUR_0_IS_OVER - 1));
    dedup.take(of("BTC", 3, HOUR - 1));
    assertThat(dedup.output()).hasSize(3);

    dedup.take(of("BTC", 4, HOUR_0_IS_OVER));
    dedup.output();
    Sentiment late = of("BTC", 5, HOUR - 1);
    Sentiment onTime = of("BTC", 5, HOUR);
    dedup.take(late);
    dedup.take(onTime);
    assertThat(dedup.output()).containsExactly(onTime);
    assertThat(dedup.output(DropCopies.LATE))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(Reject.late(late));
    Reject rejected = dedup.output(DropCopies.LATE).get(0);
    assertThat(rejected.input()).isEqualTo(Input.SENTIMENT);
    assertThat(rejected.reasons()).containsExactly(RejectReason.LATE);
    assertThat(rejected.raw()).isEqualTo(late.raw());
    assertThat(rejected.source()).isEqualTo("news");
    assertThat(rejected.symbol()).isEqualTo("BTC");
    assertThat(rejected.timestampMicros()).isEqualTo(late.timestampMicros());
    assertCounted(5, 0, 1, 3);
  }

  @Test
  void theWatermarkMustHavePassedItToo() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.take(of("BTC", 2, 1_000 * HOUR));
    dedup.take(of("BTC", 3, 10));
    // The watermark is behind by the out-of-orderness already.
    dedup.watermark(25 * HOUR * 1_000 - 2);
    dedup.take(of("BTC", 4, 10));
    assertThat(dedup.output()).hasSize(4);
    dedup.watermark(25 * HOUR * 1_000 - 1);
    dedup.take(of("BTC", 5, 10));
    assertThat(dedup.output()).isEmpty();
    assertCounted(4, 0, 1, 1);
  }

  @Test
  void aCopyOfWhatIsForgottenIsLateAsAnyOther() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(of("BTC", 2, 1_000 * HOUR));
    dedup.output();
    dedup.take(of("BTC", 1, 10));
    assertThat(dedup.output()).isEmpty();
    assertCounted(2, 0, 1, 1);
  }

  @Test
  void anIdThatIsForgottenMayComeAgainWithALaterTimestamp() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(of("BTC", 2, 1_000 * HOUR));
    dedup.output();
    Sentiment again = of("BTC", 1, 1_000 * HOUR);
    dedup.take(again);
    assertThat(dedup.output()).containsExactly(again);
    assertCounted(3, 0, 0, 2);
  }

  @Test
  void aKeyThatIsBehindIsNotLateForTheOthersClock() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.take(of("ETH", 1, 1_000 * HOUR));
    dedup.watermark(1_000 * HOUR * 1_000);
    dedup.output();
    Sentiment behind = of("BTC", 2, 11);
    dedup.take(behind);
    dedup.take(of("BTC", 1, 11));
    assertThat(dedup.output()).containsExactly(behind);
    assertCounted(3, 1, 0, 3);
  }

  @Test
  void theIdsOfDroppedHoursAreForgottenAndTheGaugeGoesDown() throws Exception {
    for (int hour = 0; hour < 3; hour++) {
      for (int i = 0; i < 10; i++) {
        dedup.take(of("BTC", hour * 10 + i, hour * HOUR + i));
        dedup.take(of("BTC", "t" + hour + i, hour * HOUR + i));
      }
    }
    dedup.take(of("ETH", 0, 0));
    assertThat(dedup.entries("seen", TradeIds.class))
        .containsExactly(0L, 0L, HOUR * 1_000_000, 2 * HOUR * 1_000_000);
    assertThat(dedup.metric("sentimentDedupEntries")).isEqualTo(61);

    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(of("BTC", "now", HOUR_0_IS_OVER));
    assertThat(dedup.metric("sentimentDedupEntries")).isEqualTo(42);
    dedup.take(of("BTC", "later", 1_000 * HOUR));
    // That of ETH stays: its own clock stands still.
    assertThat(dedup.metric("sentimentDedupEntries")).isEqualTo(2);
    dedup.take(of("ETH", "later", 1_000 * HOUR));
    assertThat(dedup.entries("seen", TradeIds.class))
        .containsExactly(1_000 * HOUR * 1_000_000, 1_000 * HOUR * 1_000_000);
    assertThat(dedup.metric("sentimentDedupEntries")).isEqualTo(2);
    assertThat(dedup.timers()).isZero();
  }

  @Test
  void onlyTheIdsOfHoursThatStillTakeEventsAreInTheState() throws Exception {
    for (int hour = 0; hour < 200; hour++) {
      dedup.take(of("BTC", hour, hour * HOUR));
      dedup.take(of("ETH", "t" + hour, hour * HOUR));
      dedup.watermark(hour * HOUR * 1_000);
      // The hour itself, a day of lateness, and what is out of order.
      assertThat(dedup.entries("seen", TradeIds.class)).hasSizeLessThanOrEqualTo(2 * 27);
    }
    assertThat(dedup.metric("sentimentAccepted")).isEqualTo(400);
    assertThat(dedup.metric("sentimentDedupEntries")).isLessThanOrEqualTo(2 * 27);
  }

  @Test
  void aRestartKeepsTheIdsTheFrontierAndTheCounts() throws Exception {
    dedup.take(of("BTC", 1, 10));
    dedup.take(of("BTC", 1, 10));
    dedup.watermark(Long.MAX_VALUE - 1);
    dedup.take(of("BTC", 2, 1_000 * HOUR));
    dedup.take(of("BTC", 3, 10));
    try (Subtask<Sentiment, Sentiment> restored = subtask(Snapshot.of(dedup))) {
      restored.take(of("BTC", 2, 1_000 * HOUR + 5));
      restored.take(of("BTC", 1, 10));
      Sentiment next = of("BTC", 4, 1_000 * HOUR);
      restored.take(next);
      assertThat(restored.output()).containsExactly(next);
      assertThat(restored.output(DropCopies.LATE)).hasSize(1);
      assertThat(restored.metric("sentimentAccepted")).isEqualTo(3);
      assertThat(restored.metric("sentimentDuplicate")).isEqualTo(2);
      assertThat(restored.metric("sentimentRejected")).isEqualTo(2);
      assertThat(restored.metric("reason.LATE.sentimentRejected")).isEqualTo(2);
      assertThat(restored.metric("sentimentDedupEntries")).isEqualTo(2);
    }
  }

  /** Some events of a few ids at some times, within which none becomes late. */
  record Arrival(String symbol, int id, int seconds) {}

  @Property(tries = 100)
  void eachEventPassesOnceWhateverComesAndWhereverTheJobRestarts(
      @ForAll("arrivals") List<Arrival> arrivals) throws Exception {
    List<Sentiment> expected = new ArrayList<>();
    List<Sentiment> passed = new ArrayList<>();
    Set<String> known = new HashSet<>();
    Subtask<Sentiment, Sentiment> subtask = subtask(null);
    for (int i = 0; i < arrivals.size(); i++) {
      if (i % 7 == 6) {
        Snapshot snapshot = Snapshot.of(subtask);
        subtask.close();
        subtask = subtask(snapshot);
      }
      Arrival arrival = arrivals.get(i);
      Sentiment event = of(arrival.symbol(), arrival.id(), arrival.seconds());
      if (known.add(arrival.symbol() + arrival.id())) {
        expected.add(event);
      }
      subtask.take(event);
      passed.addAll(subtask.output());
      subtask.watermark(arrival.seconds() * 1_000L);
    }
    assertThat(passed).containsExactlyElementsOf(expected);
    assertThat(subtask.metric("sentimentAccepted")).isEqualTo(expected.size());
    assertThat(subtask.metric("sentimentDuplicate")).isEqualTo(arrivals.size() - expected.size());
    assertThat(subtask.metric("sentimentRejected")).isZero();
    subtask.close();
  }

  private void assertCounted(long accepted, long duplicate, long late, long remembered) {
    assertThat(dedup.metric("sentimentAccepted")).as("accepted").isEqualTo(accepted);
    assertThat(dedup.metric("sentimentDuplicate")).as("duplicate").isEqualTo(duplicate);
    assertThat(dedup.metric("sentimentRejected")).as("rejected").isEqualTo(late);
    assertThat(dedup.metric("reason.LATE.sentimentRejected")).as("late").isEqualTo(late);
    assertThat(dedup.output(DropCopies.LATE)).hasSize((int) late);
    assertThat(dedup.metric("sentimentDedupEntries")).as("remembered").isEqualTo(remembered);
  }

  private static Sentiment of(String symbol, long id, long seconds) {
    return sentiment("news", symbol, TradeId.of(id), seconds);
  }

  private static Sentiment of(String symbol, String id, long seconds) {
    return sentiment("news", symbol, TradeId.of(id), seconds);
  }

  private static Sentiment sentiment(String provider, String symbol, TradeId id, long seconds) {
    return new Sentiment(
        symbol,
        provider,
        id,
        Decimal.ZERO,
        null,
        null,
        seconds * 1_000_000,
        new Origin("sentiment", 0, 0, 0, 0),
        new byte[] {'?'});
  }

  private static Subtask<Sentiment, Sentiment> subtask(Snapshot snapshot) throws Exception {
    return Subtask.<Sentiment, Sentiment>of(
        new DropCopies<>(
            Input.SENTIMENT, Sentiment::itemId, Duration.ofHours(1), Duration.ofDays(1)),
        event -> new Instrument(event.provider(), event.symbol()),
        1,
        0,
        snapshot);
  }

  @Provide
  Arbitrary<List<Arrival>> arrivals() {
    return Combinators.combine(
            Arbitraries.of("BTC", "ETH"),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, (int) (26 * HOUR - 1)))
        .as(Arrival::new)
        .list()
        .ofMaxSize(40);
  }
}

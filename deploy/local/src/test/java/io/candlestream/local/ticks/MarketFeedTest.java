package io.candlestream.local.ticks;

import static io.candlestream.local.ticks.Feed.HOUR_MICROS;
import static io.candlestream.local.ticks.Feed.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.ingest.ObjectDecoders;
import io.candlestream.ingest.RecordDecoder;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Decimal;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MarketFeedTest {
  private static final int SYMBOLS = 20;
  private static final int TICKS = 200_000;
  private static final Set<Input> ALL = EnumSet.allOf(Input.class);
  private static final Set<Input> BESIDE = EnumSet.of(Input.FILLS, Input.SENTIMENT);

  private static final ValidationConfig RULES = JobConfig.load(List.of(), Map.of()).validation();
  private static final RecordDecoder<Fill> FILLS = ObjectDecoders.ofFills(RULES).ofPartition();
  private static final RecordDecoder<Sentiment> SENTIMENT =
      ObjectDecoders.ofSentiment(RULES).ofPartition();

  private static List<Drawn> hour;

  private record Drawn(
      Input input, TickKind kind, String key, long recordTimestampMillis, byte[] payload) {

    static Drawn current(MarketFeed feed) {
      return new Drawn(
          feed.input(),
          feed.kind(),
          new String(feed.key(), StandardCharsets.US_ASCII),
          feed.recordTimestampMillis(),
          feed.payload());
    }

    boolean sound() {
      return kind != TickKind.MALFORMED && kind != TickKind.ABSURD;
    }

    String text() {
      return new String(payload, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
      return input + " " + kind + " " + key + " " + recordTimestampMillis + " " + text();
    }

    /** As the job judges it. */
    Verdict<? extends Event> verdict() {
      Origin origin = new Origin(input.word(), 0, 0, 0, recordTimestampMillis);
      return (input == Input.FILLS ? FILLS : SENTIMENT)
          .decode(payload, origin, recordTimestampMillis);
    }

    Fill fill() {
      return (Fill) verdict().accepted().get(0);
    }
  }

  @BeforeAll
  static void drawAnHour() {
    hour = drain(feed(7, ALL));
  }

  private static MarketFeed feed(long seed, Set<Input> inputs) {
    return new MarketFeed(seed, ticks(seed), inputs);
  }

  private static TickGenerator ticks(long seed) {
    return Feed.hour(seed, SYMBOLS, TICKS, TickMix.DEFAULT);
  }

  private static List<Drawn> drain(MarketFeed feed) {
    return draw(feed, Integer.MAX_VALUE);
  }

  private static List<Drawn> draw(MarketFeed feed, int count) {
    List<Drawn> drawn = new ArrayList<>();
    while (drawn.size() < count && feed.advance()) {
      drawn.add(Drawn.current(feed));
    }
    return drawn;
  }

  private static Stream<Drawn> of(List<Drawn> records, Input input) {
    return records.stream().filter(record -> record.input() == input);
  }

  private static List<Drawn> of(Input input) {
    return of(hour, input).toList();
  }

  private static List<Drawn> beside(TickKind kind) {
    return hour.stream()
        .filter(record -> record.input() != Input.TICKS && record.kind() == kind)
        .toList();
  }

  private static List<Fill> fills() {
    return of(Input.FILLS).stream()
        .filter(record -> record.sound() && record.kind() != TickKind.DUPLICATE)
        .map(Drawn::fill)
        .sorted(Comparator.comparingLong(fill -> Long.parseLong(fill.fillId().toString())))
        .toList();
  }

  @Test
  void theSameSeedGivesTheSameRecordsAndAnotherSeedOthers() {
    assertThat(drain(feed(7, BESIDE)).stream().map(Drawn::toString))
        .isEqualTo(hour.stream().map(Drawn::toString).toList());
    assertThat(of(drain(feed(8, BESIDE)), Input.FILLS).filter(Drawn::sound).map(Drawn::text))
        .doesNotContainAnyElementsOf(texts(hour, Input.FILLS));
  }

  @Test
  void aStreamIsTheSameWhateverIsBesideIt() {
    List<Drawn> ticks = drain(feed(7, Set.of(Input.TICKS)));

    assertThat(ticks).hasSize(TICKS).allMatch(record -> record.input() == Input.TICKS);
    assertThat(texts(ticks, Input.TICKS)).isEqualTo(texts(hour, Input.TICKS));
    assertThat(texts(drain(feed(7, Set.of(Input.FILLS))), Input.FILLS))
        .isEqualTo(texts(hour, Input.FILLS));
    assertThat(texts(drain(feed(7, Set.of(Input.SENTIMENT))), Input.SENTIMENT))
        .isEqualTo(texts(hour, Input.SENTIMENT));
  }

  private static List<String> texts(List<Drawn> records, Input input) {
    return of(records, input).map(Drawn::text).toList();
  }

  @ParameterizedTest
  @CsvSource({"FILLS, 200", "SENTIMENT, 500"})
  void everyStreamComesAsOftenAsItShouldWithItsShareOfWhatIsAmiss(Input input, int trades) {
    List<Drawn> records = of(input);
    double expected = TICKS * TickMix.DEFAULT.share(TickKind.NORMAL) / trades;
    assertThat((double) records.size()).isCloseTo(expected, within(4.5 * Math.sqrt(expected)));
    for (TickKind kind : TickKind.values()) {
      double ofKind = records.size() * SideStream.MIX.share(kind);
      assertThat((double) records.stream().filter(record -> record.kind() == kind).count())
          .as(kind.name())
          .isCloseTo(ofKind, within(4 * Math.sqrt(ofKind)));
    }
  }

  @Test
  void everySoundRecordIsOneThatTheJobAccepts() {
    for (Drawn record : hour) {
      if (record.input() != Input.TICKS && record.sound()) {
        assertThat(record.verdict().accepted()).as(record.text()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Input.class,
      names = {"FILLS", "SENTIMENT"})
  void everyBrokenRecordIsRejectedForTheOneThingThatIsWrong(Input input) {
    Set<RejectReason> absurd = new TreeSet<>();
    // An hour has too few of a kind to see all that can be wrong with it.
    MarketFeed many =
        new MarketFeed(3, Feed.hour(3, SYMBOLS, 1_000_000, TickMix.CLEAN), Set.of(input));
    while (many.advance()) {
      Drawn record = Drawn.current(many);
      if (!record.sound()) {
        List<Reject> rejected = record.verdict().rejected();
        assertThat(rejected).as(record.text()).hasSize(1);
        List<RejectReason> reasons = rejected.get(0).reasons();
        assertThat(reasons).as(record.text()).hasSize(1);
        if (record.kind() == TickKind.MALFORMED) {
          assertThat(reasons).as(record.text()).containsExactly(RejectReason.MALFORMED);
        } else {
          absurd.addAll(reasons);
        }
      }
    }
    assertThat(absurd)
        .isEqualTo(
            input == Input.FILLS
                ? Set.of(
                    RejectReason.INVALID_ACCOUNT,
                    RejectReason.INVALID_PRICE,
                    RejectReason.INVALID_SIZE,
                    RejectReason.INVALID_CURRENCY,
                    RejectReason.INVALID_FEE,
                    RejectReason.INVALID_SYMBOL,
                    RejectReason.FUTURE)
                : Set.of(
                    RejectReason.INVALID_SCORE,
                    RejectReason.INVALID_MAGNITUDE,
                    RejectReason.INVALID_PROVIDER,
                    RejectReason.INVALID_SYMBOL,
                    RejectReason.FUTURE));
  }

  @Test
  void recordTimesNeverGoBackAndNothingIsAheadOfItsRecord() {
    assertThat(hour).isSortedAccordingTo(Comparator.comparingLong(Drawn::recordTimestampMillis));
    for (Drawn record : hour) {
      if (record.input() != Input.TICKS && record.sound()) {
        assertThat(record.verdict().highestTimestampMicros())
            .as(record.text())
            .isBetween(START_MICROS - 1_000, record.recordTimestampMillis() * 1_000);
      }
    }
  }

  @Test
  void everyFillIsAtThePriceAndTimeOfATickBeforeItAndInItsCurrency() {
    Map<String, Listing> listings =
        Listing.draw(SYMBOLS, new SeededRandom(7, SeededRandom.Stream.LISTINGS)).stream()
            .collect(Collectors.toMap(Listing::symbol, listing -> listing));
    Set<String> trades = new HashSet<>();
    for (Drawn record : hour) {
      if (record.input() == Input.TICKS && record.kind() == TickKind.NORMAL) {
        trades.add(trade(record));
      } else if (record.input() == Input.FILLS && record.sound()) {
        Fill fill = record.fill();
        Listing listing = listings.get(fill.symbol());
        String trade = trade(fill.source(), fill.symbol(), fill.price(), fill.timestampMicros());
        assertThat(trades.contains(trade)).as(record.text()).isTrue();
        assertThat(fill.currency()).isEqualTo(listing.currency());
        assertThat(new BigDecimal(fill.size().toString()).remainder(listing.lot())).isZero();
        assertThat(record.key()).isEqualTo(fill.account());
      }
    }
  }

  private static String trade(Drawn tick) {
    try {
      ParsedTick parsed = ParsedTick.parse(tick.payload());
      return trade(
          parsed.source(), parsed.symbol(), Decimal.of(parsed.price()), parsed.timestampMicros());
    } catch (ParsedTick.Malformed malformed) {
      throw new AssertionError(tick.text(), malformed);
    }
  }

  private static String trade(String source, String symbol, Decimal price, long micros) {
    return source + " " + symbol + " " + price + " " + micros;
  }

  @Test
  void accountsBuySellInPartsGoShortAndThroughZeroEachInItsOwnWay() {
    Map<String, Decimal> held = new HashMap<>();
    Map<String, Set<String>> seen = new TreeMap<>();
    for (Fill fill : fills()) {
      String position = fill.account() + " " + fill.instrument();
      Decimal before = held.getOrDefault(position, Decimal.ZERO);
      Decimal after = before.add(fill.signedSize());
      held.put(position, after);
      seen.computeIfAbsent(fill.account(), account -> new TreeSet<>()).add(move(before, after));
    }
    assertThat(seen)
        .isEqualTo(
            Map.of(
                "desk-1",
                Set.of("closes", "opens long", "adds", "reduces"),
                "desk-2",
                Set.of("closes", "opens long", "opens short", "adds", "reduces", "flips"),
                "market-maker",
                Set.of("closes", "opens long", "opens short", "adds", "reduces", "flips")));
  }

  private static String move(Decimal before, Decimal after) {
    if (before.signum() == 0) {
      return after.signum() > 0 ? "opens long" : "opens short";
    }
    if (after.signum() == 0) {
      return "closes";
    }
    if (before.signum() != after.signum()) {
      return "flips";
    }
    return after.abs().compareTo(before.abs()) > 0 ? "adds" : "reduces";
  }

  @Test
  void feesAreInTheCurrencyOfThePriceOrInACoinAndSomeAreRebates() {
    Map<String, Set<Integer>> signs = new TreeMap<>();
    for (Fill fill : fills()) {
      signs.computeIfAbsent(fill.account(), account -> new TreeSet<>()).add(fill.fee().signum());
      assertThat(fill.feeCurrency())
          .isEqualTo(fill.account().equals("desk-2") ? "BNB" : fill.currency());
      assertThat(fill.orderId()).isNotNull();
    }
    assertThat(signs)
        .isEqualTo(Map.of("desk-1", Set.of(1), "desk-2", Set.of(1), "market-maker", Set.of(-1)));
  }

  @Test
  void someOrdersAreExecutedInPiecesOfOneWay() {
    Map<String, List<Fill>> orders = fills().stream().collect(Collectors.groupingBy(Fill::orderId));
    assertThat(orders.values()).anyMatch(pieces -> pieces.size() > 1);
    assertThat(orders.values())
        .allMatch(
            pieces ->
                pieces.stream()
                        .map(fill -> fill.account() + fill.instrument() + fill.side())
                        .distinct()
                        .count()
                    == 1);
  }

  @Test
  void sentimentOfTwoProvidersIsAboutListedSymbolsAndOfAllMoods() {
    List<Sentiment> items = new ArrayList<>();
    for (Drawn record : of(Input.SENTIMENT)) {
      if (record.sound()) {
        Sentiment item = (Sentiment) record.verdict().accepted().get(0);
        assertThat(record.key()).isEqualTo(item.symbol());
        items.add(item);
      }
    }
    assertThat(items).extracting(Sentiment::provider).containsOnly("sim-news", "sim-posts");
    assertThat(items).extracting(Sentiment::symbol).contains("BTC-USD", "ETH/BTC", "AAPL");
    assertThat(items).extracting(item -> item.score().signum()).contains(-1, 1);
    assertThat(items)
        .allMatch(
            item ->
                item.provider().equals("sim-posts")
                    ? item.magnitude() != null
                    : item.textRef() != null);
  }

  @Test
  void aDuplicateRepeatsAnEarlierRecordByteForByteWithinTwoSeconds() {
    Map<String, Drawn> earlier = new HashMap<>();
    for (Drawn record : hour) {
      if (record.input() == Input.TICKS || !record.sound()) {
        continue;
      }
      if (record.kind() == TickKind.DUPLICATE) {
        Drawn original = earlier.get(record.text());
        assertThat(original).as(record.text()).isNotNull();
        assertThat(record.recordTimestampMillis() - original.recordTimestampMillis())
            .isBetween(0L, 2_300L);
      } else {
        assertThat(earlier.put(record.text(), record)).as(record.text()).isNull();
      }
    }
  }

  @Test
  void lateRecordsComeWhenTheirCandleIsOver() {
    assertThat(beside(TickKind.LATE)).isNotEmpty();
    for (Drawn record : beside(TickKind.LATE)) {
      long candleEnd = TickKind.candleEndMicros(record.verdict().highestTimestampMicros());
      assertThat(record.recordTimestampMillis())
          .isBetween(candleEnd / 1_000 + 10_000, candleEnd / 1_000 + 241_000);
    }
  }

  @Test
  void aStreamThatContinuesLiveGoesOnWithItsIds() {
    MarketFeed feed = feed(7, BESIDE);
    List<Drawn> all = new ArrayList<>(drain(feed));
    long liveStart = START_MICROS + HOUR_MICROS + 30_000_000;

    feed.continueLive(1_000, liveStart);
    List<Drawn> live = draw(feed, 100_000);
    all.addAll(live);

    assertThat(live.get(0).recordTimestampMillis()).isGreaterThanOrEqualTo(liveStart / 1_000);
    assertThat(live).extracting(Drawn::input).containsOnly(Input.values());
    assertThat(
            of(all, Input.FILLS)
                .filter(record -> record.sound() && record.kind() != TickKind.DUPLICATE)
                .map(record -> record.fill().fillId()))
        .doesNotHaveDuplicates();
  }
}

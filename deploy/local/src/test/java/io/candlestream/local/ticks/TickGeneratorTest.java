package io.candlestream.local.ticks;

import static io.candlestream.local.ticks.Feed.HOUR_MICROS;
import static io.candlestream.local.ticks.Feed.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.candlestream.local.ticks.Feed.Drawn;
import io.candlestream.local.ticks.ParsedTick.Fault;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TickGeneratorTest {
  private static final int SYMBOLS = 1_000;
  private static final int TICKS = 200_000;

  private static List<Drawn> hour;

  @BeforeAll
  static void drawAnHour() {
    hour = Feed.drain(Feed.hour(7, SYMBOLS, TICKS, TickMix.DEFAULT));
  }

  @Test
  void theSameSeedGivesTheSameBytesOnEveryMachine() {
    assertThat(Feed.sha256(Feed.hour(42, 500, 50_000, TickMix.DEFAULT)))
        .isEqualTo("1cef0eac9b6d2b8222b3f3a9059e9bd84150fd22761e33e75d5919dc1164408e");
  }

  @Test
  void anotherSeedGivesOtherBytes() {
    assertThat(Feed.sha256(Feed.hour(43, 500, 1_000, TickMix.DEFAULT)))
        .isNotEqualTo(Feed.sha256(Feed.hour(42, 500, 1_000, TickMix.DEFAULT)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3600",
    "1, 3600",
    "2, 3600",
    "3, 1",
    "999, 1",
    "999, 6",
    "5000, 300",
    "5000, 1300",
    "40000, 7200"
  })
  void thereAreExactlyAsManyRecordsAsAskedFor(int ticks, long seconds) {
    TickMix muchAmiss = new TickMix(0.1, 0.1, 0.1, 0.1, 0.05, 0.05);
    TickGenerator generator =
        TickGenerator.between(
            3, 50, ticks, START_MICROS, START_MICROS + seconds * 1_000_000, muchAmiss);

    List<Drawn> drawn = Feed.drain(generator);

    assertThat(drawn).hasSize(ticks);
    assertThat(generator.advance()).isFalse();
    assertThat(generator.waiting()).isZero();
    Map<TickKind, Long> seen =
        drawn.stream().collect(Collectors.groupingBy(Drawn::kind, Collectors.counting()));
    assertThat(generator.counts())
        .allSatisfy(
            (kind, count) ->
                assertThat(count).as(kind.name()).isEqualTo(seen.getOrDefault(kind, 0L)));
  }

  @Test
  void everyKindHasItsShare() {
    Map<TickKind, Long> counts =
        hour.stream().collect(Collectors.groupingBy(Drawn::kind, Collectors.counting()));
    for (TickKind kind : TickKind.values()) {
      double expected = TickMix.DEFAULT.share(kind) * TICKS;
      double deviation = Math.sqrt(expected * (1 - TickMix.DEFAULT.share(kind)));
      assertThat((double) counts.get(kind))
          .as(kind.name())
          .isCloseTo(expected, within(4 * deviation));
    }
  }

  @Test
  void aCleanMixHasNormalTicksOnly() {
    assertThat(Feed.drain(Feed.hour(1, 100, 20_000, TickMix.CLEAN)))
        .allMatch(record -> record.kind() == TickKind.NORMAL);
  }

  @Test
  void everySoundRecordSatisfiesTheRulesAndIsKeyedByItsInstrument() {
    assertThat(hour.stream().filter(Drawn::sound).toList())
        .hasSizeGreaterThan(TICKS * 99 / 100)
        .allMatch(record -> record.tick().faults(record.recordTimestampMillis()).isEmpty())
        .allMatch(
            record -> record.key().equals(record.tick().source() + "/" + record.tick().symbol()));
  }

  @Test
  void everyMalformedRecordIsMalformedAndKeyedByAnInstrument() {
    List<Drawn> records = Feed.drain(Feed.hour(7, 100, 20_000, new TickMix(0, 0, 0, 0, 0.05, 0)));
    Set<String> instruments =
        records.stream().filter(Drawn::sound).map(Drawn::key).collect(Collectors.toSet());
    assertThat(records.stream().filter(record -> record.kind() == TickKind.MALFORMED).toList())
        .hasSizeGreaterThan(900)
        .allMatch(record -> record.tick() == null)
        .allMatch(record -> instruments.contains(record.key()));
  }

  @Test
  void everyAbsurdRecordIsReadableAndBreaksOneRule() {
    Set<Fault> found = new TreeSet<>();
    for (Drawn record :
        Feed.drain(Feed.hour(7, SYMBOLS, 20_000, new TickMix(0, 0, 0, 0, 0, 0.05)))) {
      if (record.kind() == TickKind.ABSURD) {
        Set<Fault> faults = record.tick().faults(record.recordTimestampMillis());
        assertThat(faults).as(record.text()).hasSize(1);
        found.addAll(faults);
      }
    }
    assertThat(found)
        .containsExactly(Fault.SYMBOL, Fault.PRICE, Fault.SIZE, Fault.STALE, Fault.FUTURE);
  }

  @Test
  void recordTimesNeverGoBackAndNoSoundTickIsAheadOfItsRecord() {
    assertThat(hour).isSortedAccordingTo(Comparator.comparingLong(Drawn::recordTimestampMillis));
    assertThat(hour.stream().filter(Drawn::sound).toList())
        .allMatch(record -> record.tick().timestampMicros() >= START_MICROS)
        .allMatch(
            record -> record.tick().timestampMicros() < record.recordTimestampMillis() * 1_000);
    long endMillis = (START_MICROS + HOUR_MICROS) / 1_000;
    assertThat(hour.get(TICKS - 1).recordTimestampMillis())
        .isBetween(endMillis - 1_000, endMillis + 20);
  }

  @Test
  void aDuplicateRepeatsAnEarlierNormalTickByteForByteWithinTwoSeconds() {
    Map<String, Drawn> earlier = new HashMap<>();
    for (Drawn record : hour) {
      if (record.kind() == TickKind.DUPLICATE) {
        Drawn original = earlier.get(record.key() + record.text());
        assertThat(original).as(record.text()).isNotNull();
        assertThat(original.kind()).isEqualTo(TickKind.NORMAL);
        assertThat(record.tick().tradeId()).isNotNull();
        // It leaves with the first record of the feed after it is due: a little later still.
        assertThat(record.recordTimestampMillis() - original.recordTimestampMillis())
            .isBetween(0L, 2_300L);
      } else if (record.sound() && !withoutId(record)) {
        assertThat(earlier.put(record.key() + record.text(), record)).isNull();
      }
    }
  }

  private static boolean withoutId(Drawn record) {
    return record.tick().tradeId() == null;
  }

  @Test
  void anInstrumentsIdsCountUpByOneInTheOrderItTrades() {
    Map<String, List<ParsedTick>> trades = tradesWithId(hour);
    assertThat(trades).hasSizeGreaterThan(900);
    trades.forEach(
        (key, ticks) -> {
          ticks.sort(Comparator.comparingLong(TickGeneratorTest::order));
          long first = order(ticks.get(0));
          for (int index = 0; index < ticks.size(); index++) {
            assertThat(order(ticks.get(index))).as(key).isEqualTo(first + index);
          }
          assertThat(ticks)
              .as(key)
              .isSortedAccordingTo(Comparator.comparingLong(ParsedTick::timestampMicros));
          assertThat(ticks).as(key).extracting(ParsedTick::tradeId).doesNotHaveDuplicates();
        });
  }

  private static Map<String, List<ParsedTick>> tradesWithId(List<Drawn> records) {
    Map<String, List<ParsedTick>> trades = new HashMap<>();
    for (Drawn record : records) {
      if (record.sound() && record.kind() != TickKind.DUPLICATE && !withoutId(record)) {
        trades.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.tick());
      }
    }
    return trades;
  }

  /** A venue with ids in no order numbers its ticks by sequence. */
  private static long order(ParsedTick tick) {
    return tick.sequence() != null ? tick.sequence() : Long.parseLong(tick.tradeId());
  }

  @Test
  void someTicksOfOneVenueHaveNoId() {
    Map<Boolean, Set<String>> sources =
        hour.stream()
            .filter(Drawn::sound)
            .map(Drawn::tick)
            .collect(
                Collectors.partitioningBy(
                    tick -> tick.tradeId() == null,
                    Collectors.mapping(ParsedTick::source, Collectors.toSet())));
    assertThat(sources.get(true)).containsExactly("sim-stock");
    assertThat(sources.get(false))
        .containsExactlyInAnyOrder("sim-spot", "sim-cross", "sim-perp", "sim-stock", "sim-future");
  }

  @Test
  void plainTicksAreWrittenInOneFormByAllVenues() {
    TickGenerator plain =
        TickGenerator.plainBetween(
            7, SYMBOLS, 20_000, START_MICROS, START_MICROS + HOUR_MICROS, TickMix.DEFAULT);
    List<Drawn> sound = Feed.drain(plain).stream().filter(Drawn::sound).toList();
    assertThat(sound)
        .allMatch(
            record ->
                record
                    .text()
                    .matches(
                        "\\{\"source\":\"[^\"]+\",\"symbol\":\"[^\"]+\",\"trade_id\":\\d+"
                            + ",\"price\":\"[.\\d]+\",\"size\":\"[.\\d]+\",\"side\":\"(buy|sell)\""
                            + ",\"timestamp\":\\d{16}}"));
    assertThat(sound.stream().map(record -> record.tick().source()).distinct())
        .containsExactlyInAnyOrder("sim-spot", "sim-cross", "sim-perp", "sim-stock", "sim-future");
  }

  @Test
  void pricesAndSizesAreOnTheirGridsAndPricesWalk() {
    Map<String, Listing> listings =
        Listing.draw(SYMBOLS, new SeededRandom(7, SeededRandom.Stream.LISTINGS)).stream()
            .collect(
                Collectors.toMap(
                    listing -> listing.venue().source + "/" + listing.symbol(),
                    Function.identity()));
    Map<String, Set<BigDecimal>> prices = new HashMap<>();
    for (Drawn record : hour) {
      if (record.sound()) {
        ParsedTick tick = record.tick();
        Listing listing = listings.get(record.key());
        assertThat(tick.price().remainder(listing.increment())).as(record.text()).isZero();
        assertThat(tick.size().remainder(listing.lot())).as(record.text()).isZero();
        assertThat(tick.size()).isPositive();
        prices.computeIfAbsent(record.key(), key -> new HashSet<>()).add(tick.price());
      }
    }
    assertThat(prices.get("sim-spot/BTC-USD")).hasSizeGreaterThan(100);
    BigDecimal start = listings.get("sim-spot/BTC-USD").level();
    assertThat(prices.get("sim-spot/BTC-USD"))
        .allSatisfy(
            price ->
                assertThat(price.doubleValue())
                    .isBetween(start.doubleValue() * 0.9, start.doubleValue() * 1.1));
  }

  @Test
  void activityFollowsZipfsLaw() {
    List<Long> ranked =
        hour.stream()
            .collect(Collectors.groupingBy(Drawn::key, Collectors.counting()))
            .values()
            .stream()
            .sorted(Comparator.reverseOrder())
            .toList();
    ZipfSampler law = new ZipfSampler(SYMBOLS);
    assertThat(ranked.get(0) / (double) TICKS).isCloseTo(law.share(0), within(0.02));
    assertThat(slopeOfLogCountByLogRank(ranked.subList(0, 200))).isCloseTo(-1, within(0.1));
  }

  private static double slopeOfLogCountByLogRank(List<Long> counts) {
    double sumX = 0;
    double sumY = 0;
    double sumXx = 0;
    double sumXy = 0;
    for (int rank = 0; rank < counts.size(); rank++) {
      double x = Math.log(rank + 1);
      double y = Math.log(counts.get(rank));
      sumX += x;
      sumY += y;
      sumXx += x * x;
      sumXy += x * y;
    }
    int n = counts.size();
    return (n * sumXy - sumX * sumY) / (n * sumXx - sumX * sumX);
  }

  /**
   * The pipeline's rule with default times, watermarks following at once, and the topic in so many
   * partitions.
   */
  @ParameterizedTest
  @CsvSource({"1000, 1", "1000, 8", "10, 1", "20000, 4"})
  void lateTicksMeetAClosedCandleTooLateOnesADroppedOneAndOthersAnOpenOne(
      int symbols, int partitions) {
    TickMix manyLate = new TickMix(0.02, 0.01, 0.01, 0.005, 0.001, 0.0002);
    long minute = 60_000_000;
    long outOfOrderness = 5_000_000;
    long allowedLateness = 300_000_000;
    long[] highest = new long[partitions];
    Map<String, Long> highestOfInstrument = new HashMap<>();
    Map<TickKind, Set<String>> met = new EnumMap<>(TickKind.class);
    for (Drawn record : Feed.drain(Feed.hour(11, symbols, TICKS, manyLate))) {
      if (!record.sound()) {
        continue;
      }
      long timestamp = record.tick().timestampMicros();
      long candleEnd = (timestamp / minute + 1) * minute;
      long watermark = Arrays.stream(highest).min().orElseThrow() - outOfOrderness;
      long own = highestOfInstrument.getOrDefault(record.key(), 0L) - outOfOrderness;
      boolean dropped = Math.min(watermark, own) >= candleEnd + allowedLateness;
      String candle = dropped ? "dropped" : watermark >= candleEnd ? "closed" : "open";
      met.computeIfAbsent(record.kind(), kind -> new HashSet<>()).add(candle);
      int partition = Math.floorMod(record.key().hashCode(), partitions);
      highest[partition] = Math.max(highest[partition], timestamp);
      highestOfInstrument.merge(record.key(), timestamp, Math::max);
    }
    assertThat(met)
        .isEqualTo(
            Map.of(
                TickKind.NORMAL, Set.of("open"),
                TickKind.DUPLICATE, Set.of("open"),
                TickKind.OUT_OF_ORDER, Set.of("open"),
                TickKind.LATE, Set.of("closed"),
                TickKind.TOO_LATE, Set.of("dropped")));
  }

  @Test
  void aTooLateTickWaitsUntilItsInstrumentHasTradedOn() {
    TickMix manyTooLate = new TickMix(0, 0, 0, 0.1, 0, 0);
    long minute = 60_000_000;
    Map<String, Long> traded = new HashMap<>();
    int tooLate = 0;
    int early = 0;
    // A day so quiet that even the most active instrument trades only every few minutes.
    long end = START_MICROS + 24 * HOUR_MICROS;
    for (Drawn record :
        Feed.drain(TickGenerator.between(7, 1_000, 3_000, START_MICROS, end, manyTooLate))) {
      long timestamp = record.tick().timestampMicros();
      if (record.kind() == TickKind.TOO_LATE) {
        tooLate++;
        long candleEnd = (timestamp / minute + 1) * minute;
        early += traded.get(record.key()) < candleEnd + 6 * minute ? 1 : 0;
      } else {
        traded.merge(record.key(), timestamp, Math::max);
      }
    }
    assertThat(tooLate).isGreaterThan(200);
    assertThat(early).isZero();
  }

  @Test
  void outOfOrderTicksComeAfterLaterOnes() {
    long highest = 0;
    int overtaken = 0;
    int outOfOrder = 0;
    for (Drawn record : hour) {
      if (record.kind() == TickKind.NORMAL) {
        highest = Math.max(highest, record.tick().timestampMicros());
      } else if (record.kind() == TickKind.OUT_OF_ORDER) {
        outOfOrder++;
        long timestamp = record.tick().timestampMicros();
        assertThat(highest - timestamp).isLessThanOrEqualTo(4_001_000);
        overtaken += timestamp < highest ? 1 : 0;
      }
    }
    assertThat(overtaken).isGreaterThan(outOfOrder * 95 / 100);
  }

  @Test
  void fewTicksWaitAtAnyTimeAndNoneAtTheEnd() {
    TickGenerator ticks = Feed.hour(7, SYMBOLS, TICKS, TickMix.DEFAULT);
    int most = 0;
    while (ticks.advance()) {
      most = Math.max(most, ticks.waiting());
    }
    // At 55 records a second, the shares times their mean delays make 16.
    assertThat(most).isBetween(16, 60);
    assertThat(ticks.waiting()).isZero();
  }

  @Test
  void aLiveStreamKeepsItsRate() {
    TickGenerator live = TickGenerator.live(7, 100, 500, START_MICROS, TickMix.DEFAULT);
    List<Drawn> minute = Feed.draw(live, 30_000);
    assertThat(minute).hasSize(30_000);
    assertThat(minute.get(29_999).recordTimestampMillis() - START_MICROS / 1_000)
        .isBetween(59_000L, 60_020L);
    assertThat(live.counts().get(TickKind.DUPLICATE)).isBetween(450L, 750L);
  }

  @Test
  void aStreamThatContinuesLiveGoesOnWithItsInstrumentsIds() {
    TickGenerator ticks = Feed.hour(7, 20, 10_000, TickMix.DEFAULT);
    List<Drawn> all = new ArrayList<>(Feed.drain(ticks));
    long liveStart = START_MICROS + HOUR_MICROS + 30_000_000;

    ticks.continueLive(100, liveStart);
    all.addAll(Feed.draw(ticks, 50_000));

    assertThat(all).hasSize(60_000);
    assertThat(all.get(10_000).recordTimestampMillis()).isGreaterThanOrEqualTo(liveStart / 1_000);
    assertThat(ticks.counts().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(60_000);
    Map<String, List<ParsedTick>> trades = tradesWithId(all);
    assertThat(trades).hasSize(20);
    trades.forEach(
        (key, ofOne) -> {
          List<Long> ids = ofOne.stream().map(TickGeneratorTest::order).sorted().toList();
          assertThat(ids).as(key).doesNotHaveDuplicates();
          // What is still waiting at the moment of looking is the only thing missing.
          long missing = ids.get(ids.size() - 1) - ids.get(0) + 1 - ids.size();
          assertThat(missing).as(key).isBetween(0L, 60L);
        });
  }

  @Test
  void argumentsOutsideTheirRangesAreRefusedByName() {
    long end = START_MICROS + HOUR_MICROS;
    refused("symbols: 0 ", () -> TickGenerator.between(1, 0, 1, START_MICROS, end, TickMix.CLEAN));
    refused(
        "symbols: 100001 ",
        () -> TickGenerator.between(1, 100_001, 1, START_MICROS, end, TickMix.CLEAN));
    refused("ticks: -1 ", () -> TickGenerator.between(1, 1, -1, START_MICROS, end, TickMix.CLEAN));
    refused(
        "startMicros: 1790000000 ",
        () -> TickGenerator.between(1, 1, 1, 1_790_000_000, end, TickMix.CLEAN));
    refused("is not after", () -> TickGenerator.between(1, 1, 1, end, end, TickMix.CLEAN));
    refused("ticksPerSecond: 0.0 ", () -> TickGenerator.live(1, 1, 0, START_MICROS, TickMix.CLEAN));
    refused(
        "ticksPerSecond: NaN ",
        () -> TickGenerator.live(1, 1, Double.NaN, START_MICROS, TickMix.CLEAN));
    TickGenerator exhausted = Feed.hour(1, 10, 100, TickMix.CLEAN);
    Feed.drain(exhausted);
    refused("is before the last record", () -> exhausted.continueLive(10, START_MICROS));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }

  @Test
  void thereIsNoRecordBeforeTheFirstAdvance() {
    TickGenerator ticks = Feed.hour(1, 10, 1, TickMix.CLEAN);
    assertThatIllegalStateException().isThrownBy(ticks::payload).withMessageContaining("advance()");
  }
}

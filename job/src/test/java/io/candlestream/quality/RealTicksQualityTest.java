package io.candlestream.quality;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.candlestream.SharedData;
import io.candlestream.config.JobConfig;
import io.candlestream.config.QualityConfig;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.ingest.Decoding;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.oracle.TickRecord;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is found in eleven minutes of six real markets, untouched and with what was put into them.
 */
class RealTicksQualityTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final String GAPS = "quality.sequential.binance*=trade-id";
  private static final String SILENCE = "quality.silent-after=25s";
  private static final long SILENT_MICROS = 25_000_000;
  private static final String REJECT = "quality.on-anomaly=reject";

  private static List<Tick> ticks;

  @BeforeAll
  static void read() throws IOException {
    Decoding decoding = new Decoding(JobConfig.of(List.of()).validation());
    ticks =
        TickRecord.linesOf(SharedData.require("binance-6-streams.jsonl.gz")).stream()
            .map(decoding::accept)
            .toList();
  }

  /** What tells one event from another in the table. */
  private record Key(
      QualityKind kind, Instrument instrument, long timestampMicros, String identity) {

    static Key of(QualityEvent event) {
      return new Key(event.kind(), event.instrument(), event.timestampMicros(), event.identity());
    }
  }

  private record Found(List<QualityEvent> events, List<Tick> passed, List<Reject> rejected) {

    Map<QualityKind, Long> byKind() {
      return events.stream().collect(groupingBy(QualityEvent::kind, TreeMap::new, counting()));
    }

    /** Fails if one was found twice. */
    Set<Key> keys() {
      List<Key> keys = events.stream().map(Key::of).toList();
      assertThat(keys).doesNotHaveDuplicates();
      return new HashSet<>(keys);
    }
  }

  /** The two feeds of USD-M end at midnight, five minutes before the others. */
  @Test
  void ofUntouchedMarketsOnlyTheEndOfTwoFeedsIsReported() throws Exception {
    Found found = run(ticks, GAPS, SILENCE);

    System.out.printf("%,d real ticks, untouched: %s%n", ticks.size(), found.byKind());
    assertThat(found.keys()).isEqualTo(silences(ticks));
    assertThat(found.events())
        .hasSize(2)
        .allMatch(event -> event.kind() == QualityKind.FEED_SILENT)
        .allMatch(event -> event.instrument().source().equals("binance-usdm"));
    assertThat(found.passed()).isEqualTo(ticks);
  }

  /** Why the floor, and why sizes are not looked at by default: numbers that the README gives. */
  @Test
  void withALowerFloorOrFactorOrdinaryTradesWouldBeSpikes() throws Exception {
    Map<String, Long> spikes = new LinkedHashMap<>();
    for (String floor : List.of("0", "0.0005", "0.001", "0.005")) {
      spikes.put("floor " + floor, spikes("quality.price-spike.floor=" + floor));
    }
    for (String factor : List.of("100", "1000", "10000")) {
      spikes.put(
          "factor " + factor,
          spikes("quality.size-spike.enabled=true", "quality.size-spike.factor=" + factor));
    }

    System.out.printf("%,d real ticks, untouched: spikes by %s%n", ticks.size(), spikes);
    assertThat(spikes.get("floor 0")).isGreaterThan(20_000);
    assertThat(spikes.get("floor 0.0005")).isBetween(1L, 100L);
    assertThat(spikes.get("floor 0.001")).isZero();
    assertThat(spikes.get("factor 1000")).isGreaterThan(100);
    assertThat(spikes.get("factor 10000")).isLessThanOrEqualTo(3);
  }

  private static long spikes(String... settings) throws Exception {
    return run(ticks, settings).events().size();
  }

  @Test
  void everySpikePutInIsFoundAndNothingElse() throws Exception {
    List<String> factors =
        List.of(
            "1.006", "0.994", "1.01", "0.99", "1.05", "0.95", "1.5", "0.5", "10", "0.1", "1000");
    Random random = new Random(11);
    Set<Tick> spikes = new HashSet<>();
    List<Tick> touched = new ArrayList<>();
    Map<Instrument, Integer> seen = new HashMap<>();
    for (Tick tick : ticks) {
      touched.add(tick);
      int number = seen.merge(tick.instrument(), 1, Integer::sum);
      if (number >= 10 && random.nextInt(100) == 0) {
        String factor = factors.get(random.nextInt(factors.size()));
        Tick spike = priced(tick, "spike-" + number, factor);
        spikes.add(spike);
        touched.add(spike);
      }
    }

    Found flagged = run(touched, GAPS);
    Found rejected = run(touched, GAPS, REJECT);

    System.out.printf("%,d spikes put in: %s%n", spikes.size(), flagged.byKind());
    assertThat(spikes).hasSizeGreaterThan(500);
    assertThat(spikes.stream().map(Tick::instrument).distinct()).hasSize(6);
    Set<Key> expected = new HashSet<>();
    for (Tick spike : spikes) {
      expected.add(
          new Key(
              QualityKind.PRICE_SPIKE,
              spike.instrument(),
              spike.timestampMicros(),
              spike.tradeId().toString()));
    }
    assertThat(flagged.keys()).isEqualTo(expected);
    assertThat(flagged.passed()).isEqualTo(touched);
    assertThat(flagged.events())
        .allSatisfy(event -> assertThat(event.details()).startsWith("{\"price\":"));
    assertThat(rejected.events())
        .as("what is flagged would be rejected")
        .isEqualTo(flagged.events());
    assertThat(rejected.passed()).as("as if there had been none").isEqualTo(ticks);
    assertThat(rejected.rejected()).hasSameSizeAs(spikes);
  }

  @Test
  void everySizeInAWrongUnitIsFound() throws Exception {
    Set<Key> expected = new HashSet<>();
    List<Tick> touched = new ArrayList<>();
    int number = 0;
    for (Tick tick : ticks) {
      touched.add(tick);
      if (++number % 500 == 0) {
        Decimal tooLarge = tick.size().add(Decimal.of(100_000_000, 0));
        touched.add(copy(tick, "large-" + number, tick.price(), tooLarge, tick.side(), 0));
        expected.add(
            new Key(
                QualityKind.SIZE_SPIKE,
                tick.instrument(),
                tick.timestampMicros(),
                "large-" + number));
      }
    }

    Set<Key> found = run(touched, "quality.size-spike.enabled=true").keys();

    assertThat(found).containsAll(expected);
    assertThat(found.size() - expected.size())
        .as("what the untouched data has")
        .isLessThanOrEqualTo(3);
  }

  /** Single ids, runs of them, some close to each other; and everything out of order. */
  @Test
  void everyGapIsFoundWhateverTheOrder() throws Exception {
    Random random = new Random(12);
    List<Tick> left = new ArrayList<>();
    Map<Instrument, Integer> losing = new HashMap<>();
    for (Tick tick : ticks) {
      int lost = losing.getOrDefault(tick.instrument(), 0);
      if (lost == 0 && random.nextInt(300) == 0) {
        lost = random.nextBoolean() ? 1 : 1 + random.nextInt(200);
      }
      losing.put(tick.instrument(), Math.max(0, lost - 1));
      if (lost == 0) {
        left.add(tick);
      }
    }
    Set<Key> expected = missing(left);
    List<Tick> disordered = disordered(left, random);

    Found found = run(disordered, GAPS, "quality.price-spike.enabled=false");

    System.out.printf("%,d gaps put in: %s%n", expected.size(), found.byKind());
    assertThat(expected).hasSizeGreaterThan(100);
    assertThat(found.keys()).isEqualTo(expected);
    assertThat(found.events().stream().mapToLong(RealTicksQualityTest::missing).sum())
        .isEqualTo(numbersMissing(left));
    assertThat(run(left, GAPS).keys()).isEqualTo(expected);
    assertThat(run(disordered(ticks, random), GAPS, "quality.price-spike.enabled=false").events())
        .as("disorder alone is no gap")
        .isEmpty();
  }

  @Test
  void ofAnIdMissingAtTheEndNothingTellsButOfTheOneBeforeIt() throws Exception {
    Tick last = ticks.get(ticks.size() - 1);
    long beforeLast = last.tradeId().asLong() - 1;
    List<Tick> withoutLast = ticks.subList(0, ticks.size() - 1);
    List<Tick> withoutOneBefore =
        ticks.stream()
            .filter(
                tick ->
                    !tick.instrument().equals(last.instrument())
                        || tick.tradeId().asLong() != beforeLast)
            .toList();

    assertThat(run(withoutLast, GAPS).events()).isEmpty();
    assertThat(run(withoutOneBefore, GAPS).events())
        .extracting(QualityEvent::identity, QualityEvent::details)
        .containsExactly(
            tuple(
                last.tradeId().toString(),
                "{\"field\":\"trade_id\",\"from\":%d,\"to\":%d,\"missing\":1}"
                    .formatted(beforeLast, beforeLast)));
  }

  @Test
  void everyCopyThatSaysSomethingElseIsFoundAndNoOther() throws Exception {
    Random random = new Random(13);
    Set<Tick> copied = new HashSet<>();
    Set<Key> expected = new HashSet<>();
    List<Tick> touched = new ArrayList<>();
    for (int i = 0; i < ticks.size(); i++) {
      touched.add(ticks.get(i));
      if (random.nextInt(50) == 0) {
        Tick earlier = ticks.get(Math.max(0, i - random.nextInt(1_000)));
        if (!copied.add(earlier)) {
          continue;
        }
        int what = random.nextInt(6);
        Decimal price = what == 0 ? earlier.price().add(Decimal.of(1, 2)) : earlier.price();
        Decimal size = what == 1 ? earlier.size().add(Decimal.of(1, 2)) : earlier.size();
        Side side = what == 2 ? opposite(earlier.side()) : earlier.side();
        long later = what == 3 && inCandle(earlier.timestampMicros() + 1) ? 1 : 0;
        Tick copy = copy(earlier, earlier.tradeId().toString(), price, size, side, later);
        touched.add(copy);
        if (what < 3) {
          expected.add(Key.of(QualityEvent.conflictingDuplicate(copy)));
        }
      }
    }

    Found found = run(touched, GAPS);

    System.out.printf("%,d conflicts put in: %s%n", expected.size(), found.byKind());
    assertThat(expected).hasSizeGreaterThan(500);
    assertThat(found.keys()).isEqualTo(expected);
    assertThat(found.passed()).isEqualTo(ticks);
    assertThat(run(touched, GAPS, "quality.conflicting-duplicate=false").events()).isEmpty();
  }

  private static boolean inCandle(long micros) {
    return Math.floorMod(micros, INTERVALS.lengthMicros()) != 0;
  }

  private static Side opposite(Side side) {
    return side == Side.BUY ? Side.SELL : Side.BUY;
  }

  /** One instrument after the other stops for a while, as seen by a clock that shows event time. */
  @Test
  void everySilenceIsFoundWithItsEnd() throws Exception {
    List<Tick> left = new ArrayList<>();
    List<Instrument> instruments = ticks.stream().map(Tick::instrument).distinct().toList();
    long start = ticks.get(0).timestampMicros();
    for (Tick tick : ticks) {
      int turn = instruments.indexOf(tick.instrument());
      long since = tick.timestampMicros() - start - (60 + turn * 60) * 1_000_000L;
      if (since < 0 || since > 40_000_000) {
        left.add(tick);
      }
    }
    Set<Key> expected = silences(left);

    Found found = run(left, SILENCE);

    System.out.printf("%,d silences put in: %s%n", instruments.size(), found.byKind());
    assertThat(expected).hasSize(2 * instruments.size() + silences(ticks).size());
    assertThat(found.keys()).isEqualTo(expected);
  }

  private static Set<Key> silences(List<Tick> ticks) {
    Map<Instrument, Tick> last = new HashMap<>();
    Set<Key> silences = new HashSet<>();
    for (Tick tick : ticks) {
      Tick before = last.put(tick.instrument(), tick);
      if (before != null && tick.timestampMicros() - before.timestampMicros() > SILENT_MICROS) {
        silences.add(silence(QualityKind.FEED_SILENT, before));
        silences.add(silence(QualityKind.FEED_RESUMED, before));
      }
    }
    long end = ticks.get(ticks.size() - 1).timestampMicros();
    for (Tick tick : last.values()) {
      if (end - tick.timestampMicros() > SILENT_MICROS) {
        silences.add(silence(QualityKind.FEED_SILENT, tick));
      }
    }
    return silences;
  }

  private static Key silence(QualityKind kind, Tick last) {
    return new Key(kind, last.instrument(), last.timestampMicros(), last.tradeId().toString());
  }

  /** Through the two stations that look, by a clock that shows event time. */
  private static Found run(List<Tick> ticks, String... settings) throws Exception {
    QualityConfig config = JobConfig.of(List.of(settings)).quality();
    List<Tick> passed = new ArrayList<>();
    try (Subtask<Ticks, Ticks> dedup =
            Subtask.<Ticks, Ticks>of(
                new CachedStateOperator<>(
                    new DropDuplicates(
                        INTERVALS,
                        JobConfig.of(List.of()).dedup().withoutId(),
                        config.conflictingDuplicate())),
                Ticks::instrument);
        Subtask<Ticks, Ticks> check =
            Subtask.<Ticks, Ticks>of(
                new CachedStateOperator<>(new CheckQuality(config, INTERVALS)),
                Ticks::instrument)) {
      long highestMillis = Long.MIN_VALUE;
      for (Tick tick : ticks) {
        long millis = Math.floorDiv(tick.timestampMicros(), 1_000);
        if (millis > highestMillis) {
          highestMillis = millis;
          check.processingTime(millis);
        }
        dedup.take(Ticks.of(tick));
        for (Ticks distinct : dedup.output()) {
          check.take(distinct);
        }
        passed.addAll(SomeTick.each(check.output()));
        long watermark = highestMillis - 5_000 - 1;
        dedup.watermark(watermark);
        check.watermark(watermark);
        dedup.output();
        check.output();
      }
      check.watermark(Long.MAX_VALUE);
      List<QualityEvent> events = new ArrayList<>(dedup.output(DropDuplicates.CONFLICTS));
      events.addAll(check.output(CheckQuality.EVENTS));
      return new Found(events, passed, check.output(CheckQuality.ANOMALIES));
    }
  }

  private static Tick priced(Tick tick, String id, String factor) {
    Decimal price = Decimal.of(tick.price().toBigDecimal().multiply(new BigDecimal(factor)));
    return copy(tick, id, price, tick.size(), tick.side(), 0);
  }

  private static Tick copy(
      Tick tick, String id, Decimal price, Decimal size, Side side, long laterMicros) {
    Origin origin = tick.order().origin();
    return new Tick(
        tick.instrument(),
        new TickOrder(
            tick.timestampMicros() + laterMicros,
            null,
            TradeId.of(id),
            new Origin(origin.topic(), 1, origin.offset(), 0, 0)),
        price,
        size,
        side,
        tick.raw());
  }

  /** Each delayed by less than the out-of-orderness. */
  private static List<Tick> disordered(List<Tick> ticks, Random random) {
    Map<Tick, Long> at = new HashMap<>();
    for (Tick tick : ticks) {
      at.put(tick, tick.timestampMicros() + random.nextInt(4_700_000));
    }
    return ticks.stream().sorted(Comparator.comparingLong(at::get)).toList();
  }

  private static Map<Instrument, TreeMap<Long, Tick>> byId(List<Tick> ticks) {
    Map<Instrument, TreeMap<Long, Tick>> byId = new HashMap<>();
    for (Tick tick : ticks) {
      byId.computeIfAbsent(tick.instrument(), instrument -> new TreeMap<>())
          .put(tick.tradeId().asLong(), tick);
    }
    return byId;
  }

  private static Set<Key> missing(List<Tick> left) {
    Set<Key> missing = new HashSet<>();
    byId(left)
        .forEach(
            (instrument, come) ->
                new TreeSet<>(come.keySet())
                    .forEach(
                        id -> {
                          Map.Entry<Long, Tick> next = come.higherEntry(id);
                          if (next != null && next.getKey() > id + 1) {
                            missing.add(
                                new Key(
                                    QualityKind.SEQUENCE_GAP,
                                    instrument,
                                    next.getValue().timestampMicros(),
                                    next.getKey().toString()));
                          }
                        }));
    return missing;
  }

  private static long numbersMissing(List<Tick> left) {
    return byId(left).values().stream()
        .mapToLong(come -> come.lastKey() - come.firstKey() + 1 - come.size())
        .sum();
  }

  private static long missing(QualityEvent gap) {
    return Long.parseLong(gap.details().replaceAll(".*\"missing\":(\\d+)}", "$1"));
  }
}

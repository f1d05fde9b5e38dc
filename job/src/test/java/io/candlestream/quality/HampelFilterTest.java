package io.candlestream.quality;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.QualityConfig.PriceSpike;
import io.candlestream.config.QualityConfig.SizeSpike;
import io.candlestream.config.QualityConfig.Window;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** {@link HampelFilter} against the definition, computed anew for every value. */
class HampelFilterTest {

  private static final Duration AGE = Duration.ofSeconds(10);

  private static final PriceSpike PRICES = new PriceSpike(true, new Window(7, 5, AGE), 3, 0.01);

  private static final SizeSpike SIZES = new SizeSpike(true, new Window(7, 5, AGE), 3, 10);

  /** A value, and how long after the one before; below 0 for one that is out of order. */
  record Value(double value, long afterMicros) {}

  /** Verdicts by sorting everything at every step. */
  private static List<Optional<Deviation>> byDefinition(
      Window window, double k, double floor, boolean ratios, List<Value> series) {
    List<Optional<Deviation>> verdicts = new ArrayList<>();
    List<Double> last = new ArrayList<>();
    List<Double> run = new ArrayList<>();
    long now = 0;
    long newest = Long.MIN_VALUE;
    for (Value each : series) {
      double x = each.value();
      now += each.afterMicros();
      if (!last.isEmpty() && now - newest > AGE.toNanos() / 1_000) {
        last.clear();
        run.clear();
      }
      newest = Math.max(newest, now);
      Optional<Deviation> verdict = Optional.empty();
      if (last.size() >= window.level()) {
        double median = lowerMedian(last, value -> value);
        DoubleUnaryOperator distance =
            ratios
                ? value -> Math.max(value / median, median / value)
                : value -> Math.abs(value - median);
        double mad = lowerMedian(last, distance);
        boolean spike =
            ratios
                ? x / median > Math.max(Math.pow(mad, k * 1.4826), floor)
                : distance.applyAsDouble(x) > Math.max(k * 1.4826 * mad, floor * median);
        if (spike) {
          verdict = Optional.of(new Deviation(median, mad));
          if (!run.isEmpty() && run.get(0) > median != x > median) {
            run.clear();
          }
          run.add(x);
          if (run.size() == window.level()) {
            last = new ArrayList<>(run);
            run.clear();
          }
        }
      }
      verdicts.add(verdict);
      if (verdict.isEmpty()) {
        run.clear();
        last.add(x);
        if (last.size() > window.window()) {
          last.remove(0);
        }
      }
    }
    return verdicts;
  }

  private static double lowerMedian(List<Double> values, DoubleUnaryOperator of) {
    double[] sorted = values.stream().mapToDouble(v -> v).map(of).sorted().toArray();
    return sorted[(sorted.length - 1) / 2];
  }

  @Property
  void pricesAreJudgedByTheDefinition(
      @ForAll("windows") Window window,
      @ForAll("series") List<Value> series,
      @ForAll @IntRange(max = 4) int k,
      @ForAll @IntRange(max = 2) int percent) {
    HampelFilter filter = HampelFilter.of(new PriceSpike(true, window, k, percent / 100.0));
    List<Optional<Deviation>> expected = byDefinition(window, k, percent / 100.0, false, series);

    assertThat(judged(filter, series, false)).isEqualTo(expected);
    Statistics.label("has a spike")
        .collect(expected.stream().anyMatch(Optional::isPresent))
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
  }

  @Property
  void sizesAreJudgedByTheDefinition(
      @ForAll("windows") Window window,
      @ForAll("series") List<Value> series,
      @ForAll @IntRange(max = 3) int k) {
    HampelFilter filter = HampelFilter.of(new SizeSpike(true, window, k, 1.5));
    List<Optional<Deviation>> expected = byDefinition(window, k, 1.5, true, series);

    assertThat(judged(filter, series, true)).isEqualTo(expected);
    Statistics.label("has a spike")
        .collect(expected.stream().anyMatch(Optional::isPresent))
        .coverage(cases -> cases.check(true).percentage(share -> share > 10));
  }

  /** With the MAD in place of the value that it comes from, as in the definition. */
  private static List<Optional<Deviation>> judged(
      HampelFilter filter, List<Value> series, boolean ratios) {
    List<Optional<Deviation>> verdicts = new ArrayList<>();
    RecentValues values = filter.adopt(null);
    long now = 0;
    for (Value each : series) {
      now += each.afterMicros();
      values = throughBytes(values);
      verdicts.add(
          filter
              .judge(values, each.value(), now)
              .map(
                  found ->
                      new Deviation(
                          found.median(),
                          ratios
                              ? Math.max(
                                  found.typical() / found.median(),
                                  found.median() / found.typical())
                              : Math.abs(found.typical() - found.median()))));
    }
    return verdicts;
  }

  private static RecentValues throughBytes(RecentValues values) {
    try {
      DataOutputSerializer output = new DataOutputSerializer(64);
      RecentValuesSerializer.INSTANCE.serialize(values, output);
      DataInputDeserializer input = new DataInputDeserializer(output.getCopyOfBuffer());
      RecentValues restored = RecentValuesSerializer.INSTANCE.deserialize(input);
      assertThat(input.available()).isZero();
      return restored;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Provide
  Arbitrary<Window> windows() {
    return Arbitraries.integers()
        .between(3, 20)
        .flatMap(
            level ->
                Arbitraries.integers()
                    .between(level, 127)
                    .map(window -> new Window(window, level, AGE)));
  }

  /** Around a level, sometimes far from it, sometimes at another from there on. */
  @Provide
  Arbitrary<List<Value>> series() {
    Arbitrary<Double> value =
        Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.integers().between(99, 101)),
                Tuple.of(4, Arbitraries.integers().between(90, 110)),
                Tuple.of(2, Arbitraries.integers().between(1, 1_000)),
                Tuple.of(2, Arbitraries.just(200)))
            .map(Integer::doubleValue);
    Arbitrary<Long> after =
        Arbitraries.frequencyOf(
            Tuple.of(60, Arbitraries.longs().between(-1_000, 1_000)),
            Tuple.of(1, Arbitraries.longs().between(9_000_000, 11_000_000)));
    return Combinators.combine(value, after)
        .as(Value::new)
        .flatMap(one -> Arbitraries.integers().between(1, 12).map(n -> Collections.nCopies(n, one)))
        .list()
        .ofMaxSize(40)
        .map(runs -> runs.stream().flatMap(List::stream).toList());
  }

  @Example
  void aPriceThatJumpsAndComesBackIsASpikeUpOrDown() {
    assertThat(spikesOf(100, 101, 100, 99, 100, 150, 100, 50, 100)).containsExactly(5, 7);
  }

  @Example
  void untilALevelIsKnownThereIsNoVerdict() {
    assertThat(spikesOf(100, 150, 100, 50, 100, 150)).containsExactly(5);
  }

  @Example
  void theSamePriceAgainAndAgainLeavesRoomForTheFloor() {
    assertThat(spikesOf(100, 100, 100, 100, 100, 101, 99, 101.01, 98.99)).containsExactly(7, 8);
  }

  @Example
  void aPriceThatJumpsAndStaysIsTheNewLevelAfterAsManyTicksAsMakeOne() {
    assertThat(spikesOf(100, 100, 100, 100, 100, 150, 150, 151, 150, 149, 150, 151, 100))
        .containsExactly(5, 6, 7, 8, 9, 12);
  }

  @Example
  void aCrashOfWhichNoTwoPricesAgreeIsANewLevelToo() {
    assertThat(spikesOf(100, 100, 100, 100, 100, 90, 80, 70, 60, 50, 60)).hasSize(5);
  }

  @Example
  void spikesOnBothSidesOrWithAGoodPriceBetweenThemAreNoLevel() {
    double[] series = new double[5 + 40];
    Arrays.fill(series, 100);
    for (int i = 5; i < series.length; i += 2) {
      series[i] = i < 25 ? 150 : (i / 2) % 2 == 0 ? 150 : 50;
      series[i + 1] = i < 25 ? 100 : (i / 2) % 2 == 0 ? 50 : 150;
    }

    assertThat(spikesOf(series)).hasSize(10 + 20);
  }

  @Example
  void whatIsTooOldSaysNothing() {
    HampelFilter filter = HampelFilter.of(PRICES);
    RecentValues values = filter.adopt(null);
    for (int i = 0; i < 5; i++) {
      assertThat(filter.judge(values, 100, 0)).isEmpty();
    }
    assertThat(filter.judge(values, 150, 10_000_000)).isPresent();
    assertThat(filter.judge(values, 150, 20_000_001)).isEmpty();
    for (int i = 0; i < 4; i++) {
      assertThat(filter.judge(values, 150, 20_000_001)).isEmpty();
    }
    assertThat(filter.judge(values, 100, 20_000_002)).isPresent();
  }

  @Example
  void aSizeIsTooLargeByItsRatioToTheMedianAndNeverTooSmall() {
    assertThat(spikes(HampelFilter.of(SIZES), 1, 1, 1, 1, 1, 10, 11, 0.001, 1)).containsExactly(6);
    // The median is 10 and the typical ratio 10, and 10^(3 · 1.4826) is 28,041.
    assertThat(spikes(HampelFilter.of(SIZES), 1, 100, 10, 1, 100, 280_000, 281_000))
        .containsExactly(6);
  }

  @Property
  void anotherWindowGoesOnWithTheNewestValues(
      @ForAll @IntRange(min = 1, max = 127) int before,
      @ForAll @IntRange(min = 1, max = 127) int after,
      @ForAll @IntRange(max = 300) int values) {
    RecentValues recent = new RecentValues(before);
    for (int i = 0; i < values; i++) {
      recent.add((i * 7919) % 101);
    }
    double[] inTime = recent.inOrderOfTime();

    double[] kept = recent.resized(after).inOrderOfTime();

    assertThat(inTime)
        .containsExactly(
            lastOf(DoubleStream.iterate(0, i -> i + 1).limit(values), before)
                .map(i -> (i * 7919) % 101)
                .toArray());
    assertThat(kept).containsExactly(lastOf(Arrays.stream(inTime), after).toArray());
  }

  private static DoubleStream lastOf(DoubleStream values, int count) {
    double[] all = values.toArray();
    return Arrays.stream(all).skip(Math.max(0, all.length - count));
  }

  @Example
  void aCopyAndItsOriginalGoTheirOwnWays() {
    HampelFilter filter = HampelFilter.of(PRICES);
    RecentValues original = filter.adopt(null);
    for (int i = 0; i < 5; i++) {
      original.add(100);
    }
    RecentValues copy = RecentValuesSerializer.INSTANCE.copy(original);
    for (int i = 0; i < 5; i++) {
      assertThat(filter.judge(original, 150, 0)).isPresent();
    }

    assertThat(original.inOrderOfTime()).containsOnly(150);
    assertThat(copy.inOrderOfTime()).containsOnly(100);
    assertThat(filter.judge(copy, 150, 0)).isPresent();
    assertThat(filter.judge(original, 150, 0)).isEmpty();
  }

  private static List<Integer> spikesOf(double... prices) {
    return spikes(HampelFilter.of(PRICES), prices);
  }

  /** Which of the values are spikes. */
  private static List<Integer> spikes(HampelFilter filter, double... series) {
    RecentValues values = filter.adopt(null);
    List<Integer> spikes = new ArrayList<>();
    for (int i = 0; i < series.length; i++) {
      if (filter.judge(values, series[i], 0).isPresent()) {
        spikes.add(i);
      }
    }
    return spikes;
  }
}

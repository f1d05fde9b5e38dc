package io.candlestream;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.DedupConfig.WithoutId;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.quality.QualityEvent;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Subtask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The law of ticks that travel together: what comes of them is what comes of each by itself. */
class TogetherLawTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(2));

  private static final Instrument INSTRUMENT = SomeTick.of("BTC").tick().instrument();

  /** Ticks that come one after another, and the watermark after them. */
  private record Stretch(List<Tick> ticks, long watermarkMillis) {}

  /** All that comes of ticks, and what was counted of them. */
  private record Result(
      List<Tick> distinct,
      List<CandleUpdate> candles,
      List<Reject> late,
      List<QualityEvent> conflicts,
      List<Long> newest,
      TreeMap<String, Long> counts) {}

  @Property(tries = 500)
  void ticksTogetherComeToWhatEachComesToByItself(@ForAll("stretches") List<Stretch> stretches)
      throws Exception {
    Result together = run(stretches, true);
    Result alone = run(stretches, false);
    assertThat(together).usingRecursiveComparison().ignoringFields("newest").isEqualTo(alone);
    // Of several ticks in a newer candle it is not the first that says so, but the newest.
    assertThat(together.newest()).hasSameSizeAs(alone.newest());
    for (int i = 0; i < together.newest().size(); i++) {
      assertThat(INTERVALS.startOf(together.newest().get(i)))
          .isEqualTo(INTERVALS.startOf(alone.newest().get(i)));
    }
  }

  private static Result run(List<Stretch> stretches, boolean isTogether) throws Exception {
    try (Subtask<Ticks, Ticks> dedup =
            Subtask.of(
                new CachedStateOperator<>(new DropDuplicates(INTERVALS, WithoutId.COUNT, true)),
                Ticks::instrument);
        Subtask<Ticks, CandleUpdate> build =
            Subtask.of(
                new CachedStateOperator<>(new BuildCandles(INTERVALS, Duration.ZERO)),
                Ticks::instrument)) {
      List<Tick> distinct = new ArrayList<>();
      for (Stretch stretch : stretches) {
        for (Ticks ticks : isTogether ? groups(stretch.ticks()) : each(stretch.ticks())) {
          dedup.take(ticks);
          List<Ticks> passed = dedup.output();
          distinct.addAll(SomeTick.each(passed));
          for (Ticks next : passed) {
            build.take(next);
          }
        }
        dedup.watermark(stretch.watermarkMillis());
        build.watermark(stretch.watermarkMillis());
      }
      build.watermark(Long.MAX_VALUE);
      TreeMap<String, Long> counts = new TreeMap<>();
      for (String name : List.of("ticksDuplicate", "dedupEntries", "ticksRejected")) {
        counts.put(name, dedup.metric(name));
      }
      for (String name :
          List.of("ticksAccepted", "candlesClosed", "candlesCorrected", "instruments")) {
        counts.put(name, build.metric(name));
      }
      return new Result(
          distinct,
          build.output(),
          dedup.output(DropDuplicates.LATE),
          dedup.output(DropDuplicates.CONFLICTS),
          build.output(BuildCandles.NEWEST),
          counts);
    }
  }

  private static List<Ticks> each(List<Tick> ticks) {
    return ticks.stream().map(Ticks::of).toList();
  }

  /** As many together as may be. */
  private static List<Ticks> groups(List<Tick> ticks) {
    List<Ticks> groups = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= ticks.size(); i++) {
      if (i == ticks.size() || start(ticks.get(i)) != start(ticks.get(first))) {
        groups.add(new Ticks(INSTRUMENT, ticks.subList(first, i)));
        first = i;
      }
    }
    return groups;
  }

  private static long start(Tick tick) {
    return INTERVALS.startOf(tick.timestampMicros());
  }

  private static Arbitrary<Tick> tick(int minute) {
    return Combinators.combine(
            Arbitraries.integers().between(0, 59),
            Arbitraries.longs().between(0, 8),
            Arbitraries.of("1", "2"),
            Arbitraries.longs().between(0, 1_000))
        .as(
            (second, id, price, offset) -> {
              SomeTick tick =
                  SomeTick.of("BTC").atSeconds(minute * 60 + second).price(price).offset(offset);
              return (id == 0 ? tick : tick.id(id)).tick();
            });
  }

  /**
   * Of few ids, so that many are copies, of which some conflict; and over so long that many are
   * late.
   */
  @Provide
  Arbitrary<List<Stretch>> stretches() {
    // Mostly of one minute, so that there is something to travel together.
    Arbitrary<Integer> minutes = Arbitraries.integers().between(0, 9);
    Arbitrary<List<Tick>> neighbours =
        minutes.flatMap(
            minute ->
                Arbitraries.frequencyOf(Tuple.of(4, Arbitraries.just(minute)), Tuple.of(1, minutes))
                    .flatMap(TogetherLawTest::tick)
                    .list()
                    .ofMaxSize(8));
    return Combinators.combine(neighbours, Arbitraries.longs().between(0, 600))
        .as((list, seconds) -> new Stretch(list, seconds * 1_000))
        .list()
        .ofMaxSize(10);
  }
}

package io.candlestream;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.Scenario.Arrival;
import io.candlestream.Scenario.Failure;
import io.candlestream.Scenario.IdKind;
import io.candlestream.Scenario.Restart;
import io.candlestream.Scenario.Trade;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.ingest.Decoding;
import io.candlestream.market.Intervals;
import io.candlestream.market.Tick;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/**
 * The law of the job: what is in the table at last depends on the set of ticks alone. Neither their
 * order, nor copies of them, nor the parallelism, nor crashes change a digit of any row.
 */
class OrderLawTest {

  private static final Intervals INTERVALS =
      Intervals.of(
          Duration.ofMillis(Scenario.LENGTH_MILLIS),
          Duration.ofMillis(Scenario.OUT_OF_ORDERNESS_MILLIS),
          Duration.ofMillis(Scenario.ALLOWED_LATENESS_MILLIS));

  private static final Stations.Design REAL = new Stations.Design(true, true, true);

  private static final Decoding DECODING = new Decoding(JobConfig.of(List.of()).validation());

  @Property(tries = 400)
  void theRowsDependOnTheSetOfTicksAlone(@ForAll("scenarios") Scenario scenario) throws Exception {
    Map<String, List<Row>> expected = expected(scenario);
    CandleRows table = run(scenario, REAL);
    collectWhatIsCovered(scenario, expected, table);
    expected.forEach(
        (name, rows) -> assertThat(Row.difference(rows, table.all(name))).as(name).isEmpty());
  }

  /** The law is worth little where nothing happens. */
  private static void collectWhatIsCovered(
      Scenario scenario, Map<String, List<Row>> expected, CandleRows table) {
    List<Row> rows = expected.get("market_data");
    Statistics.label("a crash in the middle")
        .collect(
            scenario.failures().stream()
                .anyMatch(
                    failure -> failure.checkpointAt() % 100 != 0 && failure.crashAt() % 100 != 0))
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
    Statistics.label("every indicator is warm")
        .collect(rows.stream().anyMatch(row -> row.ema200() != null))
        .coverage(cases -> cases.check(true).percentage(share -> share > 5));
    Statistics.label("a longer timeframe has averages")
        .collect(expected.get("indicators_5m").stream().anyMatch(row -> row.ema9() != null))
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
    Statistics.label("a candle is shown while it is open")
        .collect(table.provisional() > 0)
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
    Statistics.label("a gap is filled")
        .collect(rows.stream().anyMatch(row -> row.trades() == 0))
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
    Statistics.label("a tick comes after its candle closed")
        .collect(
            scenario.trades().stream()
                .anyMatch(
                    trade ->
                        trade.delay() * 60L
                            > Scenario.OUT_OF_ORDERNESS_MILLIS + Scenario.LENGTH_MILLIS))
        .coverage(cases -> cases.check(true).percentage(share -> share > 25));
  }

  @Example
  void theLawIsBrokenWithoutDeduplication() {
    assertThat(breaks(new Stations.Design(false, true, true))).isPositive();
  }

  @Example
  void theLawIsBrokenWithoutTheCascade() {
    assertThat(breaks(new Stations.Design(true, false, true))).isPositive();
  }

  @Example
  void theLawIsBrokenWithoutTheKeptFrontier() {
    assertThat(breaks(new Stations.Design(true, true, false))).isPositive();
  }

  @Example
  void theLawHoldsOnTheScenariosThatTheBrokenDesignsFail() {
    assertThat(breaks(REAL)).isZero();
  }

  /** In how many of some fixed scenarios a design breaks the law. */
  private static long breaks(Stations.Design design) {
    return longSeries().generator(1_000).stream(new Random(7))
        .map(shrinkable -> shrinkable.value())
        .limit(20)
        .filter(scenario -> breaksOn(scenario, design))
        .count();
  }

  private static boolean breaksOn(Scenario scenario, Stations.Design design) {
    try {
      CandleRows table = run(scenario, design);
      return expected(scenario).entrySet().stream()
          .anyMatch(rows -> !table.all(rows.getKey()).equals(rows.getValue()));
    } catch (IllegalStateException refused) {
      assertThat(refused).hasMessageContaining("changes what was settled");
      return true;
    } catch (Exception e) {
      throw new AssertionError("neither right nor wrong rows", e);
    }
  }

  /** The content of each table. */
  private static Map<String, List<Row>> expected(Scenario scenario) {
    BatchComputation batch =
        new BatchComputation(Duration.ofMillis(Scenario.LENGTH_MILLIS), null)
            .fillingGaps(scenario.fillsGaps());
    Map<String, List<Row>> tables = new LinkedHashMap<>();
    tables.put("market_data", batch.marketData(scenario.distinct()));
    for (Timeframe timeframe : Timeframe.values()) {
      tables.put(
          "indicators_" + timeframe.word(),
          batch.timeframe(timeframe.length(), scenario.distinct()));
    }
    return tables;
  }

  /** Plays a scenario, crashes and all, and returns the tables. */
  private static CandleRows run(Scenario scenario, Stations.Design design) throws Exception {
    CandleRows table = new CandleRows();
    Reading reading = new Reading(scenario);
    int generation = 0;
    Stations stations = stations(scenario, design, scenario.parallelism(), generation, null, table);
    try {
      long checkpoint = 1;
      for (Failure failure : scenario.failures()) {
        reading.read(stations, reading.remaining() * failure.checkpointAt() / 100);
        Reading checkpointed = reading.copy();
        Stations.Snapshot snapshot = stations.snapshot(checkpoint++);
        reading.read(stations, reading.remaining() * failure.crashAt() / 100);
        stations.close();
        boolean resumes = failure.restart() == Restart.RESUME;
        reading = resumes ? checkpointed.resume() : checkpointed;
        generation += failure.restart() == Restart.RAISED_GENERATION ? 1 : 0;
        stations =
            stations(
                scenario,
                design,
                failure.parallelism(),
                generation,
                resumes ? null : snapshot,
                table);
      }
      reading.read(stations, reading.remaining());
      stations.watermark(Long.MAX_VALUE);
      return table;
    } finally {
      stations.close();
      table.close();
    }
  }

  private static Stations stations(
      Scenario scenario,
      Stations.Design design,
      int parallelism,
      int generation,
      Stations.Snapshot snapshot,
      CandleRows table)
      throws Exception {
    Stations.Features features =
        new Stations.Features(
            scenario.live() ? Duration.ofSeconds(1) : Duration.ZERO,
            scenario.fillsGaps(),
            generation);
    return new Stations(
        INTERVALS,
        design,
        features,
        table.past(INTERVALS.lengthMicros()),
        parallelism,
        snapshot,
        table);
  }

  /**
   * How far each partition is read. As in Flink, a restart keeps the offsets, not the watermarks.
   */
  private static final class Reading {

    private final Scenario scenario;
    private final List<List<Arrival>> partitions;
    private final int[] offsets;
    private final long[] highest;
    private final Random random;

    /** From when on no tick of a partition is missing. */
    private final long[] completeFrom;

    private long clock;
    private long watermark = Long.MIN_VALUE;

    Reading(Scenario scenario) {
      this(
          scenario,
          new int[scenario.partitions()],
          new long[scenario.partitions()],
          scenario.interleaving());
    }

    private Reading(Scenario scenario, int[] offsets, long[] completeFrom, long interleaving) {
      this.scenario = scenario;
      this.partitions = scenario.arrivals();
      this.offsets = offsets;
      this.completeFrom = completeFrom;
      this.highest = new long[offsets.length];
      Arrays.fill(highest, Long.MIN_VALUE);
      this.random = new Random(interleaving);
    }

    Reading copy() {
      Reading copy = new Reading(scenario, offsets.clone(), completeFrom, random.nextLong());
      copy.watermark = watermark;
      return copy;
    }

    /** From where a job without state goes on, with what its predecessor had read by now. */
    Reading resume() {
      if (watermark == Long.MIN_VALUE) {
        return new Reading(scenario);
      }
      long from = watermark + 1 - Scenario.ALLOWED_LATENESS_MILLIS - Scenario.LENGTH_MILLIS;
      int[] resumed = new int[offsets.length];
      long[] complete = new long[offsets.length];
      for (int i = 0; i < offsets.length; i++) {
        List<Arrival> partition = partitions.get(i);
        while (resumed[i] < partition.size() && partition.get(resumed[i]).atMillis() < from) {
          resumed[i]++;
        }
        complete[i] = resumed[i] == 0 ? 0 : from;
      }
      return new Reading(scenario, resumed, complete, random.nextLong());
    }

    void read(Stations stations, int ticks) throws Exception {
      for (int read = 1; read <= ticks; read++) {
        int partition = random.nextInt(offsets.length);
        while (isRead(partition)) {
          partition = (partition + 1) % offsets.length;
        }
        Arrival arrival = partitions.get(partition).get(offsets[partition]++);
        highest[partition] = Math.max(highest[partition], arrival.timestampMillis());
        Tick tick = DECODING.accept(arrival.record());
        if (INTERVALS.startOf(tick.timestampMicros()) >= completeFrom[partition] * 1_000) {
          stations.tick(tick);
        }
        if (scenario.live()) {
          stations.clock(clock += 300);
        }
        if (read % scenario.watermarkEvery() == 0) {
          long now = watermark();
          stations.watermark(now);
          // At the end of the input it says no time any more.
          watermark = now == Long.MAX_VALUE ? watermark : now;
        }
      }
    }

    private boolean isRead(int partition) {
      return offsets[partition] == partitions.get(partition).size();
    }

    private int remaining() {
      int remaining = 0;
      for (int i = 0; i < offsets.length; i++) {
        remaining += partitions.get(i).size() - offsets[i];
      }
      return remaining;
    }

    private long watermark() {
      long lowest = Long.MAX_VALUE;
      for (int i = 0; i < offsets.length; i++) {
        if (highest[i] == Long.MIN_VALUE && !isRead(i)) {
          return Long.MIN_VALUE;
        }
        if (!isRead(i)) {
          lowest = Math.min(lowest, highest[i] - Scenario.OUT_OF_ORDERNESS_MILLIS - 1);
        }
      }
      return lowest;
    }
  }

  @Provide
  Arbitrary<Scenario> scenarios() {
    return Arbitraries.frequencyOf(Tuple.of(3, manyInstruments()), Tuple.of(1, longSeries()));
  }

  /** Some instruments of some trades each: what can happen between them. */
  private static Arbitrary<Scenario> manyInstruments() {
    return scenarios(
        trades(Arbitraries.integers().between(0, 3), 0)
            .list()
            .ofMinSize(1)
            .ofMaxSize(150)
            .withSizeDistribution(RandomDistribution.uniform()));
  }

  /** One instrument with more candles than any indicator needs to warm. */
  private static Arbitrary<Scenario> longSeries() {
    return scenarios(trades(Arbitraries.just(0), 700).list().ofMinSize(240).ofMaxSize(320));
  }

  private static Arbitrary<Scenario> scenarios(Arbitrary<List<Trade>> trades) {
    return Combinators.combine(
            trades,
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs(),
            Arbitraries.integers().between(1, 20),
            Arbitraries.integers().between(1, 4),
            failures().list().ofMaxSize(2),
            Arbitraries.of(false, true),
            Arbitraries.of(false, true))
        .as(Scenario::new);
  }

  private static Arbitrary<Trade> trades(Arbitrary<Integer> instruments, int leastGapMillis) {
    return Combinators.combine(
            instruments,
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(leastGapMillis)),
                Tuple.of(3, Arbitraries.integers().between(leastGapMillis, 2_000))),
            Arbitraries.integers().between(1, 100_000),
            Arbitraries.integers().between(0, 5_000),
            Arbitraries.of("buy", "sell", ""),
            Arbitraries.of(IdKind.class),
            Arbitraries.of(false, true),
            delays())
        .as(
            (instrument, gap, price, size, side, id, sequenced, delays) ->
                new Trade(
                    instrument,
                    gap,
                    price,
                    size,
                    side,
                    id,
                    sequenced,
                    delays.get1(),
                    delays.get2()));
  }

  /** How long a tick is on its way, and each further copy of it. */
  private static Arbitrary<Tuple.Tuple2<Integer, List<Integer>>> delays() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.integers().between(1, Scenario.LATEST))),
            Arbitraries.integers().between(0, 40_000).list().ofMaxSize(2))
        .as(Tuple::of);
  }

  private static Arbitrary<Failure> failures() {
    Arbitrary<Integer> percent = Arbitraries.integers().between(0, 100);
    return Combinators.combine(
            percent, percent, Arbitraries.integers().between(1, 4), Arbitraries.of(Restart.class))
        .as(Failure::new);
  }
}

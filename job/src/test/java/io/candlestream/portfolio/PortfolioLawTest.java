package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.Fill;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import io.candlestream.oracle.BatchPortfolio;
import io.candlestream.oracle.BatchPortfolio.OneClose;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
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
 * The law for fills: what the portfolio's tables hold at last depends on the set of fills and on
 * the candles as they are at last, alone. Neither order, nor copies, nor crashes, nor the
 * parallelism change a digit of any row, or leave one too many.
 */
class PortfolioLawTest {

  private static final long MINUTE = 60_000;
  private static final long OUT_OF_ORDERNESS_MILLIS = 2 * MINUTE;
  private static final long ALLOWED_LATENESS_MILLIS = 10 * MINUTE;
  private static final long LATEST_MILLIS = OUT_OF_ORDERNESS_MILLIS + ALLOWED_LATENESS_MILLIS;
  private static final long EPOCH_MILLIS = 1_723_159_800_000L;
  private static final int ACCOUNTS = 2;
  private static final int SYMBOLS = 2;

  static final Intervals INTERVALS =
      Intervals.of(
          Duration.ofMillis(MINUTE),
          Duration.ofMillis(OUT_OF_ORDERNESS_MILLIS),
          Duration.ofMillis(ALLOWED_LATENESS_MILLIS));

  /**
   * @param gapMillis how long after the fill before it
   * @param closes whether it closes what there is by then, if there is anything
   * @param feeKind 0: none; else the currency it is in
   * @param delayMillis how long it is on its way
   * @param copyDelaysMillis the same for further copies of it
   */
  record Trade(
      int account,
      int symbol,
      int currency,
      int gapMillis,
      boolean buys,
      int priceCents,
      int sizeTenths,
      boolean closes,
      int feeKind,
      boolean textId,
      int delayMillis,
      List<Integer> copyDelaysMillis) {}

  /**
   * @param gap how many minutes after the candle before it
   * @param corrections further closes, each with its delay
   */
  record Minute(
      int symbol, int gap, int closeCents, List<Tuple.Tuple2<Integer, Integer>> corrections) {}

  /**
   * @param checkpointAt the part of what is not yet read that the checkpoint waits for, in percent
   * @param crashAt the part of what is then left that the crash waits for, in percent
   */
  record Failure(int checkpointAt, int crashAt, int parallelism) {}

  record Scenario(
      List<Trade> trades,
      List<Minute> minutes,
      long interleaving,
      int watermarkEvery,
      int flushEvery,
      List<Failure> failures) {

    List<OneFill> fills() {
      List<OneFill> fills = new ArrayList<>();
      Map<String, Integer> heldTenths = new HashMap<>();
      long now = EPOCH_MILLIS;
      for (Trade trade : trades) {
        now += trade.gapMillis();
        int number = fills.size();
        String position = trade.account() + " " + trade.symbol() + " " + trade.currency();
        int held = heldTenths.getOrDefault(position, 0);
        int signedTenths =
            trade.closes() && held != 0
                ? -held
                : trade.buys() ? trade.sizeTenths() : -trade.sizeTenths();
        heldTenths.put(position, held + signedTenths);
        fills.add(
            new OneFill(
                "account" + trade.account(),
                "venue",
                "S" + trade.symbol(),
                trade.textId() ? "f-" + number : String.valueOf(1_000 - number),
                signedTenths > 0,
                BigDecimal.valueOf(trade.priceCents(), 2),
                BigDecimal.valueOf(Math.abs(signedTenths), 1),
                trade.currency() == 0 ? "USD" : "EUR",
                trade.feeKind() == 0 ? null : BigDecimal.valueOf(number - 3, 4),
                trade.feeKind() == 0 ? null : "FEE" + trade.feeKind(),
                number % 3 == 0 ? null : "o" + number,
                now * 1_000));
      }
      return fills;
    }

    /** The candles as they are at last. */
    List<OneClose> closes() {
      Map<Long, OneClose> last = new LinkedHashMap<>();
      for (int symbol = 0; symbol < SYMBOLS; symbol++) {
        for (Arrival arrival : marks(symbol)) {
          Mark mark = (Mark) arrival.event();
          last.put(
              mark.startMicros() * SYMBOLS + symbol,
              new OneClose("venue", "S" + symbol, mark.startMicros(), mark.close().toBigDecimal()));
        }
      }
      return List.copyOf(last.values());
    }

    /** All fills of some accounts, in the order of arrival. */
    List<Arrival> arrivals(int partition) {
      List<Arrival> arrivals = new ArrayList<>();
      List<OneFill> fills = fills();
      for (int i = 0; i < fills.size(); i++) {
        OneFill fill = fills.get(i);
        Trade trade = trades.get(i);
        if (trade.account() % 2 == partition) {
          long timestamp = fill.timestampMicros() / 1_000;
          Fill event = event(fill, i);
          arrivals.add(new Arrival(event, timestamp, timestamp + trade.delayMillis()));
          for (int delay : trade.copyDelaysMillis()) {
            arrivals.add(new Arrival(event, timestamp, timestamp + delay));
          }
        }
      }
      arrivals.sort(Comparator.comparingLong(Arrival::atMillis));
      return arrivals;
    }

    /** All candles of a symbol, in the order of arrival. */
    List<Arrival> marks(int symbol) {
      List<Arrival> arrivals = new ArrayList<>();
      Instrument instrument = new Instrument("venue", "S" + symbol);
      long start = EPOCH_MILLIS - EPOCH_MILLIS % MINUTE;
      for (Minute minute : minutes) {
        if (minute.symbol() == symbol) {
          start += minute.gap() * MINUTE;
          long due = start + MINUTE + OUT_OF_ORDERNESS_MILLIS;
          arrivals.add(
              new Arrival(
                  new Mark(instrument, start * 1_000, Decimal.of(minute.closeCents(), 2)),
                  due,
                  due));
          for (Tuple.Tuple2<Integer, Integer> correction : minute.corrections()) {
            arrivals.add(
                new Arrival(
                    new Mark(instrument, start * 1_000, Decimal.of(correction.get2(), 2)),
                    due + correction.get1(),
                    due + correction.get1()));
          }
        }
      }
      arrivals.sort(Comparator.comparingLong(Arrival::atMillis));
      return arrivals;
    }
  }

  /** A fill or a candle on its way. */
  record Arrival(Object event, long timestampMillis, long atMillis) {}

  private static Fill event(OneFill fill, int number) {
    return new Fill(
        new Instrument(fill.source(), fill.symbol()),
        fill.account(),
        TradeId.of(fill.id()),
        fill.buys() ? Side.BUY : Side.SELL,
        Decimal.of(fill.price()),
        Decimal.of(fill.size()),
        fill.currency(),
        fill.fee() == null ? null : Decimal.of(fill.fee()),
        fill.feeCurrency(),
        fill.orderId(),
        fill.timestampMicros(),
        new Origin("fills", 0, number, 0, 0),
        new byte[0]);
  }

  @Property(tries = 300)
  void theTablesDependOnTheSetOfFillsAlone(@ForAll("scenarios") Scenario scenario)
      throws Exception {
    BatchPortfolio batch = new BatchPortfolio(scenario.fills(), MINUTE * 1_000);
    PortfolioTables tables = run(scenario, new PortfolioTables());
    List<String> snapshots = batch.snapshots(scenario.closes());
    Statistics.label("snapshots are removed again")
        .collect(tables.removed() > 0)
        .coverage(cases -> cases.check(true).percentage(share -> share > 10));
    Statistics.label("there are snapshots")
        .collect(!snapshots.isEmpty())
        .coverage(cases -> cases.check(true).percentage(share -> share > 60));
    assertThat(tables.tradeHistory()).isEqualTo(batch.tradeHistory());
    assertThat(tables.positions()).isEqualTo(batch.positions());
    assertThat(tables.snapshots()).isEqualTo(snapshots);
  }

  @Example
  void theLawIsBrokenWhereNothingIsRemoved() {
    assertThat(breaks(() -> new PortfolioTables(row -> !row.isNone()))).isPositive();
  }

  /** What an attempt has written that is over, nobody else knows of. */
  @Example
  void theLawIsBrokenWhereOnlyKnownSnapshotsAreRemoved() {
    assertThat(
            breaks(
                () ->
                    new PortfolioTables(
                        row ->
                            !row.isNone()
                                || row.untilMicros() - row.fromMicros()
                                    == INTERVALS.lengthMicros())))
        .isPositive();
  }

  @Example
  void theLawHoldsOnTheScenariosThatTheOthersFail() {
    assertThat(breaks(PortfolioTables::new)).isZero();
  }

  /** In how many of some fixed scenarios the snapshots are not what they must be. */
  private static long breaks(Supplier<PortfolioTables> tables) {
    return scenarios().generator(1_000).stream(new Random(11))
        .map(shrinkable -> shrinkable.value())
        .limit(150)
        .filter(scenario -> breaksOn(scenario, tables.get()))
        .count();
  }

  private static boolean breaksOn(Scenario scenario, PortfolioTables tables) {
    try {
      return !run(scenario, tables)
          .snapshots()
          .equals(
              new BatchPortfolio(scenario.fills(), MINUTE * 1_000).snapshots(scenario.closes()));
    } catch (Exception e) {
      throw new AssertionError("neither right nor wrong rows", e);
    }
  }

  /** Plays a scenario, crashes and all, and returns the tables. */
  private static PortfolioTables run(Scenario scenario, PortfolioTables tables) throws Exception {
    Reading reading = new Reading(scenario);
    PortfolioStation station = new PortfolioStation(INTERVALS, 1, null, tables);
    try {
      for (Failure failure : scenario.failures()) {
        reading.read(station, tables, reading.remaining() * failure.checkpointAt() / 100);
        tables.flush();
        Reading checkpointed = reading.copy();
        PortfolioStation.Snapshot snapshot = station.snapshot();
        reading.read(station, tables, reading.remaining() * failure.crashAt() / 100);
        station.close();
        tables.crash();
        reading = checkpointed;
        station = new PortfolioStation(INTERVALS, failure.parallelism(), snapshot, tables);
      }
      reading.read(station, tables, reading.remaining());
      station.watermarks(Long.MAX_VALUE, Long.MAX_VALUE);
      tables.flush();
      return tables;
    } finally {
      station.close();
    }
  }

  /** How far each partition is read. A restart keeps the offsets, not the watermarks. */
  private static final class Reading {

    private static final int FILLS = 2;

    private final Scenario scenario;

    /** Those of fills first. */
    private final List<List<Arrival>> partitions;

    private final int[] offsets;
    private final long[] highest;
    private final Random random;

    Reading(Scenario scenario) {
      this(scenario, new int[FILLS + SYMBOLS], scenario.interleaving());
    }

    private Reading(Scenario scenario, int[] offsets, long interleaving) {
      this.scenario = scenario;
      this.offsets = offsets;
      this.random = new Random(interleaving);
      this.partitions = new ArrayList<>();
      for (int i = 0; i < FILLS; i++) {
        partitions.add(scenario.arrivals(i));
      }
      for (int i = 0; i < SYMBOLS; i++) {
        partitions.add(scenario.marks(i));
      }
      this.highest = new long[offsets.length];
      Arrays.fill(highest, Long.MIN_VALUE);
    }

    Reading copy() {
      return new Reading(scenario, offsets.clone(), random.nextLong());
    }

    int remaining() {
      int remaining = 0;
      for (int i = 0; i < offsets.length; i++) {
        remaining += partitions.get(i).size() - offsets[i];
      }
      return remaining;
    }

    void read(PortfolioStation station, PortfolioTables tables, int events) throws Exception {
      for (int read = 1; read <= events; read++) {
        int partition = random.nextInt(offsets.length);
        while (isRead(partition)) {
          partition = (partition + 1) % offsets.length;
        }
        Arrival arrival = partitions.get(partition).get(offsets[partition]++);
        highest[partition] = Math.max(highest[partition], arrival.timestampMillis());
        if (arrival.event() instanceof Fill fill) {
          station.fill(fill);
        } else {
          station.mark((Mark) arrival.event());
        }
        if (read % scenario.watermarkEvery() == 0) {
          station.watermarks(watermark(0, FILLS), watermark(FILLS, offsets.length));
        }
        if (read % scenario.flushEvery() == 0) {
          tables.flush();
        }
      }
    }

    private boolean isRead(int partition) {
      return offsets[partition] == partitions.get(partition).size();
    }

    /** The least of some partitions; one that is read to its end holds nothing back. */
    private long watermark(int from, int to) {
      long lowest = Long.MAX_VALUE;
      for (int i = from; i < to; i++) {
        if (!isRead(i)) {
          lowest =
              Math.min(
                  lowest,
                  highest[i] == Long.MIN_VALUE
                      ? Long.MIN_VALUE
                      : highest[i] - OUT_OF_ORDERNESS_MILLIS - 1);
        }
      }
      return lowest;
    }
  }

  @Provide
  static Arbitrary<Scenario> scenarios() {
    return Combinators.combine(
            trades()
                .list()
                .ofMinSize(1)
                .ofMaxSize(60)
                .withSizeDistribution(RandomDistribution.uniform()),
            minutes()
                .list()
                .ofMinSize(1)
                .ofMaxSize(40)
                .withSizeDistribution(RandomDistribution.uniform()),
            Arbitraries.longs(),
            Arbitraries.integers().between(1, 12),
            Arbitraries.integers().between(1, 25),
            failures().list().ofMaxSize(3))
        .as(Scenario::new);
  }

  private static Arbitrary<Trade> trades() {
    return Combinators.combine(
            Combinators.combine(
                    Arbitraries.integers().between(0, ACCOUNTS - 1),
                    Arbitraries.integers().between(0, SYMBOLS - 1))
                .as(Tuple::of),
            Arbitraries.frequency(Tuple.of(9, 0), Tuple.of(1, 1)),
            Arbitraries.frequencyOf(Tuple.of(1, Arbitraries.just(0)), Tuple.of(4, upTo(90_000))),
            Arbitraries.of(false, true),
            Arbitraries.integers().between(1, 10_000),
            Combinators.combine(Arbitraries.integers().between(1, 30), Arbitraries.of(false, true))
                .as(Tuple::of),
            Arbitraries.integers().between(0, 2),
            Arbitraries.of(false, true))
        .as(
            (of, currency, gap, buys, price, how, fee, textId) ->
                new Trade(
                    of.get1(),
                    of.get2(),
                    currency,
                    gap,
                    buys,
                    price,
                    how.get1(),
                    how.get2(),
                    fee,
                    textId,
                    0,
                    List.of()))
        .flatMap(PortfolioLawTest::onItsWay);
  }

  /** The same with delays of its own. */
  private static Arbitrary<Trade> onItsWay(Trade trade) {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(0)), Tuple.of(1, upTo((int) LATEST_MILLIS))),
            upTo(3_000_000).list().ofMaxSize(2))
        .as(
            (delay, copies) ->
                new Trade(
                    trade.account(),
                    trade.symbol(),
                    trade.currency(),
                    trade.gapMillis(),
                    trade.buys(),
                    trade.priceCents(),
                    trade.sizeTenths(),
                    trade.closes(),
                    trade.feeKind(),
                    trade.textId(),
                    delay,
                    copies));
  }

  private static Arbitrary<Minute> minutes() {
    return Combinators.combine(
            Arbitraries.integers().between(0, SYMBOLS - 1),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(1, 10_000),
            Combinators.combine(
                    upTo((int) ALLOWED_LATENESS_MILLIS), Arbitraries.integers().between(1, 10_000))
                .as(Tuple::of)
                .list()
                .ofMaxSize(1))
        .as(Minute::new);
  }

  /** Not the small ones most of all. */
  private static Arbitrary<Integer> upTo(int most) {
    return Arbitraries.integers().between(0, most).withDistribution(RandomDistribution.uniform());
  }

  private static Arbitrary<Failure> failures() {
    Arbitrary<Integer> percent = upTo(100);
    return Combinators.combine(percent, percent, Arbitraries.integers().between(1, 3))
        .as(Failure::new);
  }
}

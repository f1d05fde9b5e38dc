package io.candlestream.bench.speed;

import io.candlestream.bench.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.flink.core.fs.AutoCloseableRegistry;

/**
 * What a tick costs the whole job as something grows, in processor time. All sizes are run in
 * turns, each in a process of its own, and beside them a job that has nothing to read: what that
 * takes is no tick's, and is taken off.
 *
 * @param what grows
 * @param reference the size that the others are compared with
 * @param flatUpTo the largest size at which a tick is to cost about the same
 * @param load that is read at each size
 */
@SuppressWarnings("try") // What is closed may throw anything.
record Growth(String what, int reference, int flatUpTo, String load, List<Point> points) {

  private static final Target FLAT = Target.atMost(1.5);

  private static final TickLoad NOTHING = new TickLoad(0, 1, 1);

  private static final List<Integer> INSTRUMENTS = List.of(10, 100, 1_000, 10_000, 100_000);
  private static final int INSTRUMENTS_FLAT_UP_TO = 10_000;

  /**
   * In so short a time the ticks come as fast as those of a tape of ten thousand shares, and twice
   * as long as candles are kept.
   */
  private static final int INSTRUMENT_MINUTES = 10;

  /** As many as ten thousand instruments have in that time. */
  private static final int TICKS_A_CANDLE = 30;

  private static final List<Integer> LATENESS = List.of(1, 2, 5, 20);
  private static final int LATENESS_INSTRUMENTS = 1_000;
  private static final int LATENESS_MINUTES = 60;

  /**
   * What a tick costs at a size.
   *
   * @param rounds nanoseconds a tick, round by round
   */
  record Point(int size, List<Double> rounds) {

    Spread nanos() {
      return Spread.of(rounds);
    }
  }

  /** Starts what reads a load. */
  @FunctionalInterface
  private interface Reading {
    Reader of(TickLoad load) throws Exception;
  }

  /**
   * In the number of instruments, which share as many ticks each time. A tick's part of its candle
   * is some of what it costs, and the more instruments, the fewer ticks there are to a candle. At
   * the largest, to set up each instrument is a good part of it.
   */
  static Growth ofInstruments(long ticks, int rounds) throws Exception {
    try (AutoCloseableRegistry open = new AutoCloseableRegistry()) {
      return ofInstruments(
          "instruments",
          load(ticks, INSTRUMENT_MINUTES),
          shared(ticks),
          load -> job(load, open),
          rounds);
    }
  }

  /**
   * The same of a loop over the same ticks, which shares with the job that a candle has fewer ticks
   * and that more is out of the processor's caches, but not what is Flink's.
   */
  static Growth ofInstrumentsInLoop(long ticks, int rounds) throws Exception {
    try (AutoCloseableRegistry open = new AutoCloseableRegistry()) {
      return ofInstruments(
          "instruments, by the loop of row 2",
          load(ticks, INSTRUMENT_MINUTES),
          shared(ticks),
          load -> loop(load, open),
          rounds);
    }
  }

  /**
   * In the number of instruments, which are as active on the average at each size: a candle has as
   * many ticks, and it takes fewer instruments longer to come to as many.
   */
  static Growth ofInstrumentsAsActive(long ticks, int rounds) throws Exception {
    try (AutoCloseableRegistry open = new AutoCloseableRegistry()) {
      return ofInstruments(
          "instruments, all as active",
          "%,d ticks, %d to a candle".formatted(ticks, TICKS_A_CANDLE),
          asActive(ticks),
          load -> job(load, open),
          rounds);
    }
  }

  private static List<TickLoad> shared(long ticks) {
    return INSTRUMENTS.stream().map(size -> new TickLoad(ticks, size, INSTRUMENT_MINUTES)).toList();
  }

  static List<TickLoad> asActive(long ticks) {
    return INSTRUMENTS.stream()
        .filter(size -> size <= INSTRUMENTS_FLAT_UP_TO)
        .map(size -> new TickLoad(ticks, size, minutes(ticks / TICKS_A_CANDLE / size)))
        .toList();
  }

  private static int minutes(long candlesOfEach) {
    return Math.toIntExact(Math.max(1, candlesOfEach));
  }

  private static Growth ofInstruments(
      String what, String load, List<TickLoad> loads, Reading reading, int rounds)
      throws Exception {
    List<Reader> readers = new ArrayList<>();
    for (TickLoad each : loads) {
      readers.add(reading.of(each));
    }
    readers.add(reading.of(NOTHING));
    return new Growth(
        what,
        1_000,
        INSTRUMENTS_FLAT_UP_TO,
        load,
        points(
            loads.stream().map(TickLoad::symbols).toList(), readers, loads.get(0).ticks(), rounds));
  }

  /** In how long a candle is kept for late ticks, and with it the ids that are remembered. */
  static Growth ofLateness(long ticks, int rounds) throws Exception {
    return ofLateness(LATENESS, ticks, rounds);
  }

  static Growth ofLateness(List<Integer> sizes, long ticks, int rounds) throws Exception {
    try (AutoCloseableRegistry open = new AutoCloseableRegistry()) {
      WholeJob job = opened(new TickLoad(ticks, LATENESS_INSTRUMENTS, LATENESS_MINUTES), open);
      List<Reader> readers = new ArrayList<>();
      for (int size : sizes) {
        readers.add(
            reader(job, List.of("--set", "time.allowed-lateness=%dm".formatted(size)), open));
      }
      readers.add(job(NOTHING, open));
      Growth growth =
          new Growth(
              "minutes of allowed lateness",
              5,
              20,
              "%,d instruments, %s".formatted(LATENESS_INSTRUMENTS, load(ticks, LATENESS_MINUTES)),
              points(sizes, readers, ticks, rounds));
      for (int i = 1; i < sizes.size(); i++) {
        readers.get(i).requireSameRows(readers.get(0));
      }
      return growth;
    }
  }

  private static String load(long ticks, int minutes) {
    return String.format(
        Locale.ROOT, "%,d ticks, %,d/s of event time", ticks, ticks / minutes / 60);
  }

  /**
   * @param readers of each size's load, and one that has nothing to read
   */
  private static List<Point> points(
      List<Integer> sizes, List<Reader> readers, long ticks, int rounds) throws Exception {
    List<List<Double>> seconds = Duel.inTurns(readers, WholeJob.WARM_UPS, rounds);
    List<Double> starts = seconds.get(sizes.size());
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      List<Double> nanos = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        nanos.add((seconds.get(i).get(round) - starts.get(round)) / ticks * 1e9);
      }
      points.add(new Point(sizes.get(i), nanos));
    }
    return points;
  }

  private static WholeJob opened(TickLoad load, AutoCloseableRegistry open) throws Exception {
    WholeJob job = WholeJob.on(load);
    open.registerCloseable(job);
    return job;
  }

  private static Reader reader(WholeJob job, List<String> more, AutoCloseableRegistry open)
      throws Exception {
    Reader reader = job.reader(more);
    open.registerCloseable(reader);
    return reader;
  }

  private static Reader job(TickLoad load, AutoCloseableRegistry open) throws Exception {
    return reader(opened(load, open), List.of(), open);
  }

  private static Reader loop(TickLoad load, AutoCloseableRegistry open) throws Exception {
    Reader reader = WholeJob.inMemory(load, true);
    open.registerCloseable(reader);
    return reader;
  }

  /**
   * Whether a tick costs about the same at all sizes that this is asked of: the dearest and the
   * cheapest by their medians, compared in each round. That they are chosen so speaks against us:
   * noise makes the ratio larger.
   *
   * @throws IllegalStateException if a round cost no more than a job that has nothing to read
   */
  Finding flatness() {
    List<Point> asked =
        points.stream()
            .filter(point -> point.size() <= flatUpTo)
            .sorted(Comparator.comparing(point -> point.nanos().median()))
            .toList();
    Point cheapest = asked.get(0);
    Point dearest = asked.get(asked.size() - 1);
    if (asked.stream().flatMap(point -> point.rounds().stream()).anyMatch(nanos -> nanos <= 0)) {
      throw new IllegalStateException("too few ticks to tell what one costs: " + points);
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < cheapest.rounds().size(); i++) {
      ratios.add(dearest.rounds().get(i) / cheapest.rounds().get(i));
    }
    return Finding.of(
        "CPU of a tick, dearest to cheapest of %,d to %,d %s"
            .formatted(points.get(0).size(), flatUpTo, what),
        "—",
        Spread.of(ratios),
        FLAT,
        String.format(
            Locale.ROOT,
            "%.0f ns : %.0f ns; %s",
            dearest.nanos().median(),
            cheapest.nanos().median(),
            load));
  }

  /** What has been measured, size by size. */
  static Table table(List<Growth> all) {
    return new Table(
        "growth",
        "Growth",
        List.of(
            new Table.Column("size", "at"),
            new Table.Column("what", ""),
            new Table.Column("nanos", "ns a tick, median"),
            new Table.Column("low", "95% from"),
            new Table.Column("high", "to"),
            new Table.Column("relative", "relative"),
            new Table.Column("reference", "to that at"),
            new Table.Column("load", "load")),
        all.stream().flatMap(growth -> growth.lines().stream()).toList());
  }

  private List<List<Object>> lines() {
    double base =
        points.stream()
            .filter(point -> point.size() == reference)
            .mapToDouble(point -> point.nanos().median())
            .findFirst()
            .orElseThrow();
    return points.stream()
        .map(
            point ->
                List.<Object>of(
                    (long) point.size(),
                    what,
                    point.nanos().median(),
                    point.nanos().low(),
                    point.nanos().high(),
                    point.nanos().median() / base,
                    (long) reference,
                    load))
        .toList();
  }
}

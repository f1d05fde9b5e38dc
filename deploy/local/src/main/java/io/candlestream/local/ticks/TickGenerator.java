package io.candlestream.local.ticks;

import io.candlestream.local.ticks.SeededRandom.Stream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes a feed's ticks from a seed, as canonical JSON records for Kafka in the order of their
 * arrival: thousands of instruments on several venues, few of them active and most of them not
 * (Zipf, exponent 1), trading in bursts, and with a stated share of everything that goes wrong in a
 * real feed ({@link TickMix}).
 *
 * <p>The same seed and arguments give the same bytes on every machine; there is no clock but the
 * event time it is given. It is drawn like a cursor and not safe for use by several threads:
 *
 * <pre>{@code
 * TickGenerator ticks = TickGenerator.between(seed, 1_000, 5_000_000, startMicros, endMicros, TickMix.DEFAULT);
 * while (ticks.advance()) {
 *   producer.send(new ProducerRecord<>(topic, null, ticks.recordTimestampMillis(), ticks.key(), ticks.payload()));
 * }
 * }</pre>
 *
 * <p>Ticks happen in event-time order, and take their price and id when they happen. One that is to
 * be late waits in a queue, which holds about (records per second) × (share × delay, summed over
 * the kinds): some hundreds in the example. It leaves the queue before any tick that happens after
 * it is due, so it is never later than its kind says. The feed's end waits for all.
 */
public final class TickGenerator {
  /** The most instruments a generator makes. */
  public static final int MAX_SYMBOLS = Listing.MAX_COUNT;

  /**
   * From here on every venue's timestamps, in whatever unit, are told apart by their size:
   * 1973-03-03.
   */
  private static final long EARLIEST_MICROS = 100_000_000_000_000L;

  /** Records stay this side of 2099, which is where absurd ones are. */
  private static final long LATEST_MICROS = 4_070_000_000_000_000L;

  /** From a tick's happening to its record's timestamp. */
  private static final long LATENCY_MICROS = 20_000;

  /** How much of the price, relative to it, an hour's trading moves (one standard deviation). */
  private static final double HOURLY_VOLATILITY = 0.01;

  /** Chance of a burst's record to be of the instrument that the burst is about. */
  private static final double BURST_FOCUS = 0.25;

  /**
   * What an instrument must trade to be given too late ticks: its candles are dropped only as it
   * goes on trading.
   */
  private static final double ACTIVE_TRADES_PER_MINUTE = 2;

  /**
   * How far past a candle's end its instrument has traded when a too late tick of that candle
   * comes.
   */
  private static final long TRADED_ON_MICROS = 360_000_000;

  private static final long POSTPONED_BY_MICROS = 15_000_000;

  private final long seed;
  private final TickMix mix;
  private final SeededRandom random;
  private final ZipfSampler activity;
  private final Instrument[] instruments;
  private final int activeInstruments;
  private final BrokenRecords broken;
  private final TickJson json = new TickJson();
  private final Arrivals<HeldTick> held = new Arrivals<>();
  private final long[] counts = new long[TickKind.values().length];

  private Pace pace;
  private long remaining;
  private KindSampler kinds;
  private Instrument focus;

  private Instrument instrument;
  private byte[] payload;
  private TickKind kind;
  private long recordTimestampMillis;

  private TickGenerator(
      long seed, int symbols, Function<Venue, TickForm> forms, Pace pace, long ticks, TickMix mix) {
    if (symbols < 1 || symbols > MAX_SYMBOLS) {
      throw new IllegalArgumentException(
          "symbols: " + symbols + " is not from 1 to " + MAX_SYMBOLS);
    }
    this.seed = seed;
    this.mix = mix;
    this.random = new SeededRandom(seed, Stream.TICKS);
    this.broken = new BrokenRecords(Faults.OF_TICKS, new SeededRandom(seed, Stream.BROKEN_TICKS));
    this.activity = new ZipfSampler(symbols);
    double perSecond = pace.recordsPerSecond();
    this.instruments =
        list(symbols, forms, activity, perSecond, new SeededRandom(seed, Stream.LISTINGS));
    int active = 1;
    while (active < symbols
        && perSecond * 60 * activity.share(active) >= ACTIVE_TRADES_PER_MINUTE) {
      active++;
    }
    this.activeInstruments = active;
    follow(pace, ticks);
  }

  /**
   * A stream of exactly {@code ticks} records that happen evenly, but for bursts, between two
   * times.
   *
   * @param symbols number of instruments, 1 … {@link #MAX_SYMBOLS}
   * @param ticks number of records of all kinds together, ≥ 0
   * @param startMicros event time of the first, microseconds of the epoch, 1973-03-03 or later
   * @param endMicros event time that none exceeds, after the start and before December 2098
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public static TickGenerator between(
      long seed, int symbols, long ticks, long startMicros, long endMicros, TickMix mix) {
    return between(seed, symbols, venue -> venue.form, ticks, startMicros, endMicros, mix);
  }

  /**
   * As {@link #between}, but all venues write their ticks in one form: each has an id, which is a
   * number, prices and sizes are strings, and timestamps are in microseconds.
   */
  public static TickGenerator plainBetween(
      long seed, int symbols, long ticks, long startMicros, long endMicros, TickMix mix) {
    return between(seed, symbols, venue -> TickForm.PLAIN, ticks, startMicros, endMicros, mix);
  }

  private static TickGenerator between(
      long seed,
      int symbols,
      Function<Venue, TickForm> forms,
      long ticks,
      long startMicros,
      long endMicros,
      TickMix mix) {
    if (ticks < 0) {
      throw new IllegalArgumentException("ticks: " + ticks + " is negative");
    }
    requireEventTime("startMicros", startMicros);
    requireEventTime("endMicros", endMicros);
    if (endMicros <= startMicros) {
      throw new IllegalArgumentException(
          "endMicros: " + endMicros + " is not after startMicros: " + startMicros);
    }
    Pace pace = Pace.between(startMicros, endMicros, ticks, new SeededRandom(seed, Stream.PACE));
    return new TickGenerator(seed, symbols, forms, pace, ticks, mix);
  }

  /**
   * A stream without end. Who sends each record when the machine's clock reaches its {@link
   * #recordTimestampMillis} has a feed in real time.
   *
   * @param symbols number of instruments, 1 … {@link #MAX_SYMBOLS}
   * @param ticksPerSecond records of all kinds per second of event time, on the average, > 0
   * @param startMicros event time of the first, microseconds of the epoch, 1973-03-03 or later
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public static TickGenerator live(
      long seed, int symbols, double ticksPerSecond, long startMicros, TickMix mix) {
    return new TickGenerator(
        seed,
        symbols,
        venue -> venue.form,
        livePace(seed, ticksPerSecond, startMicros),
        Long.MAX_VALUE,
        mix);
  }

  /**
   * Turns this stream into a {@link #live} one: the same instruments go on, from the prices and ids
   * they have. Records that are still waiting come when they are due; the counts go on too.
   *
   * @param ticksPerSecond records of all kinds per second of event time, on the average, > 0
   * @param startMicros event time of the next record, not before that of the last
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public void continueLive(double ticksPerSecond, long startMicros) {
    if (startMicros < recordTimestampMillis * 1_000 - LATENCY_MICROS) {
      throw new IllegalArgumentException(
          "startMicros: "
              + startMicros
              + " is before the last record, "
              + recordTimestampMillis
              + " ms");
    }
    follow(livePace(seed, ticksPerSecond, startMicros), Long.MAX_VALUE);
  }

  private static Pace livePace(long seed, double ticksPerSecond, long startMicros) {
    if (!(ticksPerSecond > 0 && ticksPerSecond <= 1e9)) {
      throw new IllegalArgumentException(
          "ticksPerSecond: " + ticksPerSecond + " is not above 0 and at most 1e9");
    }
    requireEventTime("startMicros", startMicros);
    return Pace.endless(startMicros, ticksPerSecond, new SeededRandom(seed, Stream.LIVE_PACE));
  }

  /** Moves to the next record; false if there is none. */
  public boolean advance() {
    if (remaining == 0) {
      return false;
    }
    long headMicros = pace.advance();
    recordTimestampMillis = (headMicros + LATENCY_MICROS) / 1_000;
    if (pace.burstBegins()) {
      focus = instruments[activity.next(random)];
    }
    if (!releaseHeld(headMicros)) {
      happen(headMicros);
    }
    remaining--;
    counts[kind.ordinal()]++;
    return true;
  }

  /**
   * The Kafka key of the current record: {@code source/symbol} of its instrument, whatever the
   * payload says. The array is the generator's own; it must not be changed.
   */
  public byte[] key() {
    requireRecord();
    return instrument.key();
  }

  /**
   * The current record's bytes. The array is the caller's to keep, and like a record's value not to
   * be changed.
   */
  public byte[] payload() {
    requireRecord();
    return payload;
  }

  /**
   * When the current record arrived, in milliseconds of the epoch: 20 ms after the event time that
   * the feed has reached, and never before the record that came before it. No tick but an absurd
   * one is ahead of it.
   */
  public long recordTimestampMillis() {
    requireRecord();
    return recordTimestampMillis;
  }

  /** What the current record is of, whatever the payload says. */
  Instrument instrument() {
    requireRecord();
    return instrument;
  }

  /** What the current record was made to be. */
  public TickKind kind() {
    requireRecord();
    return kind;
  }

  /** How many records of each kind there have been, the current one included. */
  public Map<TickKind, Long> counts() {
    Map<TickKind, Long> copy = new EnumMap<>(TickKind.class);
    for (TickKind each : TickKind.values()) {
      copy.put(each, counts[each.ordinal()]);
    }
    return copy;
  }

  /** How many ticks have happened and not arrived. */
  int waiting() {
    return held.size();
  }

  private void requireRecord() {
    if (kind == null) {
      throw new IllegalStateException("no current record: call advance() first");
    }
  }

  private static void requireEventTime(String name, long micros) {
    if (micros < EARLIEST_MICROS || micros > LATEST_MICROS) {
      throw new IllegalArgumentException(
          name
              + ": "
              + micros
              + " is not in microseconds from 1973-03-03 (1e14) to 2098 (4.07e15)");
    }
  }

  private static Instrument[] list(
      int symbols,
      Function<Venue, TickForm> forms,
      ZipfSampler activity,
      double perSecond,
      SeededRandom random) {
    List<Listing> listings = Listing.draw(symbols, random);
    Instrument[] instruments = new Instrument[symbols];
    for (int rank = 0; rank < symbols; rank++) {
      // What trades less often moves more each time, so that all move alike over an hour.
      double tradesPerHour = perSecond * 3_600 * activity.share(rank);
      double volatility = HOURLY_VOLATILITY / StrictMath.sqrt(Math.max(1, tradesPerHour));
      Listing listing = listings.get(rank);
      instruments[rank] =
          new Instrument(
              listing,
              forms.apply(listing.venue()),
              Math.min(volatility, HOURLY_VOLATILITY / 5),
              random);
    }
    return instruments;
  }

  private void follow(Pace newPace, long ticks) {
    pace = newPace;
    remaining = ticks;
    kinds = kindsOf(mix);
  }

  /** Of what kinds the events of a stream are that goes on as long as this one. */
  KindSampler kindsOf(TickMix ofStream) {
    return new KindSampler(ofStream, remaining / pace.recordsPerSecond(), pace.endMicros());
  }

  private Instrument drawInstrument(TickKind drawn) {
    if (drawn == TickKind.TOO_LATE) {
      return instruments[(int) random.below(activeInstruments)];
    }
    if (pace.inBurst() && random.chance(BURST_FOCUS)) {
      return focus;
    }
    return instruments[activity.next(random)];
  }

  /** Lets events happen until one of them, or one that waits, becomes the current record. */
  private void happen(long headMicros) {
    while (true) {
      TickKind drawn = kinds.draw(headMicros, random);
      Instrument traded = drawInstrument(drawn);
      switch (drawn) {
        case NORMAL -> {
          boolean withId = !random.chance(traded.form().withoutId());
          emit(traded, tick(traded, headMicros, withId), drawn);
          traded.tradedAt(headMicros);
          return;
        }
        case DUPLICATE -> {
          byte[] original = tick(traded, headMicros, true);
          emit(traded, original, TickKind.NORMAL);
          traded.tradedAt(headMicros);
          if (held.size() + 1 < remaining) {
            hold(traded, original, drawn, headMicros);
          }
          return;
        }
        case OUT_OF_ORDER, LATE, TOO_LATE -> {
          hold(traded, tick(traded, headMicros, true), drawn, headMicros);
          if (releaseHeld(headMicros)) {
            return;
          }
        }
        case MALFORMED -> {
          emit(traded, broken.malformed(sound(traded.listing(), headMicros)), drawn);
          return;
        }
        case ABSURD -> {
          emit(traded, broken.absurd(sound(traded.listing(), headMicros)), drawn);
          return;
        }
      }
    }
  }

  private byte[] tick(Instrument traded, long eventMicros, boolean withId) {
    traded.trade(random);
    json.clear();
    traded.write(json, eventMicros, withId);
    return json.toBytes();
  }

  /** A tick that never happened, to be broken: it uses up no trade id. */
  private static Fields sound(Listing listing, long eventMicros) {
    return Fields.NONE
        .withText("source", listing.venue().source)
        .withText("symbol", listing.symbol())
        .withText("price", listing.level().toPlainString())
        .withText("size", listing.lot().toPlainString())
        .with("timestamp", Long.toString(eventMicros));
  }

  private void emit(Instrument of, byte[] bytes, TickKind as) {
    instrument = of;
    payload = bytes;
    kind = as;
  }

  private void hold(Instrument of, byte[] bytes, TickKind as, long eventMicros) {
    long tradedBy =
        as == TickKind.TOO_LATE
            ? TickKind.candleEndMicros(eventMicros) + TRADED_ON_MICROS
            : Long.MIN_VALUE;
    held.add(as.drawArrivalMicros(eventMicros, random), new HeldTick(tradedBy, of, bytes, as));
  }

  /**
   * Makes a waiting tick the current record, if one is due or the records that remain are just
   * enough for those waiting.
   */
  private boolean releaseHeld(long headMicros) {
    boolean mustGo = held.size() >= remaining;
    while (held.isDue(mustGo ? Long.MAX_VALUE : headMicros)) {
      HeldTick due = held.take();
      if (due.instrument().lastTradeMicros() >= due.tradedByMicros() || mustGo) {
        emit(due.instrument(), due.payload(), due.kind());
        return true;
      }
      held.add(headMicros + POSTPONED_BY_MICROS, due);
    }
    return false;
  }

  /**
   * A tick that happened but has not arrived.
   *
   * @param tradedByMicros the event time its instrument must have traded at before it may arrive
   */
  private record HeldTick(
      long tradedByMicros, Instrument instrument, byte[] payload, TickKind kind) {}
}

package io.candlestream.bench.speed;

import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.local.ticks.TickKind;
import io.candlestream.local.ticks.TickMix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The ticks of all measurements: few instruments busy and most of them not, 2% sent twice, 1% out
 * of order, 0.1% malformed, all drawn from one seed.
 *
 * @param minutes of event time that they are spread over
 * @param mix how many are not as they should be
 * @param isPlain whether all are written in one form, which others can read, too
 */
record TickLoad(long ticks, int symbols, int minutes, TickMix mix, boolean isPlain) {

  static final TickMix MIX = new TickMix(0.02, 0.01, 0, 0, 0.001, 0);

  /** Any day: none of it depends on the machine's clock. */
  static final Instant START = Instant.parse("2024-08-08T12:00:00Z");

  private static final long SEED = 1;

  /** In all the forms that venues have. */
  TickLoad(long ticks, int symbols, int minutes) {
    this(ticks, symbols, minutes, MIX, false);
  }

  /** The same market, written in one form. */
  TickLoad plain() {
    return new TickLoad(ticks, symbols, minutes, mix, true);
  }

  Instant end() {
    return START.plus(Duration.ofMinutes(minutes));
  }

  TickGenerator generator() {
    long startMicros = START.toEpochMilli() * 1_000;
    long endMicros = end().toEpochMilli() * 1_000;
    return isPlain
        ? TickGenerator.plainBetween(SEED, symbols, ticks, startMicros, endMicros, mix)
        : TickGenerator.between(SEED, symbols, ticks, startMicros, endMicros, mix);
  }

  /** The same market, with some ticks that come after their candle is over. */
  TickLoad withLate(double share) {
    TickMix more =
        new TickMix(
            mix.duplicates(),
            mix.outOfOrder(),
            share,
            mix.tooLate(),
            mix.malformed(),
            mix.absurd());
    return new TickLoad(ticks, symbols, minutes, more, isPlain);
  }

  /** How many of them a job accepts, each once. */
  long valid() {
    TickGenerator generator = generator();
    while (generator.advance()) {
      // Only the counts are of use.
    }
    return valid(generator);
  }

  /** Likewise, of the ticks that a generator has made so far. */
  static long valid(TickGenerator generator) {
    return Stream.of(TickKind.NORMAL, TickKind.OUT_OF_ORDER, TickKind.LATE)
        .mapToLong(generator.counts()::get)
        .sum();
  }

  /** All of them, as they come. */
  List<byte[]> records() {
    List<byte[]> records = new ArrayList<>();
    TickGenerator generator = generator();
    while (generator.advance()) {
      records.add(generator.payload());
    }
    return records;
  }
}

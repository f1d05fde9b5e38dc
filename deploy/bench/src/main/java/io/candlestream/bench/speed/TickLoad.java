package io.candlestream.bench.speed;

import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.local.ticks.TickKind;
import io.candlestream.local.ticks.TickMix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The ticks of all measurements: few instruments busy and most of them not, 2% sent twice, 1% out
 * of order, 0.1% malformed, all drawn from one seed.
 *
 * @param minutes of event time that they are spread over
 * @param isPlain whether all are written in one form, which others can read, too
 */
record TickLoad(long ticks, int symbols, int minutes, boolean isPlain) {

  static final TickMix MIX = new TickMix(0.02, 0.01, 0, 0, 0.001, 0);

  /** Any day: none of it depends on the machine's clock. */
  static final Instant START = Instant.parse("2024-08-08T12:00:00Z");

  private static final long SEED = 1;

  /** In all the forms that venues have. */
  TickLoad(long ticks, int symbols, int minutes) {
    this(ticks, symbols, minutes, false);
  }

  /** The same market, written in one form. */
  TickLoad plain() {
    return new TickLoad(ticks, symbols, minutes, true);
  }

  Instant end() {
    return START.plus(Duration.ofMinutes(minutes));
  }

  TickGenerator generator() {
    long startMicros = START.toEpochMilli() * 1_000;
    long endMicros = end().toEpochMilli() * 1_000;
    return isPlain
        ? TickGenerator.plainBetween(SEED, symbols, ticks, startMicros, endMicros, MIX)
        : TickGenerator.between(SEED, symbols, ticks, startMicros, endMicros, MIX);
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
    return generator.counts().get(TickKind.NORMAL) + generator.counts().get(TickKind.OUT_OF_ORDER);
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

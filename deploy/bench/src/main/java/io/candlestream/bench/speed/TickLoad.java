package io.candlestream.bench.speed;

import io.candlestream.local.ticks.TickGenerator;
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
 */
record TickLoad(long ticks, int symbols, int minutes) {

  static final TickMix MIX = new TickMix(0.02, 0.01, 0, 0, 0.001, 0);

  /** Any day: none of it depends on the machine's clock. */
  static final Instant START = Instant.parse("2024-08-08T12:00:00Z");

  private static final long SEED = 1;

  Instant end() {
    return START.plus(Duration.ofMinutes(minutes));
  }

  TickGenerator generator() {
    return TickGenerator.between(
        SEED, symbols, ticks, START.toEpochMilli() * 1_000, end().toEpochMilli() * 1_000, MIX);
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

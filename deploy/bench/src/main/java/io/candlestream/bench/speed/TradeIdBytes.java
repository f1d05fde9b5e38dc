package io.candlestream.bench.speed;

import io.candlestream.dedup.TradeIds;
import io.candlestream.market.TradeId;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import org.openjdk.jol.info.GraphLayout;

/**
 * What a trade id costs that is remembered, on the heap: of candles of many sizes, of whose tables
 * some are nearly full and others have just grown.
 */
final class TradeIdBytes {

  private static final int LEAST = 1_000;
  private static final double GROWTH = 1.07;
  private static final int CANDLES = 100;

  private TradeIdBytes() {}

  static List<Finding> measure() {
    Random random = new Random(1);
    return List.of(
        finding("sequential", 1, TradeId::of),
        finding("random, 64 bits", 12, i -> TradeId.of(random.nextLong() & Long.MAX_VALUE)),
        finding(
            "random UUIDs",
            24,
            i -> TradeId.of(new UUID(random.nextLong(), random.nextLong()).toString())));
  }

  private static Finding finding(String what, double most, IntFunction<TradeId> ids) {
    long bytes = 0;
    long count = 0;
    double size = LEAST;
    for (int candle = 0; candle < CANDLES; candle++) {
      TradeIds seen = new TradeIds();
      for (int i = 0; i < size; i++) {
        seen.add(ids.apply(i));
      }
      bytes += GraphLayout.parseInstance(seen).totalSize();
      count += seen.size();
      size *= GROWTH;
    }
    return Finding.counted(
        "bytes for each trade id that is remembered: " + what,
        (double) bytes / count,
        Target.atMost(most),
        String.format(
            Locale.ROOT, "%,d ids in candles of %,d to %,.0f", count, LEAST, size / GROWTH));
  }
}

package io.candlestream.bench.speed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.candlestream.local.TopicFeed;
import io.candlestream.market.Input;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Ticks whose ids are all remembered at once: they are over before the first candle is dropped. In
 * the end some of each candle come a second time, and must be known.
 *
 * @param ids so many ticks, each with a random UUID, the kind of id that takes most
 */
record LiveIds(long ids) {

  private static final int SYMBOLS = 1_000;

  /** Less than the allowed lateness. */
  private static final long MICROS = 4 * 60_000_000L;

  /** Every so many-th, which has no divisor in common with the symbols. */
  private static final int COPIED = 101;

  /**
   * With Flink and the job in it about half is left: the ids alone would take nearly as much as the
   * whole, in the most compact form that the job has for them on the heap.
   */
  private static final String HEAP = "256m";

  private static final double UUID_BYTES = 22;

  static Finding measure(long ids) throws Exception {
    return new LiveIds(ids).measure();
  }

  private Finding measure() throws Exception {
    long records = ids + (ids + COPIED - 1) / COPIED;
    try (WholeJob job = WholeJob.on(records, this::send);
        Reader reader =
            new Reader(job.contestant(List.of("-Xmx" + HEAP), WholeJob.ROCKS_DB), ids)) {
      reader.run();
      Contestant.Cost cost = reader.last();
      return Finding.counted(
          "millions of live trade ids, state in RocksDB, heap of %s".formatted(HEAP),
          ids / 1e6,
          Target.atLeast(10),
          String.format(
              Locale.ROOT,
              "%,d UUIDs, on the heap %.0f MB; %,d copies known; %.0f s, %.0f ns CPU a record",
              ids,
              ids * UUID_BYTES / 1e6,
              records - ids,
              cost.wallSeconds(),
              cost.cpuSeconds() / records * 1e9));
    }
  }

  /** Returns how many are to be accepted. */
  private long send(TopicFeed feed) {
    for (long i = 0; i < ids; i++) {
      send(i, feed);
    }
    for (long i = 0; i < ids; i += COPIED) {
      send(i, feed);
    }
    return ids;
  }

  /** The same each time that it is sent. */
  private void send(long i, TopicFeed feed) {
    String symbol = "SYM" + i % SYMBOLS;
    SplittableRandom random = new SplittableRandom(i);
    String json =
        """
        {"source":"venue","symbol":"%s","trade_id":"%s","price":%d,"size":%d,"side":"buy","timestamp":%d}\
        """
            .formatted(
                symbol,
                new UUID(random.nextLong(), random.nextLong()),
                100 + random.nextInt(10),
                1 + random.nextInt(100),
                TickLoad.START.toEpochMilli() * 1_000 + MICROS * i / ids);
    feed.send(Input.TICKS, symbol.getBytes(US_ASCII), json.getBytes(US_ASCII), null);
  }
}

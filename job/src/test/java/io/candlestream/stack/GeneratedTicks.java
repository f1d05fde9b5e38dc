package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.oracle.TickRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Ticks of a made-up market of some hours, in the order in which they arrive: out of order by less
 * than the watermark allows for, some of them twice, and some, if wanted, long after their candle
 * has closed.
 */
final class GeneratedTicks {

  static final Instant START = Instant.parse("2024-08-08T22:30:00Z");

  /** Less than the default out-of-orderness. */
  private static final int LONGEST_DELAY_MILLIS = 4_000;

  /** Less than the default allowed lateness. */
  private static final int LONGEST_LATENESS_MILLIS = 240_000;

  private static final double SHARE_SENT_TWICE = 0.05;

  /** A tick on its way. */
  record Arrival(int instrument, Instant at, byte[] json) {}

  private GeneratedTicks() {}

  /** No tick comes after its candle has closed. */
  static List<Arrival> inTime(long seed, int instruments, Duration length) {
    return generate(new Random(seed), instruments, length, 0);
  }

  /** One tick in fifty comes up to four minutes late: early enough to correct its candle. */
  static List<Arrival> partlyLate(long seed, int instruments, Duration length) {
    return generate(new Random(seed), instruments, length, 0.02);
  }

  private static List<Arrival> generate(
      Random random, int instruments, Duration length, double shareLate) {
    List<Arrival> arrivals = new ArrayList<>();
    for (int instrument = 0; instrument < instruments; instrument++) {
      long price = 100_000;
      long tradeId = random.nextInt(1_000_000);
      // Gaps of up to a minute and a half leave some candles out.
      for (long at = random.nextInt(1_000_000);
          at < length.toMillis() * 1_000;
          at += random.nextInt(random.nextInt(10) == 0 ? 90_000_000 : 12_000_000)) {
        price += random.nextInt(41) - 20;
        String json =
            tick(
                "S" + instrument,
                START.plusNanos(at * 1_000),
                tradeId++,
                price(instrument, price),
                BigDecimal.valueOf(random.nextInt(100_000), 4).toPlainString(),
                random.nextBoolean() ? "buy" : "sell");
        arrivals.addAll(arrivals(instrument, at, json, shareLate, random));
      }
    }
    arrivals.sort(Comparator.comparing(Arrival::at));
    return arrivals;
  }

  /** A tick's arrivals, of which there may be two, soon after {@link #START} + its time or late. */
  static List<Arrival> arrivals(
      int instrument, long atMicros, String json, double shareLate, Random random) {
    boolean late = random.nextDouble() < shareLate;
    Arrival first = arrival(instrument, atMicros, json, late ? LONGEST_LATENESS_MILLIS : 0, random);
    return random.nextDouble() < SHARE_SENT_TWICE
        ? List.of(first, arrival(instrument, atMicros, json, 0, random))
        : List.of(first);
  }

  /** Each instrument has a number of fractional digits of its own. */
  static String price(int instrument, long steps) {
    return BigDecimal.valueOf(steps, 1 + instrument * 2 % 7).toPlainString();
  }

  private static Arrival arrival(
      int instrument, long atMicros, String json, int leastDelayMillis, Random random) {
    long delay =
        leastDelayMillis == 0
            ? random.nextInt(LONGEST_DELAY_MILLIS)
            : leastDelayMillis - random.nextInt(LONGEST_DELAY_MILLIS);
    Instant at = START.plusMillis(atMicros / 1_000 + delay);
    return new Arrival(instrument, at, json.getBytes(UTF_8));
  }

  /** A canonical tick. */
  static String tick(
      String symbol, Instant time, long tradeId, String price, String size, String side) {
    return ("{\"source\":\"test\",\"symbol\":\"%s\",\"trade_id\":%d,\"price\":\"%s\",\"size\":%s,"
            + "\"side\":\"%s\",\"timestamp\":\"%s\"}")
        .formatted(symbol, tradeId, price, size, side, time);
  }

  /** A canonical tick of which nothing but its price and time matters. */
  static String tick(String symbol, Instant time, long tradeId, String price) {
    return tick(symbol, time, tradeId, price, "1", "buy");
  }

  /** Sends ticks, all of an instrument to one partition, with their arrival as record timestamp. */
  static void send(List<Arrival> arrivals, Topic topic, int partitions) {
    for (Arrival arrival : arrivals) {
      topic.send(arrival.instrument() % partitions, arrival.at(), arrival.json());
    }
  }

  /** The same as lines of a file. */
  static List<TickRecord> lines(List<Arrival> arrivals) {
    List<TickRecord> lines = new ArrayList<>();
    for (Arrival arrival : arrivals) {
      lines.add(new TickRecord("file", 0, lines.size(), arrival.json()));
    }
    return lines;
  }
}

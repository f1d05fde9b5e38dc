package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.oracle.BatchPortfolio.OneFill;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Fills of some accounts in the market of {@link GeneratedTicks}, in the order in which they
 * arrive: some of them twice, one in six long after the others of its time. The first are before
 * all candles, and some are of a symbol that has none. Positions grow, shrink, close and turn over.
 */
final class GeneratedFills {

  /** Less than the least allowed lateness that tests set. */
  static final Duration LONGEST_LATENESS = Duration.ofMinutes(50);

  static final String WITHOUT_CANDLES = "DARK";

  private static final Duration BEFORE_ALL_CANDLES = Duration.ofMinutes(10);
  private static final int ACCOUNTS = 3;

  /** Less than the default out-of-orderness. */
  private static final int LONGEST_DELAY_MILLIS = 4_000;

  /** A fill on its way. */
  record Arrival(OneFill fill, Instant at) {

    byte[] json() {
      return GeneratedFills.json(fill).getBytes(UTF_8);
    }

    /** Fills of an account come by one partition, in their order. */
    int partition(int partitions) {
      return Math.floorMod(fill.account().hashCode(), partitions);
    }
  }

  private GeneratedFills() {}

  /**
   * @param instruments how many symbols there are ticks of
   */
  static List<Arrival> generate(long seed, int count, int instruments, Duration length) {
    Random random = new Random(seed);
    long[] times =
        random
            .longs(count, -millis(BEFORE_ALL_CANDLES), millis(length))
            .map(millis -> millis * 1_000 + random.nextInt(1_000))
            .sorted()
            .toArray();
    Map<String, BigDecimal> held = new HashMap<>();
    Map<String, Integer> numbers = new HashMap<>();
    List<Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Some are of one microsecond: then their ids say which comes first.
      long at = i > 0 && random.nextInt(10) == 0 ? times[i - 1] : times[i];
      OneFill fill = fill(random, instruments, at, held, numbers);
      boolean late = random.nextInt(6) == 0;
      arrivals.add(
          arrival(fill, late ? (int) millis(LONGEST_LATENESS) : LONGEST_DELAY_MILLIS, random));
      if (random.nextInt(10) == 0) {
        arrivals.add(arrival(fill, (int) millis(LONGEST_LATENESS), random));
      }
    }
    arrivals.sort(Comparator.comparing(Arrival::at));
    return arrivals;
  }

  private static long millis(Duration length) {
    return length.toMillis();
  }

  private static Arrival arrival(OneFill fill, int longestDelayMillis, Random random) {
    return arrival(fill, Duration.ofMillis(random.nextInt(longestDelayMillis)));
  }

  static Arrival arrival(OneFill fill, Duration delay) {
    return new Arrival(fill, instant(fill.timestampMicros()).plus(delay));
  }

  private static OneFill fill(
      Random random,
      int instruments,
      long atMicros,
      Map<String, BigDecimal> held,
      Map<String, Integer> numbers) {
    String account = "desk/" + random.nextInt(ACCOUNTS);
    int instrument = random.nextInt(instruments + 1);
    String symbol = instrument == instruments ? WITHOUT_CANDLES : "S" + instrument;
    String currency = instrument == 1 && random.nextInt(3) == 0 ? "EUR" : "USD";
    BigDecimal before = held.getOrDefault(account + " " + symbol + " " + currency, BigDecimal.ZERO);
    BigDecimal traded = traded(before, random);
    held.put(account + " " + symbol + " " + currency, before.add(traded));
    // Numbered anew for each account and symbol, as some venues do it; later ones lower.
    int number = numbers.merge(account + " " + symbol, 1, Integer::sum);
    String feeCurrency = new String[] {null, "BNB", currency, "EUR"}[random.nextInt(4)];
    return new OneFill(
        account,
        "test",
        symbol,
        number % 4 == 0 ? "f-" + number : String.valueOf(5_000 - number),
        traded.signum() > 0,
        new BigDecimal(GeneratedTicks.price(instrument, 99_000 + random.nextInt(2_000))),
        traded.abs(),
        currency,
        feeCurrency == null ? null : BigDecimal.valueOf(random.nextInt(200) - 20, 4),
        feeCurrency,
        random.nextInt(3) == 0 ? null : "o-" + number / 3,
        micros(GeneratedTicks.START) + atMicros);
  }

  /** What a fill changes a position by; with some luck closes it or turns it over. */
  private static BigDecimal traded(BigDecimal held, Random random) {
    int kind = random.nextInt(10);
    if (held.signum() != 0 && kind < 3) {
      return held.negate();
    }
    if (held.signum() != 0 && kind < 4) {
      return held.negate().multiply(BigDecimal.valueOf(3));
    }
    BigDecimal size = BigDecimal.valueOf(1 + random.nextInt(50_000), random.nextInt(6));
    return random.nextBoolean() ? size : size.negate();
  }

  /** A fill of which nothing but what it trades, and when, matters. */
  static OneFill fill(
      String account, String symbol, int id, String signedSize, String price, Instant time) {
    BigDecimal traded = new BigDecimal(signedSize);
    return new OneFill(
        account,
        "test",
        symbol,
        String.valueOf(id),
        traded.signum() > 0,
        new BigDecimal(price),
        traded.abs(),
        "USD",
        null,
        null,
        null,
        micros(time));
  }

  static String json(OneFill fill) {
    StringBuilder json = new StringBuilder();
    json.append(
        ("{\"account\":\"%s\",\"source\":\"%s\",\"symbol\":\"%s\",\"fill_id\":\"%s\",\"side\":\"%s\","
             + "\"price\":\"%s\",\"size\":%s,\"currency\":\"%s\",\"timestamp\":\"%s\"")
            .formatted(
                fill.account(),
                fill.source(),
                fill.symbol(),
                fill.id(),
                fill.buys() ? "buy" : "sell",
                fill.price().toPlainString(),
                fill.size().toPlainString(),
                fill.currency(),
                instant(fill.timestampMicros())));
    if (fill.fee() != null) {
      json.append(
          ",\"fee\":%s,\"fee_currency\":\"%s\""
              .formatted(fill.fee().toPlainString(), fill.feeCurrency()));
    }
    if (fill.orderId() != null) {
      json.append(",\"order_id\":\"%s\"".formatted(fill.orderId()));
    }
    return json.append('}').toString();
  }

  /** Each fill once. */
  static List<OneFill> distinct(List<Arrival> arrivals) {
    return arrivals.stream().map(Arrival::fill).distinct().toList();
  }

  /** Sends fills, all of an account to one partition, with their arrival as record timestamp. */
  static void send(List<Arrival> arrivals, Topic topic, int partitions) {
    for (Arrival arrival : arrivals) {
      topic.send(arrival.partition(partitions), arrival.at(), arrival.json());
    }
    topic.flush();
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}

package io.candlestream.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.candlestream.local.TopicFeed;
import io.candlestream.market.Input;
import java.util.Random;

/**
 * Ticks of some symbols, and fills of many accounts in them, over the same time and in its order,
 * all drawn from one seed.
 *
 * @param startMillis when the first happens; the last so many minutes later
 */
record PortfolioLoad(
    long ticks, long fills, int symbols, int accounts, int minutes, long startMillis, long seed) {

  private static final int CENTS = 100;

  void sendTicks(TopicFeed feed) {
    Random random = new Random(seed);
    int[] priceCents = prices(random);
    long micros = minutes * 60_000_000L;
    StringBuilder json = new StringBuilder();
    for (long i = 0; i < ticks; i++) {
      int symbol = random.nextInt(symbols);
      priceCents[symbol] = step(priceCents[symbol], random);
      json.setLength(0);
      json.append("{\"source\":\"venue\",\"symbol\":\"SYM").append(symbol);
      json.append("USD\",\"trade_id\":").append(i).append(",\"price\":\"");
      appendPrice(priceCents[symbol], json);
      json.append("\",\"size\":\"").append(1 + random.nextInt(500)).append("\",\"side\":\"");
      json.append(random.nextBoolean() ? "buy" : "sell").append("\",\"timestamp\":");
      json.append(startMillis * 1_000 + micros * i / ticks).append('}');
      send(feed, Input.TICKS, "SYM" + symbol, json);
    }
    feed.flush();
  }

  /** Each account trades every symbol as often, now long, now short. */
  void sendFills(TopicFeed feed) {
    Random random = new Random(seed + 1);
    int[] priceCents = prices(random);
    long micros = minutes * 60_000_000L;
    StringBuilder json = new StringBuilder();
    for (long i = 0; i < fills; i++) {
      int symbol = random.nextInt(symbols);
      int account = random.nextInt(accounts);
      priceCents[symbol] = step(priceCents[symbol], random);
      json.setLength(0);
      json.append("{\"account\":\"account-").append(account);
      json.append("\",\"source\":\"venue\",\"symbol\":\"SYM").append(symbol);
      json.append("USD\",\"fill_id\":").append(i).append(",\"side\":\"");
      json.append(random.nextBoolean() ? "buy" : "sell").append("\",\"price\":\"");
      appendPrice(priceCents[symbol], json);
      json.append("\",\"size\":\"").append(1 + random.nextInt(20));
      json.append("\",\"currency\":\"USD\",\"fee\":\"0.0").append(1 + random.nextInt(9));
      json.append("\",\"fee_currency\":\"").append(i % 4 == 0 ? "BNB" : "USD");
      json.append("\",\"order_id\":").append(i / 2).append(",\"timestamp\":");
      json.append(startMillis * 1_000 + micros * i / fills).append('}');
      send(feed, Input.FILLS, "account-" + account, json);
    }
    feed.flush();
  }

  private int[] prices(Random random) {
    int[] cents = new int[symbols];
    for (int i = 0; i < symbols; i++) {
      cents[i] = (10 + random.nextInt(1_000)) * CENTS;
    }
    return cents;
  }

  private static int step(int cents, Random random) {
    return Math.max(CENTS, cents + random.nextInt(5) - 2);
  }

  private static void appendPrice(int cents, StringBuilder json) {
    json.append(cents / CENTS).append('.');
    json.append(cents % CENTS / 10).append(cents % 10);
  }

  private static void send(TopicFeed feed, Input input, String key, StringBuilder json) {
    feed.send(input, key.getBytes(US_ASCII), json.toString().getBytes(US_ASCII), null);
  }
}

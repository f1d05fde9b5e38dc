package io.candlestream.feed;

import com.google.auto.service.AutoService;
import java.util.List;

/**
 * Bybit's topics {@code publicTrade.*} of version 5 and {@code trade.*} of version 2. Ids are no
 * numbers, so the venue's order is told by its cross sequence.
 */
@AutoService(FeedFormat.class)
public final class Bybit implements FeedFormat {

  @Override
  public String name() {
    return "bybit";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue(name())));
  }

  private record Messages(String venue) implements JsonMessages {

    private static boolean isVersion5(String topic) {
      return topic.startsWith("publicTrade.");
    }

    private static boolean isVersion2(String topic) {
      return topic.startsWith("trade.");
    }

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      String topic = message.word("topic");
      return isVersion5(topic) || isVersion2(topic) ? message.get("data").elements() : List.of();
    }

    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      return isVersion5(message.word("topic"))
          ? trade(trade, "s", "i", "seq", "p", "v", "S", "T")
          : trade(
              trade, "symbol", "trade_id", "cross_seq", "price", "size", "side", "trade_time_ms");
    }

    private Trade trade(
        JsonValue trade,
        String symbol,
        String tradeId,
        String sequence,
        String price,
        String size,
        String side,
        String timestamp)
        throws MalformedRecord {
      JsonValue order = trade.find(sequence);
      return new Trade(
          venue,
          trade.get(symbol).text(),
          trade.get(tradeId).tradeId(),
          order == null ? null : order.integer(),
          trade.get(price).decimal(),
          trade.get(size).decimal(),
          TradeFields.side(trade.get(side).text(), "Buy", "Sell"),
          trade.get(timestamp).timestampMicros());
    }
  }
}

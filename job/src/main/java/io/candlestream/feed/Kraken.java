package io.candlestream.feed;

import com.google.auto.service.AutoService;
import java.util.List;

/** Kraken's channel {@code trade} of version 2, its snapshots and updates. */
@AutoService(FeedFormat.class)
public final class Kraken implements FeedFormat {

  @Override
  public String name() {
    return "kraken";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue(name())));
  }

  private record Messages(String venue) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      return message.word("channel").equals("trade") ? message.get("data").elements() : List.of();
    }

    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      return new Trade(
          venue,
          trade.get("symbol").text(),
          trade.get("trade_id").tradeId(),
          null,
          trade.get("price").decimal(),
          trade.get("qty").decimal(),
          TradeFields.side(trade.get("side").text(), "buy", "sell"),
          trade.get("timestamp").timestampMicros());
    }
  }
}

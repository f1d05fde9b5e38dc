package io.candlestream.feed;

import com.google.auto.service.AutoService;
import java.util.List;

/** The example in README.md: a venue that sends {@code {"trades":[{"sym":"A", …}, …]}}. */
@AutoService(FeedFormat.class)
public final class Acme implements FeedFormat {

  @Override
  public String name() {
    return "acme"; // source.format: acme
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue("acme")));
  }

  private record Messages(String venue) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      JsonValue trades = message.find("trades");
      return trades == null ? List.of() : trades.elements(); // not there: another kind of message
    }

    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      return new Trade(
          venue,
          trade.get("sym").text(),
          trade.get("id").tradeId(),
          null, // a sequence, where ids carry no order
          trade.get("px").decimal(),
          trade.get("qty").decimal(),
          TradeFields.side(trade.get("side").text(), "B", "S"), // of the aggressor
          trade.get("at").timestampMicros());
    }
  }
}

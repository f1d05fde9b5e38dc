package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.auto.service.AutoService;
import java.util.Arrays;
import java.util.List;

/**
 * OKX's channels {@code trades} and {@code trades-all}. The first joins what one order took at one
 * price, under the last of its trades' ids: with both channels of an instrument much would count
 * twice.
 */
@AutoService(FeedFormat.class)
public final class Okx implements FeedFormat {

  private static final byte[] HEARTBEAT = "pong".getBytes(UTF_8);

  @Override
  public String name() {
    return "okx";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    FeedReader messages = new JsonFeedReader(new Messages(settings.venue(name())));
    return (record, trades) -> {
      if (!Arrays.equals(record, HEARTBEAT)) {
        messages.read(record, trades);
      }
    };
  }

  private record Messages(String venue) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      JsonValue subscription = message.find("arg");
      boolean isPush = message.word("event").isEmpty();
      return switch (isPush && subscription != null ? subscription.word("channel") : "") {
        case "trades", "trades-all" -> message.get("data").elements();
        default -> List.of();
      };
    }

    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      return new Trade(
          venue,
          trade.get("instId").text(),
          trade.get("tradeId").tradeId(),
          null,
          trade.get("px").decimal(),
          trade.get("sz").decimal(),
          TradeFields.side(trade.get("side").text(), "buy", "sell"),
          trade.get("ts").timestampMicros());
    }
  }
}

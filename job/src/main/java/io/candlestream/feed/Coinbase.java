package io.candlestream.feed;

import com.google.auto.service.AutoService;
import io.candlestream.market.Side;
import java.util.List;

/** Coinbase Exchange's {@code match}, and {@code last_match}, which a subscription begins with. */
@AutoService(FeedFormat.class)
public final class Coinbase implements FeedFormat {

  @Override
  public String name() {
    return "coinbase";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue(name())));
  }

  private record Messages(String venue) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      return switch (message.word("type")) {
        case "match", "last_match" -> List.of(message);
        default -> List.of();
      };
    }

    @Override
    public Trade trade(JsonValue message, JsonValue match) throws MalformedRecord {
      return new Trade(
          venue,
          match.get("product_id").text(),
          match.get("trade_id").tradeId(),
          null,
          match.get("price").decimal(),
          match.get("size").decimal(),
          aggressor(match.get("side").text()),
          match.get("time").timestampMicros());
    }

    /** Coinbase tells the side of the order that was in the book: the other one's is meant. */
    private static Side aggressor(String makerSide) throws MalformedRecord {
      return switch (makerSide) {
        case "buy" -> Side.SELL;
        case "sell" -> Side.BUY;
        default -> throw MalformedRecord.INSTANCE;
      };
    }
  }
}

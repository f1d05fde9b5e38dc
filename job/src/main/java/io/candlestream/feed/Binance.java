package io.candlestream.feed;

import com.google.auto.service.AutoService;
import io.candlestream.market.Side;
import java.util.List;

/**
 * Binance's {@code trade} and {@code aggTrade} messages, plain or wrapped as a combined stream
 * wraps them, of its spot and both its futures markets. A trade and the aggregate it is part of
 * have ids of different kinds: with both streams of an instrument each trade would count twice.
 */
@AutoService(FeedFormat.class)
public final class Binance implements FeedFormat {

  @Override
  public String name() {
    return "binance";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings));
  }

  private record Messages(FeedSettings settings) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      JsonValue data = message.find("data");
      JsonValue event = data != null && data.isObject() ? data : message;
      return switch (event.word("e")) {
        case "trade", "aggTrade" -> isOfTheMarket(event) ? List.of(event) : List.of();
        default -> List.of();
      };
    }

    /** Futures send trades of the insurance fund too, at prices that are not the market's. */
    private static boolean isOfTheMarket(JsonValue event) throws MalformedRecord {
      JsonValue kind = event.find("X");
      return kind == null || kind.text().equals("MARKET");
    }

    @Override
    public Trade trade(JsonValue message, JsonValue event) throws MalformedRecord {
      String symbol = event.get("s").text();
      boolean buyerIsMaker = event.get("m").flag();
      return new Trade(
          settings.venue(market(event, symbol)),
          symbol,
          event.get(event.word("e").equals("trade") ? "t" : "a").tradeId(),
          null,
          event.get("p").decimal(),
          event.get("q").decimal(),
          buyerIsMaker ? Side.SELL : Side.BUY,
          event.get("T").timestampMicros());
    }

    /**
     * Only spot has the field M. Contracts that are margined in coins are quoted in USD and have a
     * delivery date: {@code BTCUSD_PERP}, {@code BTCUSD_240927}, but {@code BTCUSDT_240927}.
     */
    private static String market(JsonValue event, String symbol) throws MalformedRecord {
      if (event.find("M") != null) {
        return "binance";
      }
      return symbol.contains("USD_") ? "binance-coinm" : "binance-usdm";
    }
  }
}

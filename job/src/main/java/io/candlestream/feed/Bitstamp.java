package io.candlestream.feed;

import com.google.auto.service.AutoService;
import io.candlestream.market.Side;
import java.util.List;

/** Bitstamp's event {@code trade} in its channels {@code live_trades_*}. */
@AutoService(FeedFormat.class)
public final class Bitstamp implements FeedFormat {

  private static final String CHANNEL = "live_trades_";

  @Override
  public String name() {
    return "bitstamp";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue(name())));
  }

  private record Messages(String venue) implements JsonMessages {

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      MalformedRecord.unless(message.isObject());
      boolean isTrade =
          message.word("event").equals("trade") && message.word("channel").startsWith(CHANNEL);
      return isTrade ? List.of(message.get("data")) : List.of();
    }

    /** The texts, because the numbers beside them are rounded. */
    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      return new Trade(
          venue,
          message.word("channel").substring(CHANNEL.length()),
          trade.get("id").tradeId(),
          null,
          trade.get("price_str").decimal(),
          trade.get("amount_str").decimal(),
          side(trade.get("type").integer()),
          trade.get("microtimestamp").timestampMicros());
    }

    private static Side side(long type) throws MalformedRecord {
      MalformedRecord.unless(type == 0 || type == 1);
      return type == 0 ? Side.BUY : Side.SELL;
    }
  }
}

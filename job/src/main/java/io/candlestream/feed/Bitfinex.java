package io.candlestream.feed;

import com.google.auto.service.AutoService;
import io.candlestream.market.Side;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bitfinex's channel {@code trades} of version 2, of trading pairs. Its messages name no symbol but
 * a channel, which an earlier message, {@code subscribed}, has bound to one; so the records of one
 * connection must come in their order, in one partition or file.
 *
 * <p>Each trade is sent twice, as {@code te} when it happens, and a moment later as {@code tu}. The
 * latter counts: in the venue's words only its id is final, and it is the id that a snapshot has.
 */
@AutoService(FeedFormat.class)
public final class Bitfinex implements FeedFormat {

  @Override
  public String name() {
    return "bitfinex";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new JsonFeedReader(new Messages(settings.venue(name())));
  }

  private static final class Messages implements JsonMessages {

    /** A connection has 30 at most; those of connections that have ended go first. */
    private static final int MAX_CHANNELS = 10_000;

    private static final int ID = 0;
    private static final int TIMESTAMP = 1;
    private static final int AMOUNT = 2;
    private static final int PRICE = 3;
    private static final int FIELDS = 4;

    private final String venue;

    /** The symbol of each channel of trades, and no text for each other channel. */
    private final Map<Long, String> symbols = new LinkedHashMap<>();

    Messages(String venue) {
      this.venue = venue;
    }

    @Override
    public boolean remembers() {
      return true;
    }

    @Override
    public List<JsonValue> trades(JsonValue message) throws MalformedRecord {
      if (message.isObject()) {
        noteSubscription(message);
        return List.of();
      }
      long channel = message.get(0).integer();
      JsonValue content = message.get(1);
      String symbol = symbols.get(channel);
      if (symbol == null) {
        // Its subscription is not among the records: what may be a trade must not get lost.
        MalformedRecord.unless(!mayHoldTrades(content));
        return List.of();
      }
      if (!symbol.startsWith("t")) {
        return List.of();
      }
      if (content.isArray()) {
        return content.elements();
      }
      return content.text().equals("tu") ? List.of(message.get(2)) : List.of();
    }

    private void noteSubscription(JsonValue message) throws MalformedRecord {
      if (!message.word("event").equals("subscribed")) {
        return;
      }
      long channel = message.get("chanId").integer();
      // The newest last, also of a channel whose number is used again.
      symbols.remove(channel);
      symbols.put(
          channel,
          message.get("channel").text().equals("trades") ? message.get("symbol").text() : "");
      if (symbols.size() > MAX_CHANNELS) {
        symbols.remove(symbols.keySet().iterator().next());
      }
    }

    private static boolean mayHoldTrades(JsonValue content) throws MalformedRecord {
      if (!content.isArray()) {
        return content.text().equals("tu");
      }
      List<JsonValue> rows = content.elements();
      return !rows.isEmpty() && rows.get(0).isArray() && rows.get(0).elements().size() == FIELDS;
    }

    @Override
    public Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord {
      String amount = trade.get(AMOUNT).number();
      boolean sold = amount.startsWith("-");
      return new Trade(
          venue,
          symbols.get(message.get(0).integer()),
          trade.get(ID).tradeId(),
          null,
          trade.get(PRICE).decimal(),
          TradeFields.decimal(sold ? amount.substring(1) : amount),
          sold ? Side.SELL : Side.BUY,
          trade.get(TIMESTAMP).timestampMicros());
    }
  }
}

package io.candlestream.sink;

import io.candlestream.market.Sentiment;
import io.candlestream.market.TradeId;
import java.util.List;

/** {@code sentiment_data}: one row per item of a provider's, for each symbol that it is about. */
public final class SentimentData implements Table<Sentiment> {

  private record Key(String symbol, String provider, TradeId itemId, long timestampMicros) {}

  @Override
  public String name() {
    return "sentiment_data";
  }

  @Override
  public Object key(Sentiment row) {
    return new Key(row.symbol(), row.provider(), row.itemId(), row.timestampMicros());
  }

  @Override
  public Sentiment merge(Sentiment earlier, Sentiment later) {
    return later;
  }

  @Override
  public String upsert() {
    return new Layout<>(columns()).upsert(name(), "true");
  }

  @Override
  public List<Column<Sentiment>> columns() {
    return List.of(
        Column.key("symbol", "text", Sentiment::symbol),
        Column.key("provider", "text", Sentiment::provider),
        Column.key("item_id", "text", row -> row.itemId().toString()),
        Column.key("timestamp", "timestamptz", row -> Columns.timestamp(row.timestampMicros())),
        Column.number("score", Sentiment::score),
        Column.number("magnitude", Sentiment::magnitude),
        Column.of("text_ref", "text", Sentiment::textRef));
  }
}

package io.candlestream.sink;

import io.candlestream.market.Fill;
import io.candlestream.market.Instrument;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.util.List;

/** {@code trade_history}: one row per fill that counts. */
public final class TradeHistory implements Table<Fill> {

  private record Key(String account, Instrument instrument, TradeId fillId, long timestampMicros) {}

  @Override
  public String name() {
    return "trade_history";
  }

  @Override
  public Object key(Fill row) {
    return new Key(row.account(), row.instrument(), row.fillId(), row.timestampMicros());
  }

  @Override
  public Fill merge(Fill earlier, Fill later) {
    return later;
  }

  @Override
  public String upsert() {
    return new Layout<>(columns()).upsert(name(), "true");
  }

  @Override
  public List<Column<Fill>> columns() {
    return List.of(
        Column.key("account", "text", Fill::account),
        Column.key("source", "text", Fill::source),
        Column.key("symbol", "text", Fill::symbol),
        Column.key("fill_id", "text", row -> row.fillId().toString()),
        Column.key("timestamp", "timestamptz", row -> Columns.timestamp(row.timestampMicros())),
        Column.of("side", "text", row -> row.side() == Side.BUY ? "buy" : "sell"),
        Column.number("price", Fill::price),
        Column.number("size", Fill::size),
        Column.of("currency", "text", Fill::currency),
        Column.number("fee", Fill::fee),
        Column.of("fee_currency", "text", Fill::feeCurrency),
        Column.of("order_id", "text", Fill::orderId));
  }
}

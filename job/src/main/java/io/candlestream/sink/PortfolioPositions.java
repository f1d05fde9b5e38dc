package io.candlestream.sink;

import static java.util.stream.Collectors.joining;

import io.candlestream.market.Instrument;
import io.candlestream.portfolio.PositionKey;
import io.candlestream.portfolio.PositionRow;
import java.util.List;

/**
 * {@code portfolio_positions}: one row per position, as it is by now.
 *
 * <p>A row is never replaced by one of fewer fills: those are books that were begun in the middle.
 */
public final class PortfolioPositions implements Table<PositionRow> {

  private record Key(Instrument instrument, PositionKey position) {}

  private final boolean allowShrink;

  /**
   * @param allowShrink whether positions may lose fills after all, in a deliberate rebuild
   */
  public PortfolioPositions(boolean allowShrink) {
    this.allowShrink = allowShrink;
  }

  @Override
  public String name() {
    return "portfolio_positions";
  }

  @Override
  public Object key(PositionRow row) {
    return new Key(row.instrument(), row.key());
  }

  @Override
  public PositionRow merge(PositionRow earlier, PositionRow later) {
    return later;
  }

  @Override
  public String upsert() {
    return new Layout<>(columns())
        .upsert(name(), allowShrink ? "true" : "excluded.fills >= stored.fills");
  }

  @Override
  public List<Column<PositionRow>> columns() {
    return List.of(
        Column.key("account", "text", row -> row.key().account()),
        Column.key("source", "text", row -> row.instrument().source()),
        Column.key("symbol", "text", row -> row.instrument().symbol()),
        Column.key("currency", "text", row -> row.key().currency()),
        Column.number("quantity", row -> row.ledger().quantity()),
        Column.number("cost_total", row -> row.ledger().cost()),
        Column.number("realized_pnl", row -> row.ledger().realized()),
        Column.of("fees", "jsonb", PortfolioPositions::fees),
        Column.of("fills", "int8", row -> row.ledger().fills()),
        Column.of(
            "last_fill_at",
            "timestamptz",
            row -> Columns.timestamp(row.ledger().lastFillMicros())));
  }

  /** Currencies are of letters, digits and {@code _ . -}: nothing in them is to be escaped. */
  private static String fees(PositionRow row) {
    return row.ledger().fees().stream()
        .map(fee -> "\"%s\": %s".formatted(fee.currency(), fee.amount()))
        .collect(joining(", ", "{", "}"));
  }
}

package io.candlestream.sink;

import static java.util.Comparator.comparingLong;

import io.candlestream.market.Instrument;
import io.candlestream.portfolio.PositionKey;
import io.candlestream.portfolio.SnapshotRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * {@code portfolio_snapshots}: one row per position and candle at whose end there was one. Where
 * there turns out to have been none, rows are removed.
 *
 * <p>Nothing is replaced, or removed, by what knows of fewer fills: those are books that were begun
 * in the middle.
 */
public final class PortfolioSnapshots implements Table<SnapshotRow> {

  private record Key(Instrument instrument, PositionKey position, long fromMicros) {}

  private final boolean allowShrink;

  /**
   * @param allowShrink whether positions may lose fills after all, in a deliberate rebuild
   */
  public PortfolioSnapshots(boolean allowShrink) {
    this.allowShrink = allowShrink;
  }

  @Override
  public String name() {
    return "portfolio_snapshots";
  }

  @Override
  public Object key(SnapshotRow row) {
    return new Key(row.instrument(), row.key(), row.fromMicros());
  }

  @Override
  public SnapshotRow merge(SnapshotRow earlier, SnapshotRow later) {
    return later;
  }

  @Override
  public String upsert() {
    return new Layout<>(columns())
        .upsert(name(), allowShrink ? "true" : "excluded.fills >= stored.fills");
  }

  @Override
  public List<Column<SnapshotRow>> columns() {
    List<Column<SnapshotRow>> columns = new ArrayList<>(keys());
    columns.addAll(
        List.of(
            Column.number("quantity", row -> row.ledger().quantity()),
            Column.number("cost_total", row -> row.ledger().cost()),
            Column.number("mark", SnapshotRow::mark),
            Column.number("market_value", SnapshotRow::marketValue),
            Column.number("unrealized_pnl", SnapshotRow::unrealized),
            Column.number("realized_pnl", row -> row.ledger().realized()),
            Column.of("fills", "int8", row -> row.ledger().fills())));
    return columns;
  }

  private static List<Column<SnapshotRow>> keys() {
    return List.of(
        Column.key("account", "text", row -> row.key().account()),
        Column.key("source", "text", row -> row.instrument().source()),
        Column.key("symbol", "text", row -> row.instrument().symbol()),
        Column.key("currency", "text", row -> row.key().currency()),
        Column.key("timestamp", "timestamptz", row -> Columns.timestamp(row.fromMicros())));
  }

  @Override
  public Optional<Removal<SnapshotRow>> removal() {
    List<Column<SnapshotRow>> columns = new ArrayList<>(keys());
    columns.add(Column.of("until", "timestamptz", PortfolioSnapshots::until));
    columns.add(Column.of("fills", "int8", row -> row.ledger().fills()));
    for (Column<SnapshotRow> key : keys()) {
      if (!key.name().equals("timestamp")) {
        columns.add(Column.of(key.name(), key.type(), key.value()));
      }
    }
    return Optional.of(new Removal<>(SnapshotRow::isNone, this::delete, columns));
  }

  /**
   * What the join says of rows, the planner must know before it meets them: TimescaleDB takes
   * everything out of the columnstore that a deletion may be about, and without these constants
   * that is the whole table.
   */
  private String delete(List<SnapshotRow> nones) {
    long from = nones.stream().mapToLong(SnapshotRow::fromMicros).min().orElseThrow();
    SnapshotRow longest = Collections.max(nones, comparingLong(SnapshotRow::untilMicros));
    return """
    DELETE FROM portfolio_snapshots AS stored
    USING unnest(
      ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::bigint[])
      AS none (account, source, symbol, currency, "from", until, fills)
    WHERE stored.account = none.account
      AND stored.source = none.source
      AND stored.symbol = none.symbol
      AND stored.currency = none.currency
      AND stored."timestamp" >= none."from"
      AND stored."timestamp" < none.until
      AND stored.account = ANY (?::text[])
      AND stored.source = ANY (?::text[])
      AND stored.symbol = ANY (?::text[])
      AND stored.currency = ANY (?::text[])
      AND stored."timestamp" >= '%s'::timestamptz
      AND stored."timestamp" < '%s'::timestamptz
      AND %s
    """
        .formatted(
            Columns.timestamp(from),
            until(longest).equals(Instant.MAX) ? "infinity" : until(longest),
            allowShrink ? "true" : "stored.fills <= none.fills");
  }

  private static Instant until(SnapshotRow none) {
    return none.untilMicros() == SnapshotRow.FOR_EVER
        ? Instant.MAX
        : Columns.timestamp(none.untilMicros());
  }
}

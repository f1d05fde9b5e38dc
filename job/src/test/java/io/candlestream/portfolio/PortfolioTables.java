package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import io.candlestream.market.Fill;
import io.candlestream.oracle.BatchPortfolio;
import io.candlestream.sink.PortfolioSnapshots;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The portfolio's tables in memory, written batch by batch as their writers do: rows of one key are
 * merged, removals come first, and books of fewer fills replace none.
 */
final class PortfolioTables {

  private static final PortfolioSnapshots SNAPSHOTS = new PortfolioSnapshots(false);

  private final Map<String, Fill> fills = new LinkedHashMap<>();
  private final Map<String, PositionRow> positions = new LinkedHashMap<>();
  private final Map<Object, SnapshotRow> snapshots = new LinkedHashMap<>();
  private final Map<Object, SnapshotRow> waiting = new LinkedHashMap<>();
  private final Predicate<SnapshotRow> taken;
  private long removed;

  PortfolioTables() {
    this(row -> true);
  }

  /**
   * @param taken which rows of snapshots are not left out
   */
  PortfolioTables(Predicate<SnapshotRow> taken) {
    this.taken = taken;
  }

  void add(Fill fill) {
    fills.put(
        BatchPortfolio.bars(
            fill.account(), fill.instrument(), fill.fillId(), fill.timestampMicros()),
        fill);
  }

  void add(PositionRow row) {
    positions.merge(
        row.instrument() + " " + row.key(),
        row,
        (stored, next) -> next.ledger().fills() >= stored.ledger().fills() ? next : stored);
  }

  void add(SnapshotRow row) {
    if (taken.test(row)) {
      waiting.merge(SNAPSHOTS.key(row), row, SNAPSHOTS::merge);
    }
  }

  /** Writes the batch of snapshots. */
  void flush() {
    for (SnapshotRow none : waiting.values()) {
      if (none.isNone()) {
        int before = snapshots.size();
        snapshots.values().removeIf(row -> isRemoved(row, none));
        removed += before - snapshots.size();
      }
    }
    waiting.forEach(
        (key, row) -> {
          if (!row.isNone()) {
            snapshots.merge(
                key,
                row,
                (stored, next) -> next.ledger().fills() >= stored.ledger().fills() ? next : stored);
          }
        });
    waiting.clear();
  }

  private static boolean isRemoved(SnapshotRow row, SnapshotRow none) {
    return row.instrument().equals(none.instrument())
        && row.key().equals(none.key())
        && row.fromMicros() >= none.fromMicros()
        && row.fromMicros() < none.untilMicros()
        && row.ledger().fills() <= none.ledger().fills();
  }

  /** What had not been written is lost. */
  void crash() {
    waiting.clear();
  }

  /** How many rows were there and went again. */
  long removed() {
    return removed;
  }

  List<String> tradeHistory() {
    return fills.values().stream()
        .map(
            fill ->
                BatchPortfolio.bars(
                    fill.account(),
                    fill.source(),
                    fill.symbol(),
                    fill.fillId(),
                    fill.timestampMicros(),
                    fill.signedSize().signum() > 0 ? "buy" : "sell",
                    number(fill.price()),
                    number(fill.size()),
                    fill.currency(),
                    number(fill.fee()),
                    fill.feeCurrency(),
                    fill.orderId()))
        .sorted()
        .toList();
  }

  List<String> positions() {
    return positions.values().stream()
        .map(
            row ->
                BatchPortfolio.bars(
                    row.key().account(),
                    row.instrument().source(),
                    row.instrument().symbol(),
                    row.key().currency(),
                    number(row.ledger().quantity()),
                    number(row.ledger().cost()),
                    number(row.ledger().realized()),
                    row.ledger().fees().stream()
                        .map(fee -> fee.currency() + "=" + fee.amount())
                        .collect(Collectors.joining(",")),
                    row.ledger().fills()))
        .sorted()
        .toList();
  }

  List<String> snapshots() {
    List<String> rows = new ArrayList<>();
    for (SnapshotRow row : snapshots.values()) {
      rows.add(
          BatchPortfolio.bars(
              row.key().account(),
              row.instrument().source(),
              row.instrument().symbol(),
              row.key().currency(),
              row.fromMicros(),
              number(row.ledger().quantity()),
              number(row.ledger().cost()),
              number(row.mark()),
              number(row.marketValue()),
              number(row.unrealized()),
              number(row.ledger().realized()),
              row.ledger().fills()));
    }
    rows.sort(null);
    return rows;
  }

  private static BigDecimal number(Decimal value) {
    return value == null ? null : value.toBigDecimal();
  }
}

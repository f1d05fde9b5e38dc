package io.candlestream.local;

import java.util.Map;

/**
 * What the job has counted so far, over all its subtasks and restarts.
 *
 * @param rejectedFor by reason; a tick may have several, so they add up to {@code rejected} or more
 * @param duplicates ticks whose trade was known
 * @param beforeStart ticks of candles that began before reading did
 * @param recordsWithoutTrades messages of other kinds; they are no ticks
 * @param candlesCorrected corrections of closed candles
 * @param indicatorRowsRecomputed rows after a corrected candle
 * @param tables rows by the table they went to
 * @param restarts how often the job failed and went on from a checkpoint
 */
record JobCounts(
    long accepted,
    long rejected,
    Map<String, Long> rejectedFor,
    long duplicates,
    long beforeStart,
    long recordsWithoutTrades,
    long candlesClosed,
    long candlesCorrected,
    long indicatorRowsRecomputed,
    Map<String, Rows> tables,
    long restarts) {

  static final String MARKET_DATA = "market_data";

  /**
   * Rows that went to a table.
   *
   * @param written inserted or changed
   * @param unchanged there already, with the same content
   * @param refused by the database
   */
  record Rows(long written, long unchanged, long refused) {
    static final Rows NONE = new Rows(0, 0, 0);
  }

  /** The ticks the job is done with: each is counted under exactly one head. */
  long ticks() {
    return accepted + rejected + duplicates + beforeStart;
  }

  Rows rows(String table) {
    return tables.getOrDefault(table, Rows.NONE);
  }
}

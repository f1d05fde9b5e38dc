package io.candlestream.local;

import io.candlestream.market.Input;
import java.util.Map;

/**
 * What the job has counted so far, over all its subtasks and restarts.
 *
 * @param inputs by stream, of the streams that are read
 * @param beforeStart ticks of candles that began before reading did
 * @param recordsWithoutTrades messages of other kinds; they are no ticks
 * @param candlesCorrected corrections of closed candles
 * @param indicatorRowsRecomputed rows after a corrected candle
 * @param tables rows by the table they went to
 * @param restarts how often the job failed and went on from a checkpoint
 */
record JobCounts(
    Map<Input, Events> inputs,
    long beforeStart,
    long recordsWithoutTrades,
    long candlesClosed,
    long candlesCorrected,
    long indicatorRowsRecomputed,
    Map<String, Rows> tables,
    long restarts) {

  static final String MARKET_DATA = "market_data";

  /**
   * Events of a stream.
   *
   * @param rejectedFor by reason; an event may have several, so they add up to {@code rejected} or
   *     more
   * @param duplicates events that were known
   */
  record Events(long accepted, long rejected, Map<String, Long> rejectedFor, long duplicates) {
    static final Events NONE = new Events(0, 0, Map.of(), 0);
  }

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

  Events of(Input input) {
    return inputs.getOrDefault(input, Events.NONE);
  }

  /** The events of a stream that the job is done with: each is counted under exactly one head. */
  long done(Input input) {
    Events events = of(input);
    return events.accepted()
        + events.rejected()
        + events.duplicates()
        + (input == Input.TICKS ? beforeStart : 0);
  }

  long ticks() {
    return done(Input.TICKS);
  }

  Rows rows(String table) {
    return tables.getOrDefault(table, Rows.NONE);
  }
}

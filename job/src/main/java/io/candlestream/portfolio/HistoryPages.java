package io.candlestream.portfolio;

import java.util.Collections;
import java.util.List;

/**
 * Which pages a position's history is kept in.
 *
 * @param settled the books before the first of them
 * @param starts the start of each page's first interval, in microseconds since the epoch, in the
 *     order of time
 */
public record HistoryPages(Ledger settled, List<Long> starts) {

  /** Of a position that was never traded. */
  static final HistoryPages NONE = new HistoryPages(Ledger.EMPTY, List.of());

  public HistoryPages {
    starts = List.copyOf(starts);
  }

  /** Which page a time is in; -1 where it is before all of them. */
  int pageOf(long micros) {
    int at = Collections.binarySearch(starts, micros);
    return at >= 0 ? at : -at - 2;
  }

  boolean isEmpty() {
    return starts.isEmpty();
  }
}

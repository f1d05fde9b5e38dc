package io.candlestream.portfolio;

import io.candlestream.market.Intervals;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.metrics.Counter;

/**
 * The books of an instrument's positions through time, in keyed state.
 *
 * <p>A day of a busy account, or a file of years, has more fills than may be read and written again
 * for each. So a fill is appended to those that wait, and goes into its position's history together
 * with others; and the history lies in pages, of which that touches those from the fill's place on.
 * One that comes in order is in the latest books at once all the same.
 */
final class Books {

  /** A page is full with so many. */
  static final int PAGE_FILLS = 256;

  private final Intervals intervals;
  private final int pageFills;
  private final Counter held;
  private final MapState<PositionKey, Position> positions;
  private final MapState<PositionKey, HistoryPages> histories;
  private final MapState<PageKey, PositionHistory> pages;
  private final ListState<WaitingFill> waiting;

  /**
   * @param pageFills how many fills fill a page
   * @param held counts positions
   */
  Books(KeyedStateStore store, Intervals intervals, int pageFills, Counter held) {
    this.intervals = intervals;
    this.pageFills = pageFills;
    this.held = held;
    positions =
        store.getMapState(
            new MapStateDescriptor<>(
                "positions", Types.uncopied(PositionKey.class), Types.uncopied(Position.class)));
    histories =
        store.getMapState(
            new MapStateDescriptor<>(
                "histories",
                Types.uncopied(PositionKey.class),
                Types.uncopied(HistoryPages.class)));
    pages =
        store.getMapState(
            new MapStateDescriptor<>(
                "pages", Types.uncopied(PageKey.class), Types.uncopied(PositionHistory.class)));
    waiting =
        store.getListState(new ListStateDescriptor<>("waiting", Types.uncopied(WaitingFill.class)));
  }

  /**
   * Takes a fill that is not settled, and that the books do not have yet.
   *
   * @return the books now; empty where the fill is older than others, whose books it changes: these
   *     are told when it no longer waits
   */
  Optional<Ledger> take(PositionKey key, BookedFill fill) throws Exception {
    waiting.add(new WaitingFill(key, fill));
    Position before = positions.get(key);
    if (before == null) {
      before = Position.NONE;
      held.inc();
    }
    if (!before.isNext(fill)) {
      return Optional.empty();
    }
    Position now = before.add(fill);
    positions.put(key, now);
    return Optional.of(now.latest());
  }

  /**
   * Puts the fills that wait into their positions' histories.
   *
   * @return the latest books of the positions in which they were out of order
   */
  Map<PositionKey, Ledger> bookWaiting() throws Exception {
    Map<PositionKey, SortedMap<Long, List<BookedFill>>> fills = new HashMap<>();
    for (WaitingFill one : waiting.get()) {
      fills
          .computeIfAbsent(one.position(), key -> new TreeMap<>())
          .computeIfAbsent(
              intervals.startOf(one.fill().timestampMicros()), start -> new ArrayList<>())
          .add(one.fill());
    }
    waiting.clear();
    Map<PositionKey, Ledger> corrected = new HashMap<>();
    for (Map.Entry<PositionKey, SortedMap<Long, List<BookedFill>>> entry : fills.entrySet()) {
      PositionKey key = entry.getKey();
      Ledger before = positions.get(key).latest();
      Position now = book(key, entry.getValue());
      positions.put(key, now);
      if (!now.latest().equals(before)) {
        corrected.put(key, now.latest());
      }
    }
    return corrected;
  }

  /** Writes a position's pages anew from the first fill's place on. */
  private Position book(PositionKey key, SortedMap<Long, List<BookedFill>> fills) throws Exception {
    HistoryPages before = histories.get(key);
    if (before == null) {
      before = HistoryPages.NONE;
    }
    int kept = Math.max(0, before.pageOf(fills.firstKey()));
    PositionHistory history = historyOf(key, before, kept).add(fills);
    for (long start : before.starts().subList(kept, before.starts().size())) {
      pages.remove(new PageKey(key, start));
    }
    List<Long> starts = new ArrayList<>(before.starts().subList(0, kept));
    for (PositionHistory page : history.split(pageFills)) {
      starts.add(page.startMicros());
      pages.put(new PageKey(key, page.startMicros()), page);
    }
    histories.put(key, new HistoryPages(before.settled(), starts));
    return new Position(history.latest(), history.newest());
  }

  /** A position's history from one of its pages on. */
  private PositionHistory historyOf(PositionKey key, HistoryPages history, int from)
      throws Exception {
    if (history.isEmpty()) {
      return new PositionHistory(history.settled(), List.of());
    }
    List<PositionHistory> parts = new ArrayList<>();
    for (long start : history.starts().subList(from, history.starts().size())) {
      parts.add(pages.get(new PageKey(key, start)));
    }
    return PositionHistory.join(parts);
  }

  /** A position's history, as far as it concerns what is after a time; none of its fills waits. */
  PositionHistory historyFrom(PositionKey key, long micros) throws Exception {
    HistoryPages history = histories.get(key);
    return historyOf(key, history, Math.max(0, history.pageOf(micros)));
  }

  /**
   * The books of all positions at the end of an interval that is not settled; no fill waits. A
   * position without any fill by then is flat.
   */
  Map<PositionKey, Ledger> atEndOf(long startMicros) throws Exception {
    Map<PositionKey, Ledger> books = new HashMap<>();
    for (Map.Entry<PositionKey, Position> entry : positions.entries()) {
      books.put(entry.getKey(), atEndOf(startMicros, entry.getKey(), entry.getValue()));
    }
    return books;
  }

  private Ledger atEndOf(long startMicros, PositionKey key, Position position) throws Exception {
    if (position.newest().timestampMicros() < startMicros + intervals.lengthMicros()) {
      return position.latest();
    }
    HistoryPages history = histories.get(key);
    int page = history.pageOf(startMicros);
    return page < 0
        ? history.settled()
        : pages.get(new PageKey(key, history.starts().get(page))).atEndOf(startMicros);
  }

  /**
   * Forgets the details of what no fill changes any more; no fill waits.
   *
   * @param beforeMicros intervals that start before are settled
   * @param forgotten takes each fill whose details are forgotten
   */
  void settle(long beforeMicros, Consumer<FillKey> forgotten) throws Exception {
    for (Map.Entry<PositionKey, HistoryPages> history : histories.entries()) {
      HistoryPages before = history.getValue();
      if (!before.isEmpty() && before.starts().get(0) < beforeMicros) {
        history.setValue(settled(history.getKey(), before, beforeMicros, forgotten));
      }
    }
  }

  private HistoryPages settled(
      PositionKey key, HistoryPages before, long beforeMicros, Consumer<FillKey> forgotten)
      throws Exception {
    Ledger settled = before.settled();
    List<Long> starts = new ArrayList<>(before.starts());
    while (!starts.isEmpty() && starts.get(0) < beforeMicros) {
      PageKey page = new PageKey(key, starts.remove(0));
      PositionHistory rest =
          pages
              .get(page)
              .settle(beforeMicros, fillId -> forgotten.accept(new FillKey(key.account(), fillId)));
      pages.remove(page);
      settled = rest.before();
      if (!rest.intervals().isEmpty()) {
        starts.add(0, rest.startMicros());
        pages.put(new PageKey(key, rest.startMicros()), rest);
      }
    }
    return new HistoryPages(settled, starts);
  }
}

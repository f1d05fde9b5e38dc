package io.candlestream.portfolio;

import io.candlestream.market.TradeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A position's books through a stretch of time: those at the end of each interval in which there
 * were fills, with these fills.
 *
 * @param before the books before the first of the intervals
 * @param intervals in the order of time
 */
public record PositionHistory(Ledger before, List<Interval> intervals) {

  /**
   * The fills of one interval.
   *
   * @param startMicros the interval's start, in microseconds since the epoch
   * @param fills in their order, at least one
   * @param after the books after the last of them
   */
  public record Interval(long startMicros, List<BookedFill> fills, Ledger after) {

    public Interval {
      fills = List.copyOf(fills);
    }

    private static Interval of(long startMicros, List<BookedFill> fills, Ledger before) {
      Ledger after = before;
      for (BookedFill fill : fills) {
        after = after.add(fill);
      }
      return new Interval(startMicros, fills, after);
    }
  }

  public PositionHistory {
    intervals = List.copyOf(intervals);
  }

  /**
   * The history with fills that it does not have yet, wherever their places are.
   *
   * @param fills at least one, by the start of their interval; in any order within one
   */
  public PositionHistory add(SortedMap<Long, List<BookedFill>> fills) {
    int kept = countBefore(fills.firstKey());
    SortedMap<Long, List<BookedFill>> rest = new TreeMap<>(fills);
    for (Interval later : intervals.subList(kept, intervals.size())) {
      rest.merge(later.startMicros(), later.fills(), PositionHistory::concat);
    }
    List<Interval> changed = new ArrayList<>(intervals.subList(0, kept));
    Ledger books = kept == 0 ? before : intervals.get(kept - 1).after();
    for (Map.Entry<Long, List<BookedFill>> interval : rest.entrySet()) {
      List<BookedFill> inOrder = interval.getValue().stream().sorted().toList();
      Interval next = Interval.of(interval.getKey(), inOrder, books);
      changed.add(next);
      books = next.after();
    }
    return new PositionHistory(before, changed);
  }

  private static List<BookedFill> concat(List<BookedFill> some, List<BookedFill> more) {
    List<BookedFill> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  /**
   * The history without the details of its beginning.
   *
   * @param beforeMicros intervals that start before are left out, but for their sum
   * @param forgotten takes the id of each fill that is left out
   */
  public PositionHistory settle(long beforeMicros, Consumer<TradeId> forgotten) {
    int count = countBefore(beforeMicros);
    if (count == 0) {
      return this;
    }
    for (Interval interval : intervals.subList(0, count)) {
      interval.fills().forEach(fill -> forgotten.accept(fill.fillId()));
    }
    return new PositionHistory(
        intervals.get(count - 1).after(), intervals.subList(count, intervals.size()));
  }

  /** The start of the first interval, of which there is one. */
  long startMicros() {
    return intervals.get(0).startMicros();
  }

  /** The last of the fills, of which there is one. */
  BookedFill newest() {
    List<BookedFill> last = intervals.get(intervals.size() - 1).fills();
    return last.get(last.size() - 1);
  }

  /** The books now, with all fills. */
  public Ledger latest() {
    return intervals.isEmpty() ? before : intervals.get(intervals.size() - 1).after();
  }

  /**
   * The books at the end of an interval.
   *
   * @param startMicros the interval's start
   */
  public Ledger atEndOf(long startMicros) {
    int at = countBefore(startMicros);
    if (at < intervals.size() && intervals.get(at).startMicros() == startMicros) {
      return intervals.get(at).after();
    }
    return at == 0 ? before : intervals.get(at - 1).after();
  }

  /** How many of the intervals start before a time. */
  private int countBefore(long micros) {
    int low = 0;
    int high = intervals.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (intervals.get(middle).startMicros() < micros) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The history in stretches, one after the other.
   *
   * @param fills how many a stretch has at least, but for the last
   */
  List<PositionHistory> split(int fills) {
    List<PositionHistory> stretches = new ArrayList<>();
    Ledger books = before;
    int from = 0;
    int count = 0;
    for (int i = 0; i < intervals.size(); i++) {
      count += intervals.get(i).fills().size();
      if (count >= fills || i == intervals.size() - 1) {
        stretches.add(new PositionHistory(books, intervals.subList(from, i + 1)));
        books = intervals.get(i).after();
        from = i + 1;
        count = 0;
      }
    }
    return stretches;
  }

  /** What {@link #split} has made, as one again. */
  static PositionHistory join(List<PositionHistory> stretches) {
    return new PositionHistory(
        stretches.get(0).before(),
        stretches.stream().flatMap(stretch -> stretch.intervals().stream()).toList());
  }
}

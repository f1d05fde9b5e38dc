package io.candlestream.portfolio;

import io.candlestream.market.TradeId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A position's books through time, as far back as a late fill can still change them: those at the
 * end of each interval in which there were fills, with these fills. What is older is settled, and
 * only its sum is left.
 *
 * @param settled the books before the first of the intervals
 * @param intervals in the order of time
 */
public record PositionHistory(Ledger settled, List<Interval> intervals) {

  /** A position that was never traded. */
  public static final PositionHistory EMPTY = new PositionHistory(Ledger.EMPTY, List.of());

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

    /** The same with one more fill, on the same books before. */
    private Interval with(BookedFill fill, Ledger before) {
      int at = fills.size();
      while (at > 0 && fills.get(at - 1).compareTo(fill) > 0) {
        at--;
      }
      List<BookedFill> more = new ArrayList<>(fills.size() + 1);
      more.addAll(fills.subList(0, at));
      more.add(fill);
      more.addAll(fills.subList(at, fills.size()));
      return at == fills.size()
          ? new Interval(startMicros, more, after.add(fill))
          : of(startMicros, more, before);
    }
  }

  public PositionHistory {
    intervals = List.copyOf(intervals);
  }

  /**
   * The history with a fill that it does not have yet, wherever its place is.
   *
   * @param startMicros the start of the fill's interval, which is not settled
   */
  public PositionHistory add(BookedFill fill, long startMicros) {
    int at = intervals.size();
    while (at > 0 && intervals.get(at - 1).startMicros() >= startMicros) {
      at--;
    }
    List<Interval> changed = new ArrayList<>(intervals.size() + 1);
    changed.addAll(intervals.subList(0, at));
    Ledger before = at == 0 ? settled : intervals.get(at - 1).after();
    boolean isThere = at < intervals.size() && intervals.get(at).startMicros() == startMicros;
    Interval next =
        isThere
            ? intervals.get(at).with(fill, before)
            : Interval.of(startMicros, List.of(fill), before);
    changed.add(next);
    for (Interval later : intervals.subList(isThere ? at + 1 : at, intervals.size())) {
      next = Interval.of(later.startMicros(), later.fills(), next.after());
      changed.add(next);
    }
    return new PositionHistory(settled, changed);
  }

  /**
   * The history without the details of what no fill changes any more.
   *
   * @param beforeMicros intervals that start before are settled
   * @param forgotten takes the id of each fill that is left out
   */
  public PositionHistory settle(long beforeMicros, Consumer<TradeId> forgotten) {
    int count = 0;
    while (count < intervals.size() && intervals.get(count).startMicros() < beforeMicros) {
      intervals.get(count).fills().forEach(fill -> forgotten.accept(fill.fillId()));
      count++;
    }
    return count == 0
        ? this
        : new PositionHistory(
            intervals.get(count - 1).after(), intervals.subList(count, intervals.size()));
  }

  /** The books now, with all fills. */
  public Ledger latest() {
    return intervals.isEmpty() ? settled : intervals.get(intervals.size() - 1).after();
  }

  /**
   * The books at the end of an interval.
   *
   * @param startMicros the interval's start; not before what is settled
   */
  public Ledger atEndOf(long startMicros) {
    for (int i = intervals.size() - 1; i >= 0; i--) {
      if (intervals.get(i).startMicros() <= startMicros) {
        return intervals.get(i).after();
      }
    }
    return settled;
  }
}

package io.candlestream.portfolio;

import java.util.List;

/**
 * A position as it is now, and where its history is.
 *
 * @param settled the books before the first page
 * @param latest the books now, but for fills that came out of order and wait
 * @param newest the last of the fills of these; null where there is none
 * @param pages the starts of the first intervals of the pages that its history is kept in, in
 *     microseconds since the epoch, in the order of time
 */
public record Position(Ledger settled, Ledger latest, BookedFill newest, List<Long> pages) {

  /** One that was never traded. */
  static final Position NONE = new Position(Ledger.EMPTY, Ledger.EMPTY, null, List.of());

  public Position {
    pages = List.copyOf(pages);
  }

  /** Whether a fill comes after all that the books know. */
  boolean isNext(BookedFill fill) {
    return newest == null || newest.compareTo(fill) < 0;
  }

  /** The same with a fill after all others. */
  Position add(BookedFill fill) {
    return new Position(settled, latest.add(fill), fill, pages);
  }

  /** Which page a time is in; -1 where it is before all of them. */
  int pageOf(long micros) {
    int at = pages.size() - 1;
    while (at >= 0 && pages.get(at) > micros) {
      at--;
    }
    return at;
  }
}

package io.candlestream.portfolio;

/**
 * A position as it is now, but for fills that came out of order and wait.
 *
 * @param newest the last of the fills in these books; null where there is none
 */
public record Position(Ledger latest, BookedFill newest) {

  /** One that was never traded. */
  static final Position NONE = new Position(Ledger.EMPTY, null);

  /** Whether a fill comes after all that the books know. */
  boolean isNext(BookedFill fill) {
    return newest == null || newest.compareTo(fill) < 0;
  }

  /** The same with a fill after all others. */
  Position add(BookedFill fill) {
    return new Position(latest.add(fill), fill);
  }
}

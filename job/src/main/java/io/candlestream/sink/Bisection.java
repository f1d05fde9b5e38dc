package io.candlestream.sink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes rows together although some of them are refused, and finds out which: where a span of rows
 * is refused, its first half is written, and so on down to the one row that is in the way. After it
 * come one row, two, four … so that a run of refused rows, or of rows that go in, is dealt with
 * quickly.
 *
 * <p>Every row is written once or refused once, in the order of the rows. Where none is refused,
 * that is one statement; a refused row among {@code n} costs about {@code 2·log2(n)} more. However
 * many are refused, there are never more than {@code 2·n}, and where all are, hardly more than
 * {@code n}.
 */
final class Bisection {

  private Bisection() {}

  /** Writes rows, all of them or none. */
  interface Attempt<T, R> {

    /** Why one of the rows is refused; empty: they are written. */
    Optional<R> write(List<T> rows) throws IOException, InterruptedException;
  }

  /** A row that is refused, even alone. */
  record Refused<T, R>(T row, R reason) {}

  /** Writes all rows that can be; returns the others, in their order. */
  static <T, R> List<Refused<T, R>> write(List<T> rows, Attempt<T, R> attempt)
      throws IOException, InterruptedException {
    List<Refused<T, R>> refused = new ArrayList<>();
    int from = 0;
    int stride = rows.size();
    // So many rows, from here on, have been refused together; 0: nothing is known.
    int suspects = 0;
    while (from < rows.size()) {
      int length = suspects > 0 ? Math.max(1, suspects / 2) : Math.min(stride, rows.size() - from);
      List<T> span = rows.subList(from, from + length);
      Optional<R> reason = attempt.write(span);
      if (reason.isEmpty()) {
        from += length;
        suspects = Math.max(0, suspects - length);
        stride = 2 * length;
      } else if (length > 1) {
        suspects = length;
      } else {
        refused.add(new Refused<>(span.get(0), reason.get()));
        from++;
        suspects = 0;
        stride = 1;
      }
    }
    return refused;
  }
}

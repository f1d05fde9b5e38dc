package io.candlestream.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which numbers of one instrument's sequence have not come, as an immutable value. A gap is open as
 * long as its numbers may still come, out of order; then it is reported, once.
 *
 * <p>What is reported depends on the set of the numbers alone, as long as each comes within the
 * out-of-orderness and no more than {@value #MOST_OPEN} gaps are open at once; beyond that, the one
 * whose end was seen first is reported early.
 *
 * <p>A number is taken for the first of a new sequence if it is below the highest though it
 * happened more than the out-of-orderness after it: venues begin anew.
 *
 * @param lowest the number the sequence begins with, so far; meaningless before the first
 * @param lowestMicros when its trade happened
 * @param highest the highest number so far
 * @param highestMicros when its trade happened; {@link Long#MIN_VALUE} before the first
 * @param from the first number of each open gap, ascending; never written to
 * @param to the last number of each open gap
 * @param nextMicros when the trade after each open gap happened
 */
public record SequenceGaps(
    long lowest,
    long lowestMicros,
    long highest,
    long highestMicros,
    long[] from,
    long[] to,
    long[] nextMicros) {

  public static final int MOST_OPEN = 1_024;

  private static final long[] NONE = {};

  /** Before the first number. */
  public static final SequenceGaps START =
      new SequenceGaps(0, Long.MIN_VALUE, 0, Long.MIN_VALUE, NONE, NONE, NONE);

  /**
   * The gaps once one more trade has come.
   *
   * @param lost takes the gaps that are over by this
   */
  public SequenceGaps add(
      long number, long timestampMicros, long outOfOrdernessMicros, Consumer<Gap> lost) {
    if (highestMicros == Long.MIN_VALUE) {
      return startingWith(number, timestampMicros);
    }
    if (number > highest) {
      SequenceGaps after =
          new SequenceGaps(lowest, lowestMicros, number, timestampMicros, from, to, nextMicros);
      return number - 1 == highest
          ? after
          : after.open(from.length, new Gap(highest + 1, number - 1, timestampMicros), lost);
    }
    if (timestampMicros - outOfOrdernessMicros > highestMicros) {
      gaps().forEach(lost);
      return startingWith(number, timestampMicros);
    }
    if (number < lowest) {
      boolean late = timestampMicros < highestMicros - outOfOrdernessMicros;
      return late ? this : beginEarlier(number, timestampMicros, lost);
    }
    return fill(number, timestampMicros, lost);
  }

  private static SequenceGaps startingWith(long number, long timestampMicros) {
    return new SequenceGaps(number, timestampMicros, number, timestampMicros, NONE, NONE, NONE);
  }

  /** The first trade to come need not be the first of the sequence. */
  private SequenceGaps beginEarlier(long number, long timestampMicros, Consumer<Gap> lost) {
    SequenceGaps earlier =
        new SequenceGaps(number, timestampMicros, highest, highestMicros, from, to, nextMicros);
    return number + 1 == lowest
        ? earlier
        : earlier.open(0, new Gap(number + 1, lowest - 1, lowestMicros), lost);
  }

  private SequenceGaps fill(long number, long timestampMicros, Consumer<Gap> lost) {
    int at = Arrays.binarySearch(from, number);
    if (at < 0) {
      at = -at - 2;
    }
    if (at < 0 || number > to[at]) {
      return this;
    }
    Gap gap = gap(at);
    SequenceGaps filled = without(at);
    if (number < gap.to()) {
      filled = filled.open(at, new Gap(number + 1, gap.to(), gap.nextMicros()), lost);
    }
    if (number > gap.from()) {
      filled = filled.open(at, new Gap(gap.from(), number - 1, timestampMicros), lost);
    }
    return filled;
  }

  /** The gaps that are left when the watermark has passed a moment; the others are reported. */
  public SequenceGaps passed(long micros, Consumer<Gap> lost) {
    SequenceGaps open = this;
    for (int i = nextMicros.length - 1; i >= 0; i--) {
      if (nextMicros[i] <= micros) {
        lost.accept(gap(i));
        open = open.without(i);
      }
    }
    return open;
  }

  /** When the first of the open gaps is over; {@link Long#MAX_VALUE} if none is open. */
  public long nextOverMicros() {
    long earliest = Long.MAX_VALUE;
    for (long micros : nextMicros) {
      earliest = Math.min(earliest, micros);
    }
    return earliest;
  }

  private List<Gap> gaps() {
    List<Gap> gaps = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      gaps.add(gap(i));
    }
    return gaps;
  }

  private Gap gap(int at) {
    return new Gap(from[at], to[at], nextMicros[at]);
  }

  private SequenceGaps open(int at, Gap gap, Consumer<Gap> lost) {
    SequenceGaps more =
        new SequenceGaps(
            lowest,
            lowestMicros,
            highest,
            highestMicros,
            inserted(from, at, gap.from()),
            inserted(to, at, gap.to()),
            inserted(nextMicros, at, gap.nextMicros()));
    return more.from.length > MOST_OPEN ? more.withoutEarliest(lost) : more;
  }

  private SequenceGaps withoutEarliest(Consumer<Gap> lost) {
    int earliest = 0;
    for (int i = 1; i < nextMicros.length; i++) {
      if (nextMicros[i] < nextMicros[earliest]) {
        earliest = i;
      }
    }
    lost.accept(gap(earliest));
    return without(earliest);
  }

  private SequenceGaps without(int at) {
    return new SequenceGaps(
        lowest,
        lowestMicros,
        highest,
        highestMicros,
        removed(from, at),
        removed(to, at),
        removed(nextMicros, at));
  }

  private static long[] inserted(long[] values, int at, long value) {
    long[] more = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(values, at, more, at + 1, values.length - at);
    more[at] = value;
    return more;
  }

  private static long[] removed(long[] values, int at) {
    long[] fewer = Arrays.copyOf(values, values.length - 1);
    System.arraycopy(values, at + 1, fewer, at, fewer.length - at);
    return fewer;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SequenceGaps gaps
        && lowest == gaps.lowest
        && lowestMicros == gaps.lowestMicros
        && highest == gaps.highest
        && highestMicros == gaps.highestMicros
        && Arrays.equals(from, gaps.from)
        && Arrays.equals(to, gaps.to)
        && Arrays.equals(nextMicros, gaps.nextMicros);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Long.hashCode(highest) + Arrays.hashCode(from)) + Arrays.hashCode(to);
  }

  @Override
  public String toString() {
    return "%d to %d, without %s".formatted(lowest, highest, gaps());
  }
}

package io.candlestream.quality;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * The last values of one instrument, in order of size, so that their median is at hand, and the
 * spikes since the last of them.
 *
 * <p>Mutable, for it is touched once a tick; it never leaves the operator that holds it. A value
 * takes 9 bytes.
 */
public final class RecentValues {

  private static final double[] NONE = {};

  /** Ascending. */
  private final double[] values;

  /** When each of them came: they take turns from 0 to the capacity, and again from 0. */
  private final byte[] turns;

  private int size;

  /** The turn of the next value; of a full window, also that of the oldest. */
  private int nextTurn;

  private long newestMicros = Long.MIN_VALUE;

  /** Spikes in a row on one side, in order of time. */
  private double[] run = NONE;

  private boolean runIsAbove;

  /**
   * @param capacity how many values there is room for, at most 127
   */
  RecentValues(int capacity) {
    values = new double[capacity];
    turns = new byte[capacity];
  }

  int capacity() {
    return values.length;
  }

  int size() {
    return size;
  }

  /** The highest timestamp so far; microseconds since the epoch. */
  long newestMicros() {
    return newestMicros;
  }

  void happened(long timestampMicros) {
    newestMicros = Math.max(newestMicros, timestampMicros);
  }

  /** Of an even number of values, the lower of the two in the middle. */
  double median() {
    return values[(size - 1) / 2];
  }

  /**
   * The value whose distance to the median is the median of all distances.
   *
   * @param distance of a value from the median; grows to both sides
   */
  double typical(DoubleBinaryOperator distance) {
    int middle = (size - 1) / 2;
    double median = values[middle];
    // From the median outwards, always to the nearer of the two next.
    int below = middle;
    int above = middle + 1;
    double typical = median;
    for (int i = 0; i <= middle; i++) {
      if (above == size
          || below >= 0
              && distance.applyAsDouble(values[below], median)
                  <= distance.applyAsDouble(values[above], median)) {
        typical = values[below--];
      } else {
        typical = values[above++];
      }
    }
    return typical;
  }

  /** Adds a value, in the place of the oldest where there is no more room; a run is over. */
  void add(double value) {
    run = NONE;
    int at = size < values.length ? size++ : indexOf(nextTurn);
    for (; at > 0 && values[at - 1] > value; at--) {
      values[at] = values[at - 1];
      turns[at] = turns[at - 1];
    }
    for (; at < size - 1 && values[at + 1] < value; at++) {
      values[at] = values[at + 1];
      turns[at] = turns[at + 1];
    }
    values[at] = value;
    turns[at] = (byte) nextTurn;
    nextTurn = nextTurn + 1 == values.length ? 0 : nextTurn + 1;
  }

  private int indexOf(int turn) {
    int at = 0;
    while (turns[at] != turn) {
      at++;
    }
    return at;
  }

  /** Notes a spike; so many in a row as make a level take the place of all values. */
  void addToRun(double value, boolean above, int level) {
    boolean goesOn = run.length > 0 && above == runIsAbove;
    run = goesOn ? Arrays.copyOf(run, run.length + 1) : new double[1];
    run[run.length - 1] = value;
    runIsAbove = above;
    if (run.length >= level) {
      double[] newLevel = run;
      clear();
      for (double newValue : newLevel) {
        add(newValue);
      }
    }
  }

  void clear() {
    size = 0;
    nextTurn = 0;
    run = NONE;
  }

  /** The newest of the values, as many as there is room for; a run is over. */
  RecentValues resized(int capacity) {
    RecentValues resized = new RecentValues(capacity);
    double[] inTime = inOrderOfTime();
    for (int i = Math.max(0, size - capacity); i < size; i++) {
      resized.add(inTime[i]);
    }
    resized.newestMicros = newestMicros;
    return resized;
  }

  RecentValues copy() {
    return of(content());
  }

  /** Oldest first. */
  double[] inOrderOfTime() {
    int oldest = size < values.length ? 0 : nextTurn;
    double[] inTime = new double[size];
    for (int i = 0; i < size; i++) {
      inTime[Math.floorMod(turns[i] - oldest, values.length)] = values[i];
    }
    return inTime;
  }

  /** All there is to know, to be written down. */
  record Content(
      int capacity,
      int nextTurn,
      long newestMicros,
      double[] values,
      byte[] turns,
      double[] run,
      boolean runIsAbove) {}

  Content content() {
    return new Content(
        values.length,
        nextTurn,
        newestMicros,
        Arrays.copyOf(values, size),
        Arrays.copyOf(turns, size),
        run,
        runIsAbove);
  }

  static RecentValues of(Content content) {
    RecentValues recent = new RecentValues(content.capacity());
    recent.size = content.values().length;
    System.arraycopy(content.values(), 0, recent.values, 0, recent.size);
    System.arraycopy(content.turns(), 0, recent.turns, 0, recent.size);
    recent.nextTurn = content.nextTurn();
    recent.newestMicros = content.newestMicros();
    // Never written to once it is there.
    recent.run = content.run();
    recent.runIsAbove = content.runIsAbove();
    return recent;
  }
}

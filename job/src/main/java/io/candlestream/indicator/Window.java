package io.candlestream.indicator;

import java.util.Arrays;

/**
 * The last values of a series, oldest first. A window never changes: one more value makes another
 * window.
 *
 * <p>Windows that come from each other share an array, in which each has its part: the newest of
 * them puts the next value behind its own, where no other looks, and copies only when there is no
 * more room. One that is not the newest copies.
 */
public final class Window {

  private static final Window EMPTY = new Window(new Shared(0), 0, 0);

  /** For so many values more there is room in a new array. */
  private static final int ROOM = 32;

  /** An array that is written to from its beginning on, once in each place. */
  private static final class Shared {
    private final double[] values;
    private int end;

    Shared(int capacity) {
      values = new double[capacity];
    }
  }

  private final Shared shared;
  private final int from;
  private final int to;

  private Window(Shared shared, int from, int to) {
    this.shared = shared;
    this.from = from;
    this.to = to;
  }

  /** The window without a value. */
  public static Window empty() {
    return EMPTY;
  }

  /** A window of these values, oldest first. */
  public static Window of(double... values) {
    Shared copy = new Shared(values.length);
    System.arraycopy(values, 0, copy.values, 0, values.length);
    copy.end = values.length;
    return new Window(copy, 0, values.length);
  }

  /** How many values there are. */
  public int size() {
    return to - from;
  }

  /**
   * One of the values.
   *
   * @param index 0 for the oldest
   */
  public double get(int index) {
    return shared.values[from + index];
  }

  /** How many of the values are at most so much. */
  int countAtMost(double most) {
    double[] values = shared.values;
    int count = 0;
    for (int i = from; i < to; i++) {
      count += values[i] <= most ? 1 : 0;
    }
    return count;
  }

  /** A window with one more value at its end, and only the last {@code capacity} of all. */
  public Window append(double value, int capacity) {
    int start = Math.max(from, to + 1 - capacity);
    if (to == shared.end && to < shared.values.length) {
      shared.values[to] = value;
      shared.end = to + 1;
      return new Window(shared, start, to + 1);
    }
    Shared copy = new Shared(to - start + 1 + ROOM);
    System.arraycopy(shared.values, start, copy.values, 0, to - start);
    copy.values[to - start] = value;
    copy.end = to - start + 1;
    return new Window(copy, 0, copy.end);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window window
        && Arrays.equals(shared.values, from, to, window.shared.values, window.from, window.to);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(Arrays.copyOfRange(shared.values, from, to));
  }

  @Override
  public String toString() {
    return Arrays.toString(Arrays.copyOfRange(shared.values, from, to));
  }
}

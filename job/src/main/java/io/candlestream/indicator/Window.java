package io.candlestream.indicator;

import java.util.Arrays;
import java.util.stream.IntStream;

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

    /** In bits, since these can be compared several at a time. */
    private final long[] bits;

    private int end;

    Shared(int capacity) {
      bits = new long[capacity];
    }

    /** Those of another's places in the first of this one. */
    Shared with(Shared other, int from, int to) {
      System.arraycopy(other.bits, from, bits, 0, to - from);
      end = to - from;
      return this;
    }

    void add(double value) {
      bits[end++] = Double.doubleToRawLongBits(value);
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
    for (double value : values) {
      copy.add(value);
    }
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
    return Double.longBitsToDouble(shared.bits[from + index]);
  }

  /**
   * How many of the values are at most so much; of values that are not negative, whose bits are in
   * the order of the numbers.
   */
  int countAtMost(double most) {
    long[] bits = shared.bits;
    long mostBits = Double.doubleToRawLongBits(most);
    long more = 0;
    for (int i = from; i < to; i++) {
      more += mostBits - bits[i] >>> Long.SIZE - 1;
    }
    return size() - (int) more;
  }

  /** A window with one more value at its end, and only the last {@code capacity} of all. */
  public Window append(double value, int capacity) {
    int start = Math.max(from, to + 1 - capacity);
    if (to == shared.end && to < shared.bits.length) {
      shared.add(value);
      return new Window(shared, start, to + 1);
    }
    Shared copy = new Shared(to - start + 1 + ROOM).with(shared, start, to);
    copy.add(value);
    return new Window(copy, 0, copy.end);
  }

  private double[] values() {
    return IntStream.range(0, size()).mapToDouble(this::get).toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window window && Arrays.equals(values(), window.values());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values());
  }

  @Override
  public String toString() {
    return Arrays.toString(values());
  }
}

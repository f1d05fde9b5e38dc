package io.candlestream.dedup;

import java.io.IOException;
import java.security.SecureRandom;

/**
 * A hash table by open addressing with linear probing, of entries of one or two numbers, in one
 * array. It is never more than four fifths full, and once it has grown never less than two thirds:
 * an entry costs a third more than its numbers, on the average.
 *
 * <p>What an entry is known by is up to who asks. A slot is free while the last of its numbers is
 * 0.
 */
final class Slots {

  private static final int MOST_AT_ONCE = 1 << 16;

  /**
   * Odd and random, so that nobody can choose ids that share a slot (multiply-shift hashing,
   * Dietzfelbinger et al. 1997).
   */
  private static final long MULTIPLIER = new SecureRandom().nextLong() | 1;

  /** What decides where an entry is to be looked for. */
  @FunctionalInterface
  interface Hash {
    long of(long first, long second);
  }

  /** Takes an entry; of one number, both are that. */
  @FunctionalInterface
  interface Visitor {
    void visit(long first, long second) throws IOException;
  }

  private final int width;
  private final Hash hash;
  private long[] numbers;
  private int capacity;
  private int used;

  /**
   * @param width how many numbers an entry has, 1 or 2
   * @param entries how many there is room for at first; of more than 65,536, for as many: a size
   *     that was read is not trusted with all memory
   */
  Slots(int width, Hash hash, int entries) {
    this.width = width;
    this.hash = hash;
    allocate(Math.max(0, Math.min(entries, MOST_AT_ONCE)) * 5 / 4 + 1);
  }

  private Slots(Slots other) {
    width = other.width;
    hash = other.hash;
    numbers = other.numbers.clone();
    capacity = other.capacity;
    used = other.used;
  }

  private void allocate(int newCapacity) {
    capacity = newCapacity;
    numbers = new long[Math.multiplyExact(capacity, width)];
  }

  Slots copy() {
    return new Slots(this);
  }

  int size() {
    return used;
  }

  long bytes() {
    return (long) numbers.length * Long.BYTES;
  }

  /** The first slot in which an entry of this hash can be. */
  int home(long hashed) {
    return (int) ((hashed * MULTIPLIER >>> Integer.SIZE) * capacity >>> Integer.SIZE);
  }

  /** The slot after one. */
  int next(int slot) {
    return slot + 1 == capacity ? 0 : slot + 1;
  }

  boolean isFree(int slot) {
    return second(slot) == 0;
  }

  long first(int slot) {
    return numbers[slot * width];
  }

  /** The last of the entry's numbers. */
  long second(int slot) {
    return numbers[slot * width + width - 1];
  }

  /** Changes the last number of an entry; neither it nor its hash may become another's. */
  void setSecond(int slot, long second) {
    numbers[slot * width + width - 1] = second;
  }

  /** Adds an entry that is not there; of one number, both are that. */
  void add(long first, long second) {
    if ((used + 1) * 5L > capacity * 4L) {
      grow();
    }
    int slot = home(hash.of(first, second));
    while (!isFree(slot)) {
      slot = next(slot);
    }
    put(slot, first, second);
    used++;
  }

  private void put(int slot, long first, long second) {
    numbers[slot * width] = first;
    numbers[slot * width + width - 1] = second;
  }

  /** By a fifth, and a few. */
  private void grow() {
    long[] old = numbers;
    int oldCapacity = capacity;
    allocate(Math.toIntExact(capacity * 6L / 5 + 3));
    used = 0;
    for (int slot = 0; slot < oldCapacity; slot++) {
      long second = old[slot * width + width - 1];
      if (second != 0) {
        add(old[slot * width], second);
      }
    }
  }

  /** Takes an entry out, and closes the gap (Knuth, The Art of Computer Programming 3, 6.4 R). */
  void remove(int slot) {
    int gap = slot;
    for (int at = next(slot); !isFree(at); at = next(at)) {
      int home = home(hash.of(first(at), second(at)));
      if (distance(home, at) >= distance(gap, at)) {
        put(gap, first(at), second(at));
        gap = at;
      }
    }
    put(gap, 0, 0);
    used--;
  }

  private int distance(int from, int to) {
    return to >= from ? to - from : to + capacity - from;
  }

  void forEach(Visitor visitor) throws IOException {
    for (int slot = 0; slot < capacity; slot++) {
      if (!isFree(slot)) {
        visitor.visit(first(slot), second(slot));
      }
    }
  }
}

package io.candlestream.dedup;

import io.candlestream.market.Decimal;
import io.candlestream.market.Tick;
import io.candlestream.market.TradeId;
import io.candlestream.state.Bulky;
import java.security.SecureRandom;

/**
 * What the trades of one candle said, price, size and side, as one mark of 32 bits for each: enough
 * to tell a copy that says the same from one that does not. A copy that says the same is always
 * recognised; one that does not goes unnoticed with a probability of the number of marks / 2^32.
 *
 * <p>A set by open addressing: 5 to 11 bytes a trade.
 *
 * <p>Mutable, for it is touched once a tick; it never leaves the operator that holds it.
 */
public final class ContentMarks implements Bulky {

  private static final int SMALLEST = 4;
  private static final int MOST_AT_ONCE = 1 << 16;

  /** Odd and random, so that nobody can choose trades that share a slot, as in {@link Slots}. */
  private static final int MULTIPLIER = new SecureRandom().nextInt() | 1;

  /** A slot is free while it is 0. */
  private int[] marks;

  private int size;
  private long trades;

  public ContentMarks() {
    this(0, new int[SMALLEST], 0);
  }

  private ContentMarks(long trades, int[] marks, int size) {
    this.trades = trades;
    this.marks = marks;
    this.size = size;
  }

  /** The marks of so many trades; at most as many as there are trades. */
  static ContentMarks of(long trades, int[] marks) {
    ContentMarks all = new ContentMarks(0, new int[capacityFor(marks.length)], 0);
    for (int mark : marks) {
      all.addMark(mark);
    }
    all.trades = trades;
    return all;
  }

  /**
   * A power of two of which so many are at most three quarters; of more than 65,536, that for as
   * many: a size that was read is not trusted with all memory.
   */
  private static int capacityFor(int entries) {
    int capacity = SMALLEST;
    while (Math.min(entries, MOST_AT_ONCE) * 4L > capacity * 3L) {
      capacity *= 2;
    }
    return capacity;
  }

  public void add(Tick tick) {
    addMark(markOf(tick));
    trades++;
  }

  /** How many trades were added. */
  public long trades() {
    return trades;
  }

  /** Whether a trade of this id has said the same. */
  public boolean contains(Tick tick) {
    return marks[slotOf(markOf(tick))] != 0;
  }

  private void addMark(int mark) {
    int slot = slotOf(mark);
    if (marks[slot] != 0) {
      return;
    }
    marks[slot] = mark;
    size++;
    if (size * 4L > marks.length * 3L) {
      int[] old = marks;
      marks = new int[old.length * 2];
      for (int each : old) {
        if (each != 0) {
          marks[slotOf(each)] = each;
        }
      }
    }
  }

  /** Where a mark is, or would be. */
  private int slotOf(int mark) {
    int mask = marks.length - 1;
    int slot = (mark * MULTIPLIER) >>> Integer.numberOfLeadingZeros(mask);
    while (marks[slot] != 0 && marks[slot] != mark) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Part of what is in savepoints: the same trade must have the same mark for ever. Never 0. */
  static int markOf(Tick tick) {
    TradeId id = tick.tradeId();
    long hash = mix(id.isLong() ? id.asLong() : id.toString().hashCode());
    hash = mix(hash ^ hashOf(tick.price()));
    hash = mix(hash ^ hashOf(tick.size()));
    hash = mix(hash ^ tick.side().ordinal());
    int mark = (int) (hash >>> Integer.SIZE);
    return mark == 0 ? 1 : mark;
  }

  private static long hashOf(Decimal number) {
    long digits = number.isCompact() ? number.unscaledLong() : number.unscaledValue().hashCode();
    return digits * 31 + number.scale();
  }

  /** Spreads every bit over all (the finalizer of SplitMix64, Steele et al. 2014). */
  private static long mix(long value) {
    long mixed = value + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }

  /** All marks, in no order. */
  int[] marks() {
    int[] all = new int[size];
    int next = 0;
    for (int mark : marks) {
      if (mark != 0) {
        all[next++] = mark;
      }
    }
    return all;
  }

  @Override
  public long bytes() {
    return (long) marks.length * Integer.BYTES;
  }

  ContentMarks copy() {
    return new ContentMarks(trades, marks.clone(), size);
  }
}

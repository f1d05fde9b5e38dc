package io.candlestream.dedup;

import io.candlestream.market.TradeId;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;

/**
 * The trade ids seen in one candle: an exact set, made for ids that rise by small steps.
 *
 * <p>Numeric ids live in blocks of 64 neighbours, one bit each, found by open addressing: an id of
 * a sequence costs about a quarter of a byte, a scattered one 16 to 32 bytes. All other ids are
 * kept as text.
 *
 * <p>Mutable, for it is touched once a tick; it never leaves the operator that holds it.
 */
public final class TradeIds {

  /**
   * Odd and random, so that nobody can choose ids that share a slot (multiply-shift hashing,
   * Dietzfelbinger et al. 1997).
   */
  private static final long MULTIPLIER = new SecureRandom().nextLong() | 1;

  /** Which neighbours: id >> 6. A slot is free while its bits are 0. */
  private long[] blocks;

  private long[] bits;
  private int usedBlocks;
  private long numbers;
  private final Set<String> texts;

  public TradeIds() {
    this(0);
  }

  /**
   * @param blocks how many there is room for at first
   */
  TradeIds(int blocks) {
    int capacity = ContentMarks.capacityFor(blocks);
    this.blocks = new long[capacity];
    this.bits = new long[capacity];
    this.texts = new HashSet<>();
  }

  private TradeIds(long[] blocks, long[] bits, int usedBlocks, long numbers, Set<String> texts) {
    this.blocks = blocks;
    this.bits = bits;
    this.usedBlocks = usedBlocks;
    this.numbers = numbers;
    this.texts = texts;
  }

  /** Adds an id; false if it was there already. */
  public boolean add(TradeId id) {
    return id.isLong()
        ? addBits(id.asLong() >> 6, 1L << id.asLong()) > 0
        : texts.add(id.toString());
  }

  public boolean contains(TradeId id) {
    return id.isLong()
        ? (bits[slotOf(id.asLong() >> 6)] & 1L << id.asLong()) != 0
        : texts.contains(id.toString());
  }

  /** Adds the text of an id that is no 64-bit number; false if it was there already. */
  boolean addText(String text) {
    return texts.add(text);
  }

  /** Adds the ids of one block; returns how many of them are new. */
  int addBits(long block, long newBits) {
    int slot = slotOf(block);
    int added = Long.bitCount(newBits & ~bits[slot]);
    if (bits[slot] == 0) {
      blocks[slot] = block;
      usedBlocks++;
    }
    bits[slot] |= newBits;
    numbers += added;
    if (usedBlocks * 4L > blocks.length * 3L) {
      grow();
    }
    return added;
  }

  private int slotOf(long block) {
    int mask = blocks.length - 1;
    int slot = (int) ((block * MULTIPLIER) >>> Long.numberOfLeadingZeros(mask));
    while (bits[slot] != 0 && blocks[slot] != block) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldBlocks = blocks;
    long[] oldBits = bits;
    blocks = new long[oldBlocks.length * 2];
    bits = new long[oldBits.length * 2];
    for (int i = 0; i < oldBlocks.length; i++) {
      if (oldBits[i] != 0) {
        int slot = slotOf(oldBlocks[i]);
        blocks[slot] = oldBlocks[i];
        bits[slot] = oldBits[i];
      }
    }
  }

  /** How many ids the set holds. */
  public long size() {
    return numbers + texts.size();
  }

  public TradeIds copy() {
    return new TradeIds(blocks.clone(), bits.clone(), usedBlocks, numbers, new HashSet<>(texts));
  }

  /** Takes one block of 64 neighbouring ids: which block, and a bit for each id. */
  @FunctionalInterface
  interface BlockVisitor {
    void visit(long block, long bits) throws IOException;
  }

  void forEachBlock(BlockVisitor visitor) throws IOException {
    for (int i = 0; i < blocks.length; i++) {
      if (bits[i] != 0) {
        visitor.visit(blocks[i], bits[i]);
      }
    }
  }

  int usedBlocks() {
    return usedBlocks;
  }

  Set<String> texts() {
    return texts;
  }
}

package io.candlestream.dedup;

import io.candlestream.market.TradeId;
import io.candlestream.state.Bulky;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The trade ids seen in one candle: an exact set, made for ids that rise by small steps.
 *
 * <p>Numeric ids live in blocks of 64 neighbours, one bit each: an id of a sequence costs a third
 * of a byte. One without neighbours is kept by itself and costs 11 bytes, a UUID in its usual form
 * 22. All other ids are kept as text.
 *
 * <p>Mutable, for it is touched once a tick; it never leaves the operator that holds it.
 */
public final class TradeIds implements Bulky {

  /** Ids are neighbours where they differ in so many of the lowest bits alone. */
  private static final int BLOCK = 6;

  private static final int UUID_LENGTH = 36;

  /** About what a text takes, with its place in a set. */
  private static final int TEXT_BYTES = 128;

  /**
   * Which neighbours, id >> {@value #BLOCK}, and a bit for each id: at least two, or that of the id
   * 0.
   */
  private final Slots blocks;

  /** Each the only one of its block; found by that. Never 0. */
  private final Slots loners;

  /** The upper and the lower half, of which the lower is never 0. */
  private final Slots uuids;

  private final Set<String> texts;

  /**
   * Of all together, so that it is known without a look at memory that has not been used for long.
   */
  private long size;

  public TradeIds() {
    this(0, 0, 0);
  }

  /** With room for so much at first. */
  TradeIds(int blocks, int loners, int uuids) {
    this(
        new Slots(2, (block, bits) -> block, blocks),
        new Slots(1, (id, same) -> id >> BLOCK, loners),
        new Slots(2, (upper, lower) -> upper * 31 + lower, uuids),
        new HashSet<>(0),
        0);
  }

  private TradeIds(Slots blocks, Slots loners, Slots uuids, Set<String> texts, long size) {
    this.blocks = blocks;
    this.loners = loners;
    this.uuids = uuids;
    this.texts = texts;
    this.size = size;
  }

  /** Adds an id; false if it was there already. */
  public boolean add(TradeId id) {
    if (id.isLong()) {
      return addNumber(id.asLong());
    }
    UUID uuid = uuid(id.toString());
    return uuid == null
        ? addText(id.toString())
        : addUuid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
  }

  public boolean contains(TradeId id) {
    if (id.isLong()) {
      long number = id.asLong();
      int block = slotOfBlock(number >> BLOCK);
      if (!blocks.isFree(block)) {
        return (blocks.second(block) & 1L << number) != 0;
      }
      return loners.first(slotOfLoner(number >> BLOCK)) == number && number != 0;
    }
    UUID uuid = uuid(id.toString());
    return uuid == null
        ? texts.contains(id.toString())
        : !uuids.isFree(slotOfUuid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits()));
  }

  boolean addNumber(long id) {
    long neighbours = id >> BLOCK;
    long bit = 1L << id;
    int block = slotOfBlock(neighbours);
    if (!blocks.isFree(block)) {
      long bits = blocks.second(block);
      if ((bits & bit) != 0) {
        return false;
      }
      blocks.setSecond(block, bits | bit);
    } else {
      int slot = slotOfLoner(neighbours);
      if (loners.isFree(slot)) {
        addAlone(id);
      } else {
        long loner = loners.first(slot);
        if (loner == id) {
          return false;
        }
        loners.remove(slot);
        blocks.add(neighbours, 1L << loner | bit);
      }
    }
    size++;
    return true;
  }

  private void addAlone(long id) {
    if (id == 0) {
      blocks.add(0, 1);
    } else {
      loners.add(id, id);
    }
  }

  /** Adds the ids of a block of which there is none yet. */
  void addBlock(long block, long bits) {
    blocks.add(block, bits);
    size += Long.bitCount(bits);
  }

  /** Adds a UUID whose lower half is not 0; false if it was there already. */
  boolean addUuid(long upper, long lower) {
    if (!uuids.isFree(slotOfUuid(upper, lower))) {
      return false;
    }
    uuids.add(upper, lower);
    size++;
    return true;
  }

  /** Adds the text of an id that is neither; false if it was there already. */
  boolean addText(String text) {
    if (!texts.add(text)) {
      return false;
    }
    size++;
    return true;
  }

  /** The slot of a block, or a free one. */
  private int slotOfBlock(long block) {
    int slot = blocks.home(block);
    while (!blocks.isFree(slot) && blocks.first(slot) != block) {
      slot = blocks.next(slot);
    }
    return slot;
  }

  /** The slot of the only id of a block, or a free one. */
  private int slotOfLoner(long block) {
    int slot = loners.home(block);
    while (!loners.isFree(slot) && loners.first(slot) >> BLOCK != block) {
      slot = loners.next(slot);
    }
    return slot;
  }

  /** The slot of a UUID, or a free one. */
  private int slotOfUuid(long upper, long lower) {
    int slot = uuids.home(upper * 31 + lower);
    while (!uuids.isFree(slot) && (uuids.first(slot) != upper || uuids.second(slot) != lower)) {
      slot = uuids.next(slot);
    }
    return slot;
  }

  /** Null where a text is no UUID, or not the one text of it, or has nothing in its lower half. */
  private static UUID uuid(String text) {
    if (text.length() != UUID_LENGTH) {
      return null;
    }
    try {
      UUID uuid = UUID.fromString(text);
      return uuid.toString().equals(text) && uuid.getLeastSignificantBits() != 0 ? uuid : null;
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** How many ids the set holds. */
  public long size() {
    return size;
  }

  @Override
  public long bytes() {
    return blocks.bytes() + loners.bytes() + uuids.bytes() + (long) texts.size() * TEXT_BYTES;
  }

  public TradeIds copy() {
    return new TradeIds(blocks.copy(), loners.copy(), uuids.copy(), new HashSet<>(texts), size);
  }

  Slots blocks() {
    return blocks;
  }

  Slots loners() {
    return loners;
  }

  Slots uuids() {
    return uuids;
  }

  Set<String> texts() {
    return texts;
  }
}

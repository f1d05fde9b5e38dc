package io.candlestream.ingest;

import io.candlestream.market.Event;
import io.candlestream.market.Origin;

/** Reads and judges the records of one partition or file, in their order. Not thread-safe. */
public interface RecordDecoder<T extends Event> {

  /**
   * @param raw the record, null for one without value
   * @param origin where it was read; its item is 0
   * @param clockMillis the time by which the age of its events is judged
   */
  Verdict<T> decode(byte[] raw, Origin origin, long clockMillis);

  /**
   * Whether what comes next could be read differently without having read what comes now. While
   * this holds, reading that goes on in the middle must first {@link #recall} the records before.
   */
  default boolean remembers() {
    return false;
  }

  /**
   * Reads a record again whose events are known.
   *
   * @param raw the record, null for one without value
   */
  default void recall(byte[] raw) {}
}

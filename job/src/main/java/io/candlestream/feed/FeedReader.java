package io.candlestream.feed;

/**
 * Reads the records of one file, or of one partition, in their order. It may remember what a record
 * says about those that follow, such as the column names in the first line. Not thread-safe.
 */
public interface FeedReader {

  /**
   * Hands out the trades of a record in the order in which they stand there; none where the record
   * is a message of another kind.
   *
   * @param record never changed
   * @throws MalformedRecord if the record as a whole cannot be read; then it has handed out nothing
   */
  void read(byte[] record, Trades trades) throws MalformedRecord;

  /**
   * Whether what comes next could be read differently without having read what comes now. While
   * this holds, reading that goes on in the middle must begin with the records before.
   */
  default boolean remembers() {
    return false;
  }
}

package io.candlestream.feed;

/** Takes the trades of a record, one after the other. */
public interface Trades {

  /** Where a record is read only for what it says about those that follow. */
  Trades NOBODY =
      new Trades() {
        @Override
        public void add(Trade trade, byte[] raw) {}

        @Override
        public void addMalformed(byte[] raw) {}
      };

  /**
   * @param raw the trade as a record of its own, which the same reader reads as this one trade: the
   *     record itself, or of a record with several trades what is left without the others
   */
  void add(Trade trade, byte[] raw);

  /**
   * A trade that cannot be read, among others that may be.
   *
   * @param raw likewise
   */
  void addMalformed(byte[] raw);
}

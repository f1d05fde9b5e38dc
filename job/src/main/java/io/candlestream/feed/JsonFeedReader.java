package io.candlestream.feed;

import java.util.Arrays;
import java.util.List;

/** Reads a venue's messages, one JSON value to a record. */
final class JsonFeedReader implements FeedReader {

  /**
   * Kafka's own default limit of a record. A message can hold many trades (Bybit sends up to 1024
   * in one), or a large book, which is no trade and must not end among the rejected ticks.
   */
  static final int MAX_RECORD_BYTES = 1 << 20;

  /**
   * What stands around the trades of a record is kept with each of them, so there must not be much.
   */
  private static final int MAX_BYTES_AROUND = 1 << 24;

  private final JsonMessages messages;
  private final JsonParsers parsers = new JsonParsers(MAX_RECORD_BYTES);

  JsonFeedReader(JsonMessages messages) {
    this.messages = messages;
  }

  @Override
  public boolean remembers() {
    return messages.remembers();
  }

  @Override
  public void read(byte[] record, Trades trades) throws MalformedRecord {
    JsonValue message = parsers.read(record);
    List<JsonValue> found = messages.trades(message);
    MalformedRecord.unless(found.size() <= 1 || canBeParted(found, record));
    for (JsonValue each : found) {
      byte[] raw = found.size() == 1 ? record : without(found, each, record);
      try {
        trades.add(messages.trade(message, each), raw);
      } catch (MalformedRecord malformed) {
        trades.addMalformed(raw);
      }
    }
  }

  /** Whether the trades can be kept one by one at a reasonable cost; all are of one array. */
  private static boolean canBeParted(List<JsonValue> trades, byte[] record) {
    for (JsonValue trade : trades) {
      if (!trade.isObject() && !trade.isArray()) {
        return false;
      }
    }
    int around = trades.get(0).start() + record.length - trades.get(trades.size() - 1).end();
    return (long) around * trades.size() <= MAX_BYTES_AROUND;
  }

  /** The record without the other trades. */
  private static byte[] without(List<JsonValue> all, JsonValue kept, byte[] record) {
    int before = all.get(0).start();
    int length = kept.end() - kept.start();
    int after = all.get(all.size() - 1).end();
    byte[] raw = Arrays.copyOf(record, before + length + record.length - after);
    System.arraycopy(record, kept.start(), raw, before, length);
    System.arraycopy(record, after, raw, before + length, record.length - after);
    return raw;
  }
}

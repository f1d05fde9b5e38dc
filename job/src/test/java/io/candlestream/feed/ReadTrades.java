package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.config.JobConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a format reads, record by record. */
final class ReadTrades {

  /**
   * @param trade null for one that is malformed
   */
  record Read(Trade trade, String raw) {}

  private final FeedReader reader;

  private ReadTrades(FeedReader reader) {
    this.reader = reader;
  }

  /** A reader of a topic, with the defaults and {@code settings}. */
  static ReadTrades from(String format, String... settings) {
    return new ReadTrades(
        FeedFormats.named(format)
            .reader(FeedSettings.ofTopic(JobConfig.of(List.of(settings)).source())));
  }

  /** A reader of a file whose name tells that source and symbol. */
  static ReadTrades fromFile(String format, String source, String symbol, String... settings) {
    List<String> all =
        Stream.concat(Stream.of("source.type=files", "source.files.paths=[x]"), Stream.of(settings))
            .toList();
    return new ReadTrades(
        FeedFormats.named(format)
            .reader(FeedSettings.ofFile(JobConfig.of(all).source(), source, symbol)));
  }

  boolean remembers() {
    return reader.remembers();
  }

  /** The trades of a record that must be readable as a whole. */
  List<Read> read(String record) {
    try {
      return tryToRead(record);
    } catch (MalformedRecord e) {
      throw new AssertionError("malformed: " + record, e);
    }
  }

  boolean isMalformed(String record) {
    try {
      tryToRead(record);
      return false;
    } catch (MalformedRecord e) {
      return true;
    }
  }

  private List<Read> tryToRead(String record) throws MalformedRecord {
    List<Read> read = new ArrayList<>();
    reader.read(
        record.getBytes(UTF_8),
        new Trades() {
          @Override
          public void add(Trade trade, byte[] raw) {
            read.add(new Read(trade, new String(raw, UTF_8)));
          }

          @Override
          public void addMalformed(byte[] raw) {
            read.add(new Read(null, new String(raw, UTF_8)));
          }
        });
    return read;
  }

  /** The trades of a record, all of which must be readable. */
  List<Trade> trades(String record) {
    List<Trade> trades = new ArrayList<>();
    read(record).forEach(read -> trades.add(read.trade()));
    if (trades.contains(null)) {
      throw new AssertionError("a trade is malformed: " + record);
    }
    return trades;
  }

  Trade trade(String record) {
    List<Trade> trades = trades(record);
    if (trades.size() != 1) {
      throw new AssertionError("not one trade: " + trades);
    }
    return trades.get(0);
  }
}

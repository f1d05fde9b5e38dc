package io.candlestream.market;

import java.util.List;

/**
 * A tick in the making, for tests: a plain trade until a test says what is special about it.
 *
 * @param price as text, and so is {@code size}
 */
public record SomeTick(
    Instrument instrument,
    long timestampMicros,
    Long sequence,
    TradeId tradeId,
    String price,
    String size,
    Side side,
    Origin origin) {

  /** Those that travel together, one after another. */
  public static List<Tick> each(List<Ticks> together) {
    return together.stream().flatMap(ticks -> ticks.list().stream()).toList();
  }

  /** A tick of {@code venue:symbol}, without id. */
  public static SomeTick of(String symbol) {
    return new SomeTick(
        new Instrument("venue", symbol),
        0,
        null,
        TradeId.NONE,
        "1",
        "1",
        Side.UNKNOWN,
        new Origin("ticks", 0, 0, 0, 0));
  }

  public SomeTick atMicros(long value) {
    return new SomeTick(instrument, value, sequence, tradeId, price, size, side, origin);
  }

  public SomeTick atSeconds(long value) {
    return atMicros(value * 1_000_000);
  }

  public SomeTick sequence(Long value) {
    return new SomeTick(instrument, timestampMicros, value, tradeId, price, size, side, origin);
  }

  public SomeTick id(TradeId value) {
    return new SomeTick(instrument, timestampMicros, sequence, value, price, size, side, origin);
  }

  public SomeTick id(long value) {
    return id(TradeId.of(value));
  }

  public SomeTick id(String value) {
    return id(TradeId.of(value));
  }

  public SomeTick price(String value) {
    return new SomeTick(instrument, timestampMicros, sequence, tradeId, value, size, side, origin);
  }

  public SomeTick size(String value) {
    return new SomeTick(instrument, timestampMicros, sequence, tradeId, price, value, side, origin);
  }

  public SomeTick side(Side value) {
    return new SomeTick(instrument, timestampMicros, sequence, tradeId, price, size, value, origin);
  }

  public SomeTick readFrom(String topic, int partition, long offset) {
    return new SomeTick(
        instrument,
        timestampMicros,
        sequence,
        tradeId,
        price,
        size,
        side,
        new Origin(topic, partition, offset, 0, origin.recordTimestampMillis()));
  }

  /** Read from a record of this timestamp. */
  public SomeTick recordSeconds(long value) {
    return new SomeTick(
        instrument,
        timestampMicros,
        sequence,
        tradeId,
        price,
        size,
        side,
        new Origin(origin.topic(), origin.partition(), origin.offset(), 0, value * 1_000));
  }

  public SomeTick offset(long value) {
    return readFrom(origin.topic(), origin.partition(), value);
  }

  /** The tick itself; its raw bytes are empty. */
  public Tick tick() {
    return new Tick(
        instrument,
        new TickOrder(timestampMicros, sequence, tradeId, origin),
        Decimal.parse(price),
        Decimal.parse(size),
        side,
        new byte[0]);
  }
}

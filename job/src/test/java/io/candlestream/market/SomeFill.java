package io.candlestream.market;

/**
 * A fill in the making, for tests: a plain purchase until a test says what is special about it.
 *
 * @param price as text, and so are {@code size} and {@code fee}
 * @param fee null where it is not told, as is its currency
 */
public record SomeFill(
    Instrument instrument,
    String account,
    TradeId fillId,
    Side side,
    String price,
    String size,
    String currency,
    String fee,
    String feeCurrency,
    long timestampMicros,
    Origin origin) {

  /** A fill of {@code venue:symbol}. */
  public static SomeFill of(String symbol) {
    return new SomeFill(
        new Instrument("venue", symbol),
        "desk",
        TradeId.of(1),
        Side.BUY,
        "1",
        "1",
        "USD",
        null,
        null,
        0,
        new Origin("fills", 0, 0, 0, 0));
  }

  public SomeFill account(String value) {
    return new SomeFill(
        instrument,
        value,
        fillId,
        side,
        price,
        size,
        currency,
        fee,
        feeCurrency,
        timestampMicros,
        origin);
  }

  public SomeFill id(TradeId value) {
    return new SomeFill(
        instrument,
        account,
        value,
        side,
        price,
        size,
        currency,
        fee,
        feeCurrency,
        timestampMicros,
        origin);
  }

  public SomeFill id(long value) {
    return id(TradeId.of(value));
  }

  public SomeFill id(String value) {
    return id(TradeId.of(value));
  }

  public SomeFill buy(String ofSize, String atPrice) {
    return traded(Side.BUY, ofSize, atPrice);
  }

  public SomeFill sell(String ofSize, String atPrice) {
    return traded(Side.SELL, ofSize, atPrice);
  }

  private SomeFill traded(Side newSide, String newSize, String newPrice) {
    return new SomeFill(
        instrument,
        account,
        fillId,
        newSide,
        newPrice,
        newSize,
        currency,
        fee,
        feeCurrency,
        timestampMicros,
        origin);
  }

  public SomeFill currency(String value) {
    return new SomeFill(
        instrument,
        account,
        fillId,
        side,
        price,
        size,
        value,
        fee,
        feeCurrency,
        timestampMicros,
        origin);
  }

  public SomeFill fee(String amount, String paidIn) {
    return new SomeFill(
        instrument,
        account,
        fillId,
        side,
        price,
        size,
        currency,
        amount,
        paidIn,
        timestampMicros,
        origin);
  }

  public SomeFill atMicros(long value) {
    return new SomeFill(
        instrument, account, fillId, side, price, size, currency, fee, feeCurrency, value, origin);
  }

  public SomeFill atSeconds(long value) {
    return atMicros(value * 1_000_000);
  }

  public SomeFill offset(long value) {
    return new SomeFill(
        instrument,
        account,
        fillId,
        side,
        price,
        size,
        currency,
        fee,
        feeCurrency,
        timestampMicros,
        new Origin(origin.topic(), origin.partition(), value, 0, origin.recordTimestampMillis()));
  }

  /** The fill itself; its raw bytes are empty, and its order is not told. */
  public Fill fill() {
    return new Fill(
        instrument,
        account,
        fillId,
        side,
        Decimal.parse(price),
        Decimal.parse(size),
        currency,
        fee == null ? null : Decimal.parse(fee),
        feeCurrency,
        null,
        timestampMicros,
        origin,
        new byte[0]);
  }
}

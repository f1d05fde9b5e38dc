package io.candlestream.ingest;

import io.candlestream.market.RejectReason;
import java.util.List;
import java.util.Set;

/**
 * Records that try to break the reading of fills. Those that are accepted are all of one position,
 * and have an id of their own each, but where it is the id that is special.
 */
public final class HostileFills {

  static final JsonRecord FAULTLESS =
      JsonRecord.EMPTY
          .withText("account", "desk/7")
          .withText("source", "venue")
          .withText("symbol", "BTC/USD")
          .with("fill_id", "1")
          .withText("side", "buy")
          .withText("price", "61837.63")
          .with("size", "0.02")
          .withText("currency", "USD")
          .withText("fee", "1.25")
          .withText("fee_currency", "BNB")
          .withText("order_id", "o-1")
          .with("timestamp", "1723161599");

  private static final Set<String> OPTIONAL = Set.of("fee", "fee_currency", "order_id");

  private final HostileRecords corpus = new HostileRecords(FAULTLESS, "fill_id");

  private HostileFills() {}

  public static List<HostileRecord> all() {
    HostileFills fills = new HostileFills();
    fills.corpus.addShapes(OPTIONAL);
    fills.addNames();
    fills.addSides();
    fills.addNumbers();
    fills.addFees();
    fills.corpus.addTimestamps();
    fills.addSeveralReasonsAtOnce();
    return fills.corpus.all();
  }

  private void addNames() {
    corpus.addName("account", 64, "aZ0._:/@-", RejectReason.INVALID_ACCOUNT);
    corpus.addName("source", 32, "aZ0_.-", RejectReason.INVALID_SOURCE);
    corpus.addName("symbol", 64, "aZ0._:/@=^#-", RejectReason.INVALID_SYMBOL);
    corpus.addName("currency", 16, "aZ0_.-", RejectReason.INVALID_CURRENCY);
    corpus.addName("fee_currency", 16, "aZ0_.-", RejectReason.INVALID_FEE_CURRENCY);
    corpus.addId("fill_id", RejectReason.INVALID_FILL_ID);
    corpus.addId("order_id", RejectReason.INVALID_ORDER_ID);
    corpus.accepted("order_id null", corpus.good().with("order_id", "null"));
    corpus.accepted("without order_id", corpus.good().without("order_id"));
  }

  private void addSides() {
    for (String wrong : List.of("\"Buy\"", "\"SELL\"", "\"\"", "\"b\"", "\"buy \"", "1")) {
      corpus.malformed("side " + wrong, corpus.good().with("side", wrong));
    }
    corpus.accepted("side sell", corpus.good().withText("side", "sell"));
  }

  private void addNumbers() {
    corpus.addNumber("price", RejectReason.INVALID_PRICE);
    corpus.addNumbers(
        "price",
        RejectReason.INVALID_PRICE,
        "0",
        "-0",
        "0.00",
        "0e999999999",
        "-1",
        "-61837.63",
        "0.0000009",
        "1000000.000001",
        "1e7");
    corpus.acceptNumbers(
        "price", "0.000001", "1e6", "999999.999999999999", "0.00000100000000000000001");

    corpus.addNumber("size", RejectReason.INVALID_SIZE);
    corpus.addNumbers(
        "size",
        RejectReason.INVALID_SIZE,
        "0",
        "-0",
        "0.000",
        "0e-400",
        "-1",
        "-1e-30",
        "1000000000.1",
        "1e10");
    corpus.acceptNumbers("size", "1e-30", "1e9", "999999999.999999999", "12.5e-1");
  }

  private void addFees() {
    corpus.addNumber("fee", RejectReason.INVALID_FEE);
    corpus.acceptNumbers("fee", "0", "-0", "-1.25", "-1e-30", "1e-30", "1e35", "-1e35");
    corpus.accepted("without a fee", corpus.good().without("fee").without("fee_currency"));
    corpus.accepted(
        "fee null, of no currency", corpus.good().with("fee", "null").without("fee_currency"));
    corpus.accepted(
        "fee null in null", corpus.good().with("fee", "null").with("fee_currency", "null"));
    corpus.malformed("fee without currency", corpus.good().without("fee_currency"));
    corpus.malformed("fee in null", corpus.good().with("fee_currency", "null"));
    corpus.malformed("currency without fee", corpus.good().without("fee"));
    corpus.malformed("currency with fee null", corpus.good().with("fee", "null"));
    corpus.malformed(
        "invalid fee without currency",
        corpus.good().withText("fee", "NaN").without("fee_currency"));
    corpus.malformed(
        "invalid currency without fee", corpus.good().without("fee").withText("fee_currency", "?"));
  }

  private void addSeveralReasonsAtOnce() {
    corpus.rejected(
        "price and size",
        corpus.good().with("price", "0").with("size", "0"),
        RejectReason.INVALID_PRICE,
        RejectReason.INVALID_SIZE);
    corpus.rejected(
        "fee and its currency",
        corpus.good().withText("fee", "free").withText("fee_currency", ""),
        RejectReason.INVALID_FEE,
        RejectReason.INVALID_FEE_CURRENCY);
    JsonRecord worst =
        corpus
            .good()
            .withText("account", "?")
            .withText("source", "?")
            .withText("symbol", "?")
            .withText("fill_id", "")
            .withText("price", "NaN")
            .withText("size", "NaN")
            .withText("currency", "?")
            .withText("fee", "NaN")
            .withText("fee_currency", "?")
            .withText("order_id", "")
            .with("timestamp", "4070908800");
    corpus.rejected(
        "everything but the side",
        worst,
        RejectReason.INVALID_SOURCE,
        RejectReason.INVALID_SYMBOL,
        RejectReason.INVALID_PRICE,
        RejectReason.INVALID_SIZE,
        RejectReason.FUTURE,
        RejectReason.INVALID_ACCOUNT,
        RejectReason.INVALID_FILL_ID,
        RejectReason.INVALID_CURRENCY,
        RejectReason.INVALID_FEE,
        RejectReason.INVALID_FEE_CURRENCY,
        RejectReason.INVALID_ORDER_ID);
    corpus.malformed("everything", worst.withText("side", "both"));
  }
}

package io.candlestream.ingest;

import io.candlestream.feed.JsonValue;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.market.Decimal;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Names;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;

/**
 * Reads and judges fills. Fees come with their currency or not at all; one without the other is
 * malformed. A fill is never stale: how late one may be is decided where it is counted.
 */
final class FillDecoder extends ObjectDecoder<Fill> {

  private final RecordRules rules;

  FillDecoder(RecordRules rules) {
    super(Input.FILLS);
    this.rules = rules;
  }

  @Override
  Verdict<Fill> judge(JsonValue object, byte[] raw, Origin origin, long clockMillis)
      throws MalformedRecord {
    String account = object.get("account").text();
    String source = object.get("source").text();
    String symbol = object.get("symbol").text();
    TradeId fillId = object.get("fill_id").tradeId();
    Side side = object.get("side").side();
    Decimal price = object.get("price").decimal();
    Decimal size = object.get("size").decimal();
    String currency = object.get("currency").text();
    JsonValue feeField = object.optional("fee");
    Decimal fee = feeField == null ? null : feeField.decimal();
    String feeCurrency = optionalText(object, "fee_currency");
    MalformedRecord.unless((feeField == null) == (feeCurrency == null));
    JsonValue orderField = object.optional("order_id");
    TradeId orderId = orderField == null ? TradeId.NONE : orderField.tradeId();
    long timestampMicros = object.get("timestamp").canonicalTimestampMicros();

    Reasons reasons = new Reasons();
    boolean validSource = Names.isSource(source);
    boolean validSymbol = Names.isSymbol(symbol);
    RecordRules.Limits limits = rules.limitsOf(symbol);
    reasons.addUnless(validSource, RejectReason.INVALID_SOURCE);
    reasons.addUnless(validSymbol, RejectReason.INVALID_SYMBOL);
    reasons.addUnless(price != null && limits.allowsPrice(price), RejectReason.INVALID_PRICE);
    reasons.addUnless(
        size != null && size.signum() > 0 && limits.allowsSize(size), RejectReason.INVALID_SIZE);
    reasons.addUnless(!rules.isFuture(timestampMicros, clockMillis), RejectReason.FUTURE);
    reasons.addUnless(Names.isAccount(account), RejectReason.INVALID_ACCOUNT);
    reasons.addUnless(fillId != null, RejectReason.INVALID_FILL_ID);
    reasons.addUnless(Names.isCurrency(currency), RejectReason.INVALID_CURRENCY);
    reasons.addUnless(feeField == null || fee != null, RejectReason.INVALID_FEE);
    reasons.addUnless(
        feeCurrency == null || Names.isCurrency(feeCurrency), RejectReason.INVALID_FEE_CURRENCY);
    reasons.addUnless(orderId != null, RejectReason.INVALID_ORDER_ID);
    return reasons.isEmpty()
        ? Verdict.accept(
            new Fill(
                new Instrument(source, symbol),
                account,
                fillId,
                side,
                price,
                size,
                currency,
                fee,
                feeCurrency,
                orderId.isPresent() ? orderId.toString() : null,
                timestampMicros,
                origin,
                raw))
        : Verdict.reject(
            new Reject(
                Input.FILLS,
                origin,
                raw,
                reasons.list(),
                validSource ? source : null,
                validSymbol ? symbol : null,
                timestampMicros));
  }
}

package io.candlestream.ingest;

import io.candlestream.feed.JsonValue;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.market.Decimal;
import io.candlestream.market.Input;
import io.candlestream.market.Names;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.TradeId;

/** Reads and judges sentiment. */
final class SentimentDecoder extends ObjectDecoder<Sentiment> {

  private static final int MAX_TEXT_REF_LENGTH = 2_048;

  private final RecordRules rules;

  SentimentDecoder(RecordRules rules) {
    super(Input.SENTIMENT);
    this.rules = rules;
  }

  @Override
  Verdict<Sentiment> judge(JsonValue object, byte[] raw, Origin origin, long clockMillis)
      throws MalformedRecord {
    String symbol = object.get("symbol").text();
    String provider = object.get("provider").text();
    TradeId itemId = object.get("item_id").tradeId();
    Decimal score = object.get("score").decimal();
    JsonValue magnitudeField = object.optional("magnitude");
    Decimal magnitude = magnitudeField == null ? null : magnitudeField.decimal();
    String textRef = optionalText(object, "text_ref");
    long timestampMicros = object.get("timestamp").canonicalTimestampMicros();

    Reasons reasons = new Reasons();
    boolean validSymbol = Names.isSymbol(symbol);
    boolean validProvider = Names.isSource(provider);
    reasons.addUnless(validSymbol, RejectReason.INVALID_SYMBOL);
    reasons.addUnless(!rules.isFuture(timestampMicros, clockMillis), RejectReason.FUTURE);
    reasons.addUnless(validProvider, RejectReason.INVALID_PROVIDER);
    reasons.addUnless(itemId != null, RejectReason.INVALID_ITEM_ID);
    reasons.addUnless(score != null && Sentiment.isScore(score), RejectReason.INVALID_SCORE);
    reasons.addUnless(
        magnitudeField == null || (magnitude != null && magnitude.signum() >= 0),
        RejectReason.INVALID_MAGNITUDE);
    reasons.addUnless(
        textRef == null || Names.isText(textRef, MAX_TEXT_REF_LENGTH),
        RejectReason.INVALID_TEXT_REF);
    return reasons.isEmpty()
        ? Verdict.accept(
            new Sentiment(
                symbol, provider, itemId, score, magnitude, textRef, timestampMicros, origin, raw))
        : Verdict.reject(
            new Reject(
                Input.SENTIMENT,
                origin,
                raw,
                reasons.list(),
                validProvider ? provider : null,
                validSymbol ? symbol : null,
                timestampMicros));
  }
}

package io.candlestream.feed;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;

/** Fields of trades from their texts; null stands for what the rules are to reject by its value. */
final class TradeFields {

  private TradeFields() {}

  /** Null for what is no decimal number, or has too many digits. */
  static Decimal decimal(String text) {
    try {
      return Decimal.parse(text);
    } catch (NumberFormatException invalid) {
      return null;
    }
  }

  /** Null for an id that is none by the rules. */
  static TradeId tradeId(String text) {
    return TradeId.fits(text) ? TradeId.of(text) : null;
  }

  /**
   * @throws MalformedRecord if the text is neither of the venue's two words
   */
  static Side side(String text, String buy, String sell) throws MalformedRecord {
    if (text.equals(buy)) {
      return Side.BUY;
    }
    MalformedRecord.unless(text.equals(sell));
    return Side.SELL;
  }
}

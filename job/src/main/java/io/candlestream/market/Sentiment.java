package io.candlestream.market;

import static java.util.Objects.requireNonNull;

/**
 * What a provider makes of an item of news, or of whatever it reads, for one symbol.
 *
 * @param symbol what it is about; a provider need not know venues, so there is none
 * @param provider who says so
 * @param itemId the item's identity, with the provider and the symbol; present
 * @param score from −1, all bad, to 1, all good
 * @param magnitude how strong it is, zero or above, in the provider's units; null where not told
 * @param textRef where the item's text is to be found; null where not told
 */
public record Sentiment(
    String symbol,
    String provider,
    TradeId itemId,
    Decimal score,
    Decimal magnitude,
    String textRef,
    long timestampMicros,
    Origin origin,
    byte[] raw)
    implements Event {

  private static final Decimal ONE = Decimal.of(1, 0);
  private static final Decimal MINUS_ONE = Decimal.of(-1, 0);

  public Sentiment {
    requireNonNull(symbol, "symbol");
    requireNonNull(provider, "provider");
    requireNonNull(origin, "origin");
    requireNonNull(raw, "raw");
    if (!itemId.isPresent()) {
      throw new IllegalArgumentException("an item without an id");
    }
    if (!isScore(score)) {
      throw new IllegalArgumentException("score %s is not from -1 to 1".formatted(score));
    }
    if (magnitude != null && magnitude.signum() < 0) {
      throw new IllegalArgumentException("magnitude %s is below 0".formatted(magnitude));
    }
  }

  public static boolean isScore(Decimal score) {
    return score.compareTo(MINUS_ONE) >= 0 && score.compareTo(ONE) <= 0;
  }

  @Override
  public Input input() {
    return Input.SENTIMENT;
  }

  @Override
  public String source() {
    return provider;
  }
}

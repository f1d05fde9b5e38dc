package io.candlestream.ingest;

import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Decimal;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The rules that judge a tick by itself: the shape of its names, its bounds, its age. */
final class TickRules {

  private static final int MAX_SOURCE_LENGTH = 32;
  private static final int MAX_SYMBOL_LENGTH = 64;
  private static final BitSet SOURCE_CHARACTERS = alphanumericsAnd("_.-");
  private static final BitSet SYMBOL_CHARACTERS = alphanumericsAnd("._:/@=^#-");

  /** Beyond this the limits of symbols are looked up anew: a hostile feed may make up symbols. */
  private static final int MAX_KNOWN_SYMBOLS = 100_000;

  private final ValidationConfig config;
  private final Limits general;
  private final boolean judgesAge;
  private final long maxAgeMicros;
  private final long maxAheadMicros;
  private final Map<String, Limits> limitsBySymbol = new HashMap<>();

  /**
   * @param judgesAge whether ticks can be stale: not so in files, which are old by nature
   */
  TickRules(ValidationConfig config, boolean judgesAge) {
    this.config = config;
    this.general = new Limits(config.price(), config.size());
    this.judgesAge = judgesAge && !config.maxAge().isZero();
    this.maxAgeMicros = config.maxAge().toNanos() / 1_000;
    this.maxAheadMicros = config.maxAhead().toNanos() / 1_000;
  }

  static boolean isSource(String text) {
    return isMadeOf(SOURCE_CHARACTERS, MAX_SOURCE_LENGTH, text);
  }

  static boolean isSymbol(String text) {
    return isMadeOf(SYMBOL_CHARACTERS, MAX_SYMBOL_LENGTH, text);
  }

  private static BitSet alphanumericsAnd(String others) {
    BitSet characters = new BitSet(128);
    characters.set('A', 'Z' + 1);
    characters.set('a', 'z' + 1);
    characters.set('0', '9' + 1);
    others.chars().forEach(characters::set);
    return characters;
  }

  private static boolean isMadeOf(BitSet characters, int maxLength, String text) {
    if (text.isEmpty() || text.length() > maxLength) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!characters.get(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  boolean isStale(long timestampMicros, long clockMillis) {
    return judgesAge && timestampMicros < clockMillis * 1_000 - maxAgeMicros;
  }

  boolean isFuture(long timestampMicros, long clockMillis) {
    return timestampMicros > clockMillis * 1_000 + maxAheadMicros;
  }

  Limits limitsOf(String symbol) {
    // No symbol, no override of its own; and what a feed makes up must not fill the memory.
    if (config.overrides().isEmpty() || !isSymbol(symbol)) {
      return general;
    }
    Limits known = limitsBySymbol.get(symbol);
    if (known != null) {
      return known;
    }
    if (limitsBySymbol.size() >= MAX_KNOWN_SYMBOLS) {
      limitsBySymbol.clear();
    }
    Limits limits = new Limits(config.priceBounds(symbol), config.sizeBounds(symbol));
    limitsBySymbol.put(symbol, limits);
    return limits;
  }

  /** The least and the most that a price and a size may be, all inclusive. */
  record Limits(Decimal minPrice, Decimal maxPrice, Decimal minSize, Decimal maxSize) {

    Limits(ValidationConfig.Bounds price, ValidationConfig.Bounds size) {
      this(
          Decimal.of(price.min()),
          Decimal.of(price.max()),
          Decimal.of(size.min()),
          Decimal.of(size.max()));
    }

    boolean allowsPrice(Decimal price) {
      return price.signum() > 0 && price.compareTo(minPrice) >= 0 && price.compareTo(maxPrice) <= 0;
    }

    boolean allowsSize(Decimal size) {
      return size.signum() >= 0 && size.compareTo(minSize) >= 0 && size.compareTo(maxSize) <= 0;
    }
  }
}

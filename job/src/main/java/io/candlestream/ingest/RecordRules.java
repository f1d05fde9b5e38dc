package io.candlestream.ingest;

import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Decimal;
import io.candlestream.market.Names;
import java.util.HashMap;
import java.util.Map;

/** The rules that judge an event by itself: its bounds, its age. */
final class RecordRules {

  /** Beyond this the limits of symbols are looked up anew: a hostile feed may make up symbols. */
  private static final int MAX_KNOWN_SYMBOLS = 100_000;

  private final ValidationConfig config;
  private final Limits general;
  private final boolean judgesAge;
  private final long maxAgeMicros;
  private final long maxAheadMicros;
  private final Map<String, Limits> limitsBySymbol = new HashMap<>();

  /**
   * @param judgesAge whether events can be stale: only ticks can, and not in files, which are old
   *     by nature
   */
  RecordRules(ValidationConfig config, boolean judgesAge) {
    this.config = config;
    this.general = new Limits(config.price(), config.size());
    this.judgesAge = judgesAge && !config.maxAge().isZero();
    this.maxAgeMicros = config.maxAge().toNanos() / 1_000;
    this.maxAheadMicros = config.maxAhead().toNanos() / 1_000;
  }

  boolean isStale(long timestampMicros, long clockMillis) {
    return judgesAge && timestampMicros < clockMillis * 1_000 - maxAgeMicros;
  }

  boolean isFuture(long timestampMicros, long clockMillis) {
    return timestampMicros > clockMillis * 1_000 + maxAheadMicros;
  }

  Limits limitsOf(String symbol) {
    // No symbol, no override of its own; and what a feed makes up must not fill the memory.
    if (config.overrides().isEmpty() || !Names.isSymbol(symbol)) {
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

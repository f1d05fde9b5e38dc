package io.candlestream.config;

import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The rules a tick must pass.
 *
 * @param price bounds of the price, where no override fits; a price of 0 or below is rejected
 *     whatever they say
 * @param size bounds of the size, where no override fits
 * @param maxAge how old a tick may be; zero: any age
 * @param maxAhead how far ahead of the clock a tick may be; zero: not at all
 * @param overrides other bounds for some symbols, in order of precedence
 */
public record ValidationConfig(
    Bounds price, Bounds size, Duration maxAge, Duration maxAhead, List<SymbolOverride> overrides)
    implements Serializable {

  public ValidationConfig {
    Objects.requireNonNull(price);
    Objects.requireNonNull(size);
    Scalars.notNegative(maxAge);
    Scalars.notNegative(maxAhead);
    overrides = List.copyOf(overrides);
  }

  /**
   * The bounds of a price of {@code symbol}: those of the first override that fits it, else the
   * general ones.
   */
  public Bounds priceBounds(String symbol) {
    for (SymbolOverride override : overrides) {
      if (override.matches(symbol)) {
        return override.price();
      }
    }
    return price;
  }

  /**
   * The bounds of a size of {@code symbol}: those of the first override that fits it, else the
   * general ones.
   */
  public Bounds sizeBounds(String symbol) {
    for (SymbolOverride override : overrides) {
      if (override.matches(symbol)) {
        return override.size();
      }
    }
    return size;
  }

  /**
   * A range, both ends included, with every digit as it was written.
   *
   * @param min 0 or more
   * @param max {@code min} or more
   */
  public record Bounds(BigDecimal min, BigDecimal max) implements Serializable {

    public Bounds {
      if (min.signum() < 0 || min.compareTo(max) > 0) {
        throw new IllegalArgumentException("bounds must be 0 <= min <= max: " + min + ", " + max);
      }
    }
  }

  /**
   * Bounds for the symbols that fit a pattern, complete: what the configuration leaves out is
   * already filled in from the general bounds.
   *
   * @param pattern a symbol in which {@code *} stands for any characters, or none, and {@code ?}
   *     for one
   */
  public record SymbolOverride(String pattern, Bounds price, Bounds size) implements Serializable {

    private static final Pattern SYMBOL_PATTERN = Pattern.compile("[A-Za-z0-9._:/@=^#*?-]{1,64}");

    public SymbolOverride {
      requirePattern(pattern);
      Objects.requireNonNull(price);
      Objects.requireNonNull(size);
    }

    /** Whether all of {@code symbol} fits the pattern. */
    public boolean matches(String symbol) {
      return Wildcards.match(pattern, symbol);
    }

    static String requirePattern(String pattern) {
      if (!SYMBOL_PATTERN.matcher(pattern).matches()) {
        throw new IllegalArgumentException(
            "must be a pattern of a symbol: 1 to 64 of A-Z a-z 0-9 . _ : / @ = ^ # - and the"
                + " wildcards * ?");
      }
      return pattern;
    }
  }
}

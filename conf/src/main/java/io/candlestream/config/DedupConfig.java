package io.candlestream.config;

import java.io.Serializable;
import java.util.Objects;

/**
 * What makes two ticks of an instrument one trade. Ticks with a trade id are always compared by it.
 *
 * @param withoutId how ticks without one are treated
 */
public record DedupConfig(WithoutId withoutId) implements Serializable {

  public DedupConfig {
    Objects.requireNonNull(withoutId);
  }

  /** How ticks without a trade id are treated. */
  public enum WithoutId {
    /** Each is a trade of its own. */
    COUNT,
    /** Those equal in timestamp, price, size and side are one trade. */
    CONTENT
  }
}

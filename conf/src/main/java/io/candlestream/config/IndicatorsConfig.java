package io.candlestream.config;

import java.io.Serializable;

/**
 * How indicators begin.
 *
 * @param warmStart whether an instrument without state goes on from what the database has of it
 * @param generation a higher one than before has every instrument begin from the database anew; 0
 *     or more
 */
public record IndicatorsConfig(boolean warmStart, int generation) implements Serializable {

  static final int MAX_GENERATION = 999_999_999;

  public IndicatorsConfig {
    Scalars.within(0, MAX_GENERATION, generation);
  }
}

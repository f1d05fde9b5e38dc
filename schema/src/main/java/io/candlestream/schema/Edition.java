package io.candlestream.schema;

import java.util.Locale;

/**
 * What a database is migrated for, from the least to the most; each includes what those before it
 * need.
 */
public enum Edition {
  /** PostgreSQL without an extension: plain tables. */
  POSTGRES,
  /** TimescaleDB under the Apache licence: hypertables. */
  APACHE,
  /**
   * TimescaleDB under the Timescale licence: hypertables, continuous aggregates, columnstore,
   * policies.
   */
  COMMUNITY;

  /** The word for it in the configuration and in {@code candlestream_settings}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a server that offers {@code offered} has all that this edition needs. */
  boolean isWithin(Edition offered) {
    return compareTo(offered) <= 0;
  }
}

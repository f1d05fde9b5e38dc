package io.candlestream.servers;

/** What a PostgreSQL server offers for time series. */
public enum Edition {
  /**
   * TimescaleDB under the Timescale licence: hypertables, continuous aggregates, columnstore,
   * policies.
   */
  COMMUNITY,
  /** TimescaleDB under the Apache licence: hypertables only. */
  APACHE,
  /** No TimescaleDB. */
  POSTGRES
}

package io.candlestream.config;

import java.io.Serializable;
import java.util.Objects;

/**
 * The database schema.
 *
 * @param edition which variant of the schema to migrate to
 */
public record SchemaConfig(Edition edition) implements Serializable {

  public SchemaConfig {
    Objects.requireNonNull(edition);
  }

  /** What the schema may use of the database server. */
  public enum Edition {
    /** What the server is found to offer. */
    AUTO,
    /** TimescaleDB under the Timescale licence. */
    COMMUNITY,
    /** TimescaleDB under the Apache licence. */
    APACHE,
    /** PostgreSQL without an extension. */
    POSTGRES
  }
}

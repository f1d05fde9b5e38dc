package io.candlestream.schema;

import java.util.List;

/**
 * What a migration did.
 *
 * @param edition what the database is migrated for
 * @param reason how the edition was chosen, in words
 * @param applied the migrations applied by this run, in order, as {@code 3 create market data};
 *     empty where there was nothing to do
 */
public record MigrationResult(Edition edition, String reason, List<String> applied) {
  public MigrationResult {
    applied = List.copyOf(applied);
  }
}

package io.candlestream.schema;

import java.util.List;

/**
 * What a migration did.
 *
 * @param edition what the database is migrated for
 * @param reason how the edition was chosen, in words
 * @param owner the role that it was done as, and that owns the tables
 * @param applied the migrations applied by this run, in order, as {@code 3 create market data};
 *     empty where there was nothing to do
 * @param policies the policies that were added, changed or removed, in words
 */
public record MigrationResult(
    Edition edition, String reason, String owner, List<String> applied, List<String> policies) {
  public MigrationResult {
    applied = List.copyOf(applied);
    policies = List.copyOf(policies);
  }
}

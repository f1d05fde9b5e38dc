package io.candlestream.schema;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far a database is migrated.
 *
 * @param edition what it is migrated for; empty before the first migration
 * @param interval the length of its base candles; empty before the first migration
 * @param migrations applied and pending ones, in order
 * @param differences where an applied one is not this version's, in words
 */
public record SchemaState(
    Optional<Edition> edition,
    Optional<Duration> interval,
    List<Migration> migrations,
    List<String> differences) {
  public SchemaState {
    migrations = List.copyOf(migrations);
    differences = List.copyOf(differences);
  }

  /** Whether every migration this version knows is applied as it is here, and none failed. */
  public boolean isCurrent() {
    return differences.isEmpty() && migrations.stream().allMatch(Migration::isApplied);
  }

  /** What {@code migrate} would apply, in order, as {@code 3 create market data}. */
  public List<String> pending() {
    return migrations.stream()
        .filter(migration -> !migration.isApplied())
        .map(migration -> migration.version() + " " + migration.description())
        .toList();
  }

  /**
   * One migration.
   *
   * @param version its number
   * @param description its purpose
   * @param state {@code Success}, {@code Pending}, {@code Failed} or another of Flyway's words
   * @param appliedAt when it was applied
   */
  public record Migration(
      String version, String description, String state, Optional<Instant> appliedAt) {
    boolean isApplied() {
      return appliedAt.isPresent() && !state.contains("Failed");
    }
  }
}

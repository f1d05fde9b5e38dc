package io.candlestream.schema;

import io.candlestream.config.Durations;
import io.candlestream.config.JobConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Brings a database to the schema of this version.
 *
 * <p>One tree of migrations serves all editions. The first one writes down for which edition and
 * candle interval the database is; from then on both are fixed. Two migrations of one database at
 * the same time are safe: the second waits, then finds nothing to do.
 *
 * <p>Every method throws {@link SchemaException}, which says what to do.
 */
public final class Migrations {
  private static final String HISTORY = "candlestream_schema_history";

  /** Any number, as long as it stays: two versions of this program must wait for each other. */
  private static final long LOCK = 0x63616e646c65L;

  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String LONGEST_WAIT_FOR_ANOTHER = "5min";

  private final Database database;
  private final JobConfig config;
  private final Optional<Edition> pinned;
  private final Duration interval;

  Migrations(JobConfig config, Database database) {
    this.config = config;
    this.database = database;
    this.pinned =
        switch (config.schema().edition()) {
          case AUTO -> Optional.empty();
          case COMMUNITY -> Optional.of(Edition.COMMUNITY);
          case APACHE -> Optional.of(Edition.APACHE);
          case POSTGRES -> Optional.of(Edition.POSTGRES);
        };
    this.interval = config.candles().interval();
  }

  /** Those of the database that a job's configuration names. */
  public static Migrations of(JobConfig config) {
    return new Migrations(config, new Database(config.database()));
  }

  /** Applies what is pending, then sets the policies as the configuration has them. */
  public MigrationResult migrate() {
    // This connection holds the lock and is otherwise idle, outside any transaction that a
    // migration would wait for.
    try (Session lock = database.connect()) {
      waitForOthers(lock);
      String owner = Roles.prepare(lock);
      lock.execute(Database.become(owner));
      requireRights(lock);
      Optional<RecordedSettings> recorded = RecordedSettings.of(lock);
      recorded.map(RecordedSettings::interval).ifPresent(this::requireInterval);
      ServerOffer offer =
          pinned.equals(Optional.of(Edition.POSTGRES))
              ? ServerOffer.LEAST
              : ServerOffer.of(database);
      Edition edition = choose(offer, recorded);
      requireVersions(lock, edition);
      MigrateResult result = flyway(edition, owner).load().migrate();
      List<String> policies =
          edition == Edition.COMMUNITY ? Policies.apply(lock, Policies.wanted(config)) : List.of();
      return new MigrationResult(
          edition,
          pinned.isPresent() ? "pinned by schema.edition" : offer.evidence(),
          owner,
          result.migrations.stream()
              .map(applied -> applied.version + " " + applied.description)
              .toList(),
          policies);
    } catch (SQLException | FlywayException e) {
      throw database.explain(e);
    }
  }

  /** Leaves a database as a version of this program did whose last migration was the given one. */
  void migrateTo(String version) {
    try (Session session = database.connect()) {
      Edition edition = choose(ServerOffer.of(database), RecordedSettings.of(session));
      flyway(edition, Roles.prepare(session))
          .target(version)
          .skipDefaultCallbacks(true)
          .load()
          .migrate();
    } catch (SQLException | FlywayException e) {
      throw database.explain(e);
    }
  }

  /** How far the database is migrated; changes nothing. */
  public SchemaState state() {
    try (Session session = database.connect()) {
      Optional<RecordedSettings> recorded = RecordedSettings.of(session);
      // The edition only fills in the text of migrations, which are not run here.
      Flyway flyway =
          flyway(
                  recorded.map(RecordedSettings::edition).orElse(Edition.POSTGRES),
                  session.text("SELECT current_user"))
              .load();
      return new SchemaState(
          recorded.map(RecordedSettings::edition),
          recorded.map(RecordedSettings::interval),
          Stream.of(flyway.info().all())
              .filter(info -> info.getState() != MigrationState.BASELINE)
              .map(Migrations::migration)
              .toList(),
          differences(flyway));
    } catch (SQLException | FlywayException e) {
      throw database.explain(e);
    }
  }

  /** The database's address, without secrets. */
  @Override
  public String toString() {
    return database.toString();
  }

  /**
   * Compares a state with what is configured, as far as that needs no rights beyond reading.
   *
   * @throws SchemaException if the database is for another edition than a pinned one, or for
   *     another interval
   */
  void requireUnchanged(SchemaState state) {
    state.interval().ifPresent(this::requireInterval);
    state
        .edition()
        .ifPresent(
            recorded -> requireEdition(recorded, pinned.orElse(recorded), ServerOffer.LEAST));
  }

  private FluentConfiguration flyway(Edition edition, String role) {
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database.connections())
        .initSql(Database.become(role) + ";" + database.settings())
        .locations("classpath:db/migration")
        .failOnMissingLocations(true)
        .ignoreMigrationPatterns("*:pending", "*:future")
        .validateMigrationNaming(true)
        .defaultSchema("public")
        .table(HISTORY)
        // A database may hold other things than ours, an extension for one.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .placeholders(
            Map.of(
                "edition", edition.word(),
                "candles.interval", interval.toString(),
                "candles.timeframe", Durations.text(interval)))
        .loggers("slf4j");
  }

  /** Before a migration stops half-way at what an old server does not know. */
  private static void requireVersions(Session session, Edition edition) throws SQLException {
    Optional<String> timescale =
        edition == Edition.POSTGRES ? Optional.empty() : Versions.timescaleToBe(session);
    Versions.complaint(Versions.postgresql(session), timescale)
        .ifPresent(
            complaint -> {
              throw new SchemaException(complaint);
            });
  }

  /** Flyway would try ten times, a second each, before it says so. */
  private static void requireRights(Session session) throws SQLException {
    if (!session.isTrue("SELECT has_schema_privilege('public', 'CREATE')")) {
      throw new SQLException("permission denied for schema public", INSUFFICIENT_PRIVILEGE);
    }
  }

  private static void waitForOthers(Session session) throws SQLException {
    session.execute("SET lock_timeout = '%s'".formatted(LONGEST_WAIT_FOR_ANOTHER));
    session.execute("SELECT pg_advisory_lock(?)", LOCK);
    session.execute("RESET lock_timeout");
  }

  private Edition choose(ServerOffer offer, Optional<RecordedSettings> recorded) {
    Edition chosen = pinned.orElse(offer.edition());
    if (!chosen.isWithin(offer.edition())) {
      throw new SchemaException(
          "schema.edition: %s, but %s at %s: give the server what is lacking, or set schema.edition: auto"
              .formatted(chosen.word(), offer.evidence(), database));
    }
    recorded.ifPresent(settings -> requireEdition(settings.edition(), chosen, offer));
    return chosen;
  }

  private void requireEdition(Edition recorded, Edition chosen, ServerOffer offer) {
    if (recorded == chosen) {
      return;
    }
    boolean canBeKept = pinned.isPresent() || recorded.isWithin(offer.edition());
    throw new SchemaException(
        "%s was migrated for edition %s, but %s (edition %s): %s, or migrate a new database and replay into it"
            .formatted(
                database,
                recorded.word(),
                reason(offer),
                chosen.word(),
                canBeKept
                    ? "set schema.edition: %s to keep it".formatted(recorded.word())
                    : "give the server back what edition %s needs".formatted(recorded.word())));
  }

  private void requireInterval(Duration recorded) {
    if (!recorded.equals(interval)) {
      throw new SchemaException(
          "%s holds candles of %s, but candles.interval is %s: set candles.interval: %s, or use a new database"
              .formatted(
                  database,
                  Durations.text(recorded),
                  Durations.text(interval),
                  Durations.text(recorded)));
    }
  }

  private static List<String> differences(Flyway flyway) {
    return flyway.validateWithResult().invalidMigrations.stream()
        .map(
            invalid ->
                "%s %s: %s"
                    .formatted(
                        invalid.version,
                        invalid.description,
                        difference((CoreErrorCode) invalid.errorDetails.errorCode)))
        .toList();
  }

  private static String difference(CoreErrorCode code) {
    return switch (code) {
      case CHECKSUM_MISMATCH -> "was another text";
      case TYPE_MISMATCH, DESCRIPTION_MISMATCH -> "was another migration";
      case APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED -> "is unknown to this version";
      case RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED -> "was left out";
      default -> code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  private String reason(ServerOffer offer) {
    return pinned.isPresent() ? "schema.edition pins another" : offer.evidence();
  }

  private static SchemaState.Migration migration(MigrationInfo info) {
    return new SchemaState.Migration(
        info.getVersion().getVersion(),
        info.getDescription(),
        info.getState().getDisplayName(),
        Optional.ofNullable(info.getInstalledOn()).map(date -> date.toInstant()));
  }
}

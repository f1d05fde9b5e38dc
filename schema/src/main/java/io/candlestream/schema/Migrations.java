package io.candlestream.schema;

import io.candlestream.config.JobConfig;
import io.candlestream.config.SchemaConfig;
import io.candlestream.config.Secret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
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
  private final Optional<Edition> pinned;
  private final Duration interval;

  /**
   * @param url a PostgreSQL JDBC URL
   * @param user the role that migrates, and will own the tables
   * @param password its password; empty where the server asks for none
   * @param edition which edition to migrate to
   * @param interval length of the base candle
   */
  public Migrations(
      String url, String user, Secret password, SchemaConfig.Edition edition, Duration interval) {
    this.database = new Database(url, user, password);
    this.pinned =
        switch (edition) {
          case AUTO -> Optional.empty();
          case COMMUNITY -> Optional.of(Edition.COMMUNITY);
          case APACHE -> Optional.of(Edition.APACHE);
          case POSTGRES -> Optional.of(Edition.POSTGRES);
        };
    this.interval = interval;
  }

  /** Those of the database that a job's configuration names. */
  public static Migrations of(JobConfig config) {
    return new Migrations(
        config.database().url(),
        config.database().user(),
        config.database().password(),
        config.schema().edition(),
        config.candles().interval());
  }

  /** Applies what is pending. */
  public MigrationResult migrate() {
    // This connection holds the lock and is otherwise idle, outside any transaction that a
    // migration would wait for.
    try (Connection lock = database.connect()) {
      requireRights(lock);
      waitForOthers(lock);
      Optional<RecordedSettings> recorded = RecordedSettings.of(lock);
      recorded.map(RecordedSettings::interval).ifPresent(this::requireInterval);
      ServerOffer offer =
          pinned.equals(Optional.of(Edition.POSTGRES))
              ? ServerOffer.LEAST
              : ServerOffer.of(database);
      Edition edition = choose(offer, recorded);
      MigrateResult result = flyway(edition).migrate();
      return new MigrationResult(
          edition,
          pinned.isPresent() ? "pinned by schema.edition" : offer.evidence(),
          result.migrations.stream()
              .map(applied -> applied.version + " " + applied.description)
              .toList());
    } catch (SQLException | FlywayException e) {
      throw database.explain(e);
    }
  }

  /** How far the database is migrated; changes nothing. */
  public SchemaState state() {
    try (Connection connection = database.connect()) {
      Optional<RecordedSettings> recorded = RecordedSettings.of(connection);
      // The edition only fills in the text of migrations, which are not run here.
      Flyway flyway = flyway(recorded.map(RecordedSettings::edition).orElse(Edition.POSTGRES));
      return new SchemaState(
          recorded.map(RecordedSettings::edition),
          recorded.map(RecordedSettings::interval),
          Stream.of(flyway.info().all())
              .filter(info -> info.getState() != MigrationState.BASELINE)
              .map(Migrations::migration)
              .toList());
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

  private Flyway flyway(Edition edition) {
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database.connections())
        .locations("classpath:db/migration")
        .failOnMissingLocations(true)
        .validateMigrationNaming(true)
        .defaultSchema("public")
        .table(HISTORY)
        // A database may hold other things than ours, an extension for one.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .placeholders(Map.of("edition", edition.word(), "candles.interval", interval.toString()))
        .loggers("slf4j")
        .load();
  }

  /** Flyway would try ten times, a second each, before it says so. */
  private static void requireRights(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer =
            statement.executeQuery("SELECT has_schema_privilege('public', 'CREATE')")) {
      answer.next();
      if (!answer.getBoolean(1)) {
        throw new SQLException("permission denied for schema public", INSUFFICIENT_PRIVILEGE);
      }
    }
  }

  private static void waitForOthers(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '%s'".formatted(LONGEST_WAIT_FOR_ANOTHER));
      statement.execute("SELECT pg_advisory_lock(%d)".formatted(LOCK));
    }
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
              .formatted(database, readable(recorded), readable(interval), readable(recorded)));
    }
  }

  private String reason(ServerOffer offer) {
    return pinned.isPresent() ? "schema.edition pins another" : offer.evidence();
  }

  /** As the configuration writes it. */
  static String readable(Duration interval) {
    return interval.getSeconds() % 60 == 0
        ? interval.toMinutes() + "m"
        : interval.getSeconds() + "s";
  }

  private static SchemaState.Migration migration(MigrationInfo info) {
    return new SchemaState.Migration(
        info.getVersion().getVersion(),
        info.getDescription(),
        info.getState().getDisplayName(),
        Optional.ofNullable(info.getInstalledOn()).map(date -> date.toInstant()));
  }
}

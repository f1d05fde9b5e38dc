package io.candlestream.schema;

import io.candlestream.config.Durations;
import io.candlestream.config.JobConfig;
import io.candlestream.config.SchemaConfig;
import io.candlestream.config.Timeframe;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Looks at a database without changing it: whether it is what the configuration asks for, and
 * whether it is alive.
 *
 * <p>Needs no rights beyond those of a reader.
 */
public final class Inspection {
  private static final String CONNECTION = "connection";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String REMEDY =
      "look as a member of candlestream_reader or candlestream_writer";
  private static final String MIGRATIONS = "migrations";

  private static final Summed CANDLES =
      new Summed(Policies.BASE, "candles", "be corrected", SchemaConfig.CHUNK);
  private static final Summed SENTIMENT =
      new Summed(Policies.SENTIMENT, "items", "come", SchemaConfig.SENTIMENT_CHUNK);

  private final JobConfig config;
  private final Database database;
  private final Migrations migrations;

  private Inspection(JobConfig config) {
    this.config = config;
    this.database = Database.impatient(config.database(), PATIENCE);
    this.migrations = new Migrations(config, database);
  }

  /** Of the database that a job's configuration names. */
  public static Inspection of(JobConfig config) {
    return new Inspection(config);
  }

  /** Whether schema and policies are what the configuration asks for, and safe. */
  public List<Finding> check() {
    return look(this::check);
  }

  /** Whether the database can be used, its jobs do well, and candles arrive. */
  public List<Finding> health() {
    return look(this::health);
  }

  /**
   * A table that aggregates sum up.
   *
   * @param rows what its rows are called
   * @param change what still happens to them late
   * @param chunk how much time one of its chunks holds
   */
  private record Summed(String table, String rows, String change, Duration chunk) {}

  private interface Look {
    List<Finding> at(Session session) throws SQLException;
  }

  private List<Finding> look(Look look) {
    try (Session session = database.connect()) {
      return look.at(session);
    } catch (SQLException e) {
      return List.of(Finding.wrong(CONNECTION, database.explain(e, REMEDY).getMessage()));
    } catch (SchemaException e) {
      return List.of(Finding.wrong(CONNECTION, e.getMessage()));
    }
  }

  private List<Finding> check(Session session) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    Optional<RecordedSettings> recorded = RecordedSettings.of(session);
    Finding versions = versions(session, recorded);
    findings.add(versions);
    if (!versions.isWell()) {
      // What comes now would ask for what is not there; as below, where a migration is lacking.
      return findings;
    }
    Finding migrations = migrations();
    findings.add(migrations);
    if (!migrations.isWell()) {
      return findings;
    }
    findings.add(roles(session));
    if (recorded.get().edition() == Edition.COMMUNITY) {
      List<Policies.Job> present = Policies.present(session);
      findings.addAll(policies(present));
      findings.add(realTime(session));
      findings.addAll(windows(session, present));
    }
    return findings;
  }

  private List<Finding> health(Session session) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    Optional<RecordedSettings> recorded = RecordedSettings.of(session);
    findings.add(Finding.well(CONNECTION, database.toString()));
    Finding versions = versions(session, recorded);
    findings.add(versions);
    if (!versions.isWell()) {
      return findings;
    }
    Finding migrations = migrations();
    findings.add(migrations);
    if (!migrations.isWell()) {
      return findings;
    }
    findings.addAll(
        recorded.get().edition() == Edition.COMMUNITY
            ? jobs(session)
            : List.of(retention(session)));
    findings.add(refusedRows(session));
    findings.add(freshness(session));
    return findings;
  }

  private Finding versions(Session session, Optional<RecordedSettings> recorded)
      throws SQLException {
    String subject = "edition";
    String postgresql = Versions.postgresql(session);
    Optional<String> timescale = Versions.timescale(session);
    String found =
        "%s (PostgreSQL %s%s)"
            .formatted(
                recorded.map(settings -> settings.edition().word()).orElse("none yet"),
                postgresql,
                timescale.map(version -> ", TimescaleDB " + version).orElse(""));
    boolean needsTimescale =
        recorded.filter(settings -> settings.edition() != Edition.POSTGRES).isPresent();
    if (needsTimescale && timescale.isEmpty()) {
      return Finding.wrong(
          subject, found + ": the database has lost the extension timescaledb: restore a backup");
    }
    if (recorded.filter(settings -> settings.edition() == Edition.COMMUNITY).isPresent()
        && session.isTrue("SELECT current_setting('timescaledb.license', true) = 'apache'")) {
      return Finding.wrong(
          subject,
          found
              + ": the server has gone to the Apache licence: set timescaledb.license ="
              + " 'timescale'");
    }
    return Versions.complaint(postgresql, needsTimescale ? timescale : Optional.empty())
        .map(complaint -> Finding.wrong(subject, complaint))
        .orElseGet(() -> Finding.well(subject, found));
  }

  private Finding migrations() {
    SchemaState state = migrations.state();
    try {
      migrations.requireUnchanged(state);
    } catch (SchemaException e) {
      return Finding.wrong(MIGRATIONS, e.getMessage());
    }
    if (!state.differences().isEmpty()) {
      return Finding.wrong(
          MIGRATIONS,
          String.join(", ", state.differences())
              + ": use the version that migrated this database, or a later one");
    }
    List<String> open =
        state.migrations().stream()
            .filter(migration -> !migration.isApplied())
            .map(
                migration ->
                    "%s %s: %s"
                        .formatted(migration.version(), migration.description(), migration.state()))
            .toList();
    return open.isEmpty()
        ? Finding.well(MIGRATIONS, state.migrations().size() + " applied")
        : Finding.wrong(MIGRATIONS, String.join(", ", open) + ": run migrate");
  }

  /** Roles are a convenience: a database can do with one that does everything. */
  private static Finding roles(Session session) throws SQLException {
    if (Roles.publicSchemaIsOpen(session)) {
      return Finding.wrong(
          "roles",
          "every role may create tables: as the owner of the schema,  GRANT CREATE, USAGE ON SCHEMA public TO %s; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
              .formatted(Roles.ownerOfTables(session)));
    }
    List<String> missing = Roles.missing(session);
    return Finding.well(
        "roles",
        missing.isEmpty()
            ? "tables belong to " + Roles.ownerOfTables(session)
            : "none called %s: migrate once as a role that may create roles, if you want them"
                .formatted(String.join(", ", missing)));
  }

  private List<Finding> policies(List<Policies.Job> present) {
    List<Finding> findings = new ArrayList<>();
    List<Policies.Job> unexpected = new ArrayList<>(present);
    for (Policy wanted : Policies.wanted(config)) {
      findings.add(policy(wanted, Policies.take(unexpected, wanted)));
    }
    for (Policies.Job job : unexpected) {
      findings.add(
          Finding.wrong(
              job.policy().name(),
              "%s; configured is none: run migrate".formatted(job.policy().settings())));
    }
    return findings;
  }

  private static Finding policy(Policy wanted, Optional<Policies.Job> job) {
    if (job.isEmpty()) {
      return Finding.wrong(
          wanted.name(), "missing; configured are %s: run migrate".formatted(wanted.settings()));
    }
    Policy present = job.get().policy();
    if (!present.equals(wanted)) {
      return Finding.wrong(
          wanted.name(),
          "%s; configured are %s: run migrate".formatted(present.settings(), wanted.settings()));
    }
    return job.get().scheduled()
        ? Finding.well(wanted.name(), wanted.settings())
        : Finding.wrong(wanted.name(), paused(job.get().id()));
  }

  private static String paused(int job) {
    return "paused: SELECT alter_job(%d, scheduled => true)".formatted(job);
  }

  private static Finding realTime(Session session) throws SQLException {
    return finding(
        "real-time aggregates",
        session.rows(
            row ->
                "%1$s shows nothing newer than its last refresh: ALTER MATERIALIZED VIEW %1$s SET (timescaledb.materialized_only = false)"
                    .formatted(row.getString(1)),
            """
            SELECT view_name
            FROM timescaledb_information.continuous_aggregates
            JOIN public.timeframes() t ON view_name IN ('market_data_' || t.name, 'sentiment_data_' || t.name)
            WHERE view_schema = 'public' AND materialized_only
            ORDER BY view_name LIKE 'sentiment%', t.width
            """));
  }

  /** Judges the policies as they are in the database, whoever set them. */
  private List<Finding> windows(Session session, List<Policies.Job> present) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    Duration open = config.time().stillOpen();
    for (Timeframe timeframe : Timeframe.values()) {
      findings.addAll(
          windows(present, CANDLES, Policies.aggregate(timeframe), timeframe.length().plus(open)));
    }
    Duration sentimentOpen = config.sentiment().stillOpen(config.time());
    for (Timeframe timeframe : Policies.OF_SENTIMENT) {
      findings.addAll(
          windows(
              present,
              SENTIMENT,
              Policies.sentiment(timeframe),
              timeframe.length().plus(sentimentOpen)));
    }
    findings.add(remembered(session, present));
    policies(present, Policy.Kind.COLUMNSTORE, Policies.BASE)
        .forEach(
            columnstore -> {
              Duration after = columnstore.offsets().get(Policy.AFTER);
              findings.add(
                  finding(
                      "columnstore after lateness",
                      after == null || after.compareTo(open) > 0
                          ? List.of()
                          : List.of(
                              "candles go to the columnstore after %s, and can be corrected for %s: run migrate"
                                  .formatted(Durations.words(after), Durations.words(open)))));
            });
    return findings;
  }

  /** The windows of an aggregate's refreshes, usually of one. */
  private static List<Finding> windows(
      List<Policies.Job> present, Summed summed, String aggregate, Duration leastEnd) {
    Optional<Duration> dropAfter =
        policies(present, Policy.Kind.RETENTION, summed.table())
            .map(policy -> policy.offsets().get(Policy.DROP_AFTER))
            .filter(Objects::nonNull)
            .findFirst();
    return policies(present, Policy.Kind.REFRESH, aggregate)
        .map(
            refresh -> {
              List<String> problems = new ArrayList<>();
              reach(refresh, summed, dropAfter).ifPresent(problems::add);
              ending(refresh, summed, leastEnd).ifPresent(problems::add);
              return finding("window of " + aggregate, problems);
            })
        .toList();
  }

  private static Optional<String> reach(
      Policy refresh, Summed summed, Optional<Duration> dropAfter) {
    if (dropAfter.isEmpty()) {
      return Optional.empty();
    }
    Duration start = refresh.offsets().get(Policy.START_OFFSET);
    Duration most = dropAfter.get().minus(summed.chunk());
    if (start != null && start.compareTo(most) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "a refresh reaches back %s, and %s are dropped after %s: it would empty the aggregate there; at most %s is safe: run migrate"
            .formatted(
                start == null ? "without end" : Durations.words(start),
                summed.rows(),
                Durations.words(dropAfter.get()),
                Durations.words(most)));
  }

  private static Optional<String> ending(Policy refresh, Summed summed, Duration least) {
    Duration end = refresh.offsets().get(Policy.END_OFFSET);
    if (end != null && end.compareTo(least) >= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "a refresh ends %s ago, while %s of the last %s can still %s: run migrate"
            .formatted(
                end == null ? "0s" : Durations.words(end),
                summed.rows(),
                Durations.words(least),
                summed.change()));
  }

  /** What an earlier, shorter retention dropped stays dropped when retention is made longer. */
  private static Finding remembered(Session session, List<Policies.Job> present)
      throws SQLException {
    List<String> problems = new ArrayList<>();
    for (Summed summed : List.of(CANDLES, SENTIMENT)) {
      String horizon =
          session.text(
              "SELECT extract(epoch FROM now() - dropped_before) FROM public.retention_horizon"
                  + " WHERE relation = ? AND isfinite(dropped_before)",
              summed.table());
      if (horizon == null) {
        continue;
      }
      Duration dropped = Duration.ofMinutes((long) Double.parseDouble(horizon) / 60);
      present.stream()
          .map(Policies.Job::policy)
          .filter(policy -> policy.kind() == Policy.Kind.REFRESH)
          .filter(refresh -> refresh.relation().startsWith(summed.table()))
          .map(refresh -> Optional.ofNullable(refresh.offsets().get(Policy.START_OFFSET)))
          .filter(start -> start.isEmpty() || start.get().compareTo(dropped) > 0)
          .map(start -> start.map(Durations::words).orElse("without end"))
          .distinct()
          .forEach(
              start ->
                  problems.add(
                      "a refresh reaches back %s, but %s older than %s were dropped before retention was made longer: set schema.refresh.start-offset to less until then"
                          .formatted(start, summed.rows(), Durations.words(dropped))));
    }
    return finding("dropped earlier", problems);
  }

  private static Stream<Policy> policies(
      List<Policies.Job> present, Policy.Kind kind, String relation) {
    return present.stream()
        .map(Policies.Job::policy)
        .filter(policy -> policy.kind() == kind && policy.relation().equals(relation));
  }

  private static Finding finding(String subject, List<String> problems) {
    return problems.isEmpty()
        ? Finding.well(subject, "safe")
        : Finding.wrong(subject, String.join("; ", problems));
  }

  private List<Finding> jobs(Session session) throws SQLException {
    List<Finding> troubles =
        session.rows(
            row ->
                Finding.wrong(
                    "%s %s".formatted(row.getString("policy"), row.getString("relation")),
                    trouble(row)),
            """
            SELECT
              job_id,
              policy,
              relation,
              scheduled,
              consecutive_failures,
              coalesce(last_error, 'what the owner of the job can see') AS last_error,
              date_trunc('second', now() - next_run) AS overdue
            FROM ops.jobs
            WHERE relation = ANY (?::text[])
              AND (
                NOT scheduled
                OR consecutive_failures > 0
                OR next_run < now() - schedule_interval - INTERVAL '10 minutes'
              )
            ORDER BY job_id
            """,
            Policies.relations());
    if (!troubles.isEmpty()) {
      return troubles;
    }
    return List.of(
        Finding.well(
            "jobs",
            session.text(
                    "SELECT count(*) FROM ops.jobs WHERE relation = ANY (?::text[])",
                    Policies.relations())
                + " policies, none failing"));
  }

  private static String trouble(ResultSet job) throws SQLException {
    if (!job.getBoolean("scheduled")) {
      return paused(job.getInt("job_id"));
    }
    return job.getLong("consecutive_failures") > 0
        ? "failed %d times, and said: %s; see ops.jobs"
            .formatted(job.getLong("consecutive_failures"), job.getString("last_error"))
        : "should have run %s ago: are TimescaleDB's background workers at work?"
            .formatted(job.getString("overdue"));
  }

  /** Without policies, somebody must run maintain now and then. */
  private Finding retention(Session session) throws SQLException {
    String subject = "retention";
    Duration keep = Retention.ofBaseUnderViews(config.schema().retention());
    if (keep.isZero()) {
      return Finding.well(subject, "candles are kept for ever");
    }
    String overdue =
        session.text(
            """
            SELECT date_trunc('second', now() - min("timestamp"))
            FROM public.market_data
            HAVING min("timestamp") < now() - ?::interval - INTERVAL '2 days'
            """,
            Durations.text(keep));
    return overdue == null
        ? Finding.well(subject, "candles of the last " + Durations.text(keep))
        : Finding.wrong(
            subject,
            "candles are to be dropped after %s, but the oldest is of %s ago: run maintain, daily"
                .formatted(Durations.text(keep), overdue));
  }

  /** Worth a look, but no reason for a probe to fail: the job goes on, and nothing is lost. */
  private static Finding refusedRows(Session session) throws SQLException {
    String waiting =
        session.text(
            """
            SELECT string_agg(format('%s of %s', rows, table_name), ', ' ORDER BY table_name)
            FROM (
              SELECT table_name, count(*) AS rows
              FROM public.rejected_rows
              WHERE resolved_at IS NULL
              GROUP BY table_name
            ) waiting
            """);
    return Finding.well(
        "refused rows",
        waiting == null
            ? "none waits"
            : "%s wait in rejected_rows: see their reason, remove it, and CALL replay_rejected_rows()"
                .formatted(waiting));
  }

  private Finding freshness(Session session) throws SQLException {
    String subject = "freshness";
    Duration staleAfter = config.schema().staleAfter();
    List<Finding> findings =
        session.rows(
            row -> {
              String lag = row.getString("lag");
              if (lag == null) {
                return staleAfter.isZero()
                    ? Finding.well(subject, "no candle yet")
                    : Finding.wrong(subject, "no candle yet: is the job running?");
              }
              String ended =
                  lag.startsWith("-")
                      ? "the newest candle is not over yet"
                      : "the newest candle ended %s ago".formatted(lag);
              return row.getBoolean("stale")
                  ? Finding.wrong(
                      subject,
                      "%s, more than schema.stale-after: %s: see ops.freshness, and whether the job runs"
                          .formatted(ended, Durations.text(staleAfter)))
                  : Finding.well(subject, ended);
            },
            """
            SELECT date_trunc('second', lag) AS lag, ?::interval > INTERVAL '0' AND lag > ?::interval AS stale
            FROM (
              SELECT now() - (max("timestamp") + ?::interval) AS lag
              FROM public.market_data
            ) newest
            """,
            Durations.text(staleAfter),
            Durations.text(staleAfter),
            Durations.text(config.candles().interval()));
    return findings.get(0);
  }
}

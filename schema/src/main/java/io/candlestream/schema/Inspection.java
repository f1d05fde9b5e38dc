package io.candlestream.schema;

import io.candlestream.config.Durations;
import io.candlestream.config.JobConfig;
import io.candlestream.config.SchemaConfig;
import io.candlestream.config.Timeframe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at a database without changing it: whether it is what the configuration asks for, and
 * whether it is alive.
 *
 * <p>Needs no rights beyond those of a reader.
 */
public final class Inspection {
  private static final String CONNECTION = "connection";
  private static final String MIGRATIONS = "migrations";

  private final JobConfig config;
  private final Database database;
  private final Migrations migrations;

  private Inspection(JobConfig config) {
    this.config = config;
    this.database = new Database(config.database());
    this.migrations = Migrations.of(config);
  }

  /** Of the database that a job's configuration names. */
  public static Inspection of(JobConfig config) {
    return new Inspection(config);
  }

  /**
   * Whether schema and policies are what the configuration asks for, and safe.
   *
   * @throws SchemaException if the database cannot be asked
   */
  public List<Finding> check() {
    try (Session session = database.connect()) {
      return check(session);
    } catch (SQLException e) {
      throw database.explain(e);
    }
  }

  /** Whether the database can be used, its jobs do well, and candles arrive. */
  public List<Finding> health() {
    try (Session session = database.connect()) {
      return health(session);
    } catch (SQLException e) {
      return List.of(Finding.wrong(CONNECTION, database.explain(e).getMessage()));
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
      // What comes now would ask for what an old server does not know.
      return findings;
    }
    findings.add(migrations());
    if (recorded.isEmpty()) {
      return findings;
    }
    findings.add(roles(session));
    if (recorded.get().edition() == Edition.COMMUNITY) {
      Map<String, Policies.Job> present = Policies.present(session);
      findings.addAll(policies(present));
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
    findings.add(migrations());
    if (recorded.isPresent()) {
      findings.addAll(
          recorded.get().edition() == Edition.COMMUNITY
              ? jobs(session)
              : List.of(retention(session)));
      findings.add(freshness(session));
    }
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
    List<String> missing = Roles.missing(session);
    return Finding.well(
        "roles",
        missing.isEmpty()
            ? "tables belong to " + Roles.ownerOfTables(session)
            : "none called %s: migrate once as a role that may create roles, if you want them"
                .formatted(String.join(", ", missing)));
  }

  private List<Finding> policies(Map<String, Policies.Job> present) {
    List<Finding> findings = new ArrayList<>();
    Map<String, Policies.Job> unexpected = new LinkedHashMap<>(present);
    for (Policy wanted : Policies.wanted(config)) {
      Policies.Job job = unexpected.remove(wanted.name());
      if (job == null) {
        findings.add(
            Finding.wrong(
                wanted.name(),
                "missing; configured are %s: run migrate".formatted(wanted.settings())));
      } else if (!job.policy().equals(wanted)) {
        findings.add(
            Finding.wrong(
                wanted.name(),
                "%s; configured are %s: run migrate"
                    .formatted(job.policy().settings(), wanted.settings())));
      } else {
        findings.add(Finding.well(wanted.name(), wanted.settings()));
      }
    }
    for (Policies.Job job : unexpected.values()) {
      findings.add(
          Finding.wrong(
              job.policy().name(),
              "%s; configured is none: run migrate".formatted(job.policy().settings())));
    }
    return findings;
  }

  /** Judges the policies as they are in the database, whoever set them. */
  private List<Finding> windows(Session session, Map<String, Policies.Job> present)
      throws SQLException {
    List<Finding> findings = new ArrayList<>();
    Duration open = Policies.stillOpen(config);
    Optional<Duration> dropAfter =
        policy(present, Policy.Kind.RETENTION, Policies.BASE)
            .map(policy -> policy.offsets().get(Policy.DROP_AFTER));
    for (Timeframe timeframe : Timeframe.values()) {
      String aggregate = Policies.BASE + "_" + timeframe.word();
      policy(present, Policy.Kind.REFRESH, aggregate)
          .ifPresent(
              refresh -> {
                List<String> problems = new ArrayList<>();
                reach(refresh, dropAfter).ifPresent(problems::add);
                ending(refresh, timeframe.length().plus(open)).ifPresent(problems::add);
                findings.add(finding("window of " + aggregate, problems));
              });
    }
    findings.add(remembered(session, present));
    policy(present, Policy.Kind.COLUMNSTORE, Policies.BASE)
        .ifPresent(
            columnstore -> {
              Duration after = columnstore.offsets().get(Policy.AFTER);
              findings.add(
                  finding(
                      "columnstore after lateness",
                      after == null || after.compareTo(open) > 0
                          ? List.of()
                          : List.of(
                              "candles go to the columnstore after %s, and can be corrected for %s: run migrate"
                                  .formatted(Durations.text(after), Durations.text(open)))));
            });
    return findings;
  }

  private static Optional<String> reach(Policy refresh, Optional<Duration> dropAfter) {
    if (dropAfter.isEmpty()) {
      return Optional.empty();
    }
    Duration start = refresh.offsets().get(Policy.START_OFFSET);
    Duration most = dropAfter.get().minus(SchemaConfig.CHUNK);
    if (start != null && start.compareTo(most) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "a refresh reaches back %s, and candles are dropped after %s: it would empty the aggregate there; at most %s is safe: run migrate"
            .formatted(
                start == null ? "without end" : Durations.text(start),
                Durations.text(dropAfter.get()),
                Durations.text(most)));
  }

  private static Optional<String> ending(Policy refresh, Duration least) {
    Duration end = refresh.offsets().get(Policy.END_OFFSET);
    if (end != null && end.compareTo(least) >= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "a refresh ends %s ago, while candles of the last %s can still be corrected: run migrate"
            .formatted(end == null ? "0s" : Durations.text(end), Durations.text(least)));
  }

  /** What an earlier, shorter retention dropped stays dropped when retention is made longer. */
  private static Finding remembered(Session session, Map<String, Policies.Job> present)
      throws SQLException {
    List<String> problems = new ArrayList<>();
    String horizon =
        session.text(
            "SELECT extract(epoch FROM now() - dropped_before) FROM public.retention_horizon"
                + " WHERE relation = ? AND isfinite(dropped_before)",
            Policies.BASE);
    if (horizon != null) {
      Duration dropped = Duration.ofSeconds((long) Double.parseDouble(horizon));
      for (Timeframe timeframe : Timeframe.values()) {
        policy(present, Policy.Kind.REFRESH, Policies.BASE + "_" + timeframe.word())
            .map(refresh -> refresh.offsets().get(Policy.START_OFFSET))
            .filter(start -> start.compareTo(dropped) > 0)
            .ifPresent(
                start ->
                    problems.add(
                        "a refresh of market_data_%s reaches back %s, but candles older than %s were dropped before retention was made longer: set schema.refresh.start-offset to less until then"
                            .formatted(
                                timeframe.word(), Durations.text(start), Durations.text(dropped))));
      }
    }
    return finding("dropped earlier", problems);
  }

  private static Optional<Policy> policy(
      Map<String, Policies.Job> present, Policy.Kind kind, String relation) {
    return Optional.ofNullable(present.get(kind.word() + " " + relation)).map(Policies.Job::policy);
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
                    row.getBoolean("scheduled")
                        ? "the last of %d failed runs said: %s; see ops.jobs"
                            .formatted(row.getLong("failures"), row.getString("last_error"))
                        : "paused: SELECT alter_job(%d, scheduled => true)"
                            .formatted(row.getInt("job_id"))),
            """
            SELECT job_id, policy, relation, scheduled, failures, coalesce(last_error, 'unknown') AS last_error
            FROM ops.jobs
            WHERE NOT scheduled OR last_status = 'Failed'
            ORDER BY job_id
            """);
    if (!troubles.isEmpty()) {
      return troubles;
    }
    return List.of(
        Finding.well(
            "jobs", session.text("SELECT count(*) FROM ops.jobs") + " policies, none failing"));
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
            FROM market_data
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
              String ended = "the newest candle ended %s ago".formatted(lag);
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
              FROM market_data
            ) newest
            """,
            Durations.text(staleAfter),
            Durations.text(staleAfter),
            Durations.text(config.candles().interval()));
    return findings.get(0);
  }
}

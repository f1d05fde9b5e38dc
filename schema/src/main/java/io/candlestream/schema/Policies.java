package io.candlestream.schema;

import io.candlestream.config.Durations;
import io.candlestream.config.JobConfig;
import io.candlestream.config.SchemaConfig;
import io.candlestream.config.Timeframe;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The policies of a database of the community edition: those that a configuration asks for, those
 * that there are, and how to make the latter the former.
 */
final class Policies {
  static final String BASE = "market_data";
  static final String REJECTED_TICKS = "rejected_ticks";
  static final String QUALITY_EVENTS = "data_quality_events";
  static final String REJECTED_ROWS = "rejected_rows";
  static final String TRADE_HISTORY = "trade_history";
  static final String POSITIONS = "portfolio_positions";
  static final String SNAPSHOTS = "portfolio_snapshots";
  static final String SENTIMENT = "sentiment_data";

  /** Those that sentiment is summed up by. */
  static final List<Timeframe> OF_SENTIMENT = List.of(Timeframe.ONE_HOUR, Timeframe.ONE_DAY);

  private static final Duration COLUMNSTORE_EVERY = Duration.ofHours(12);
  private static final Duration RETENTION_EVERY = Duration.ofDays(1);

  private Policies() {}

  /** A policy as it is in the database. */
  record Job(int id, Policy policy, boolean scheduled) {}

  /** Those that a configuration asks for. */
  static List<Policy> wanted(JobConfig config) {
    SchemaConfig schema = config.schema();
    List<Policy> wanted = new ArrayList<>();
    columnstore(wanted, BASE, schema.columnstoreAfter());
    retention(wanted, BASE, schema.retention().base());
    for (Timeframe timeframe : Timeframe.values()) {
      String aggregate = aggregate(timeframe);
      String indicators = indicators(timeframe);
      Duration keep = schema.retention().timeframes().get(timeframe);
      wanted.add(
          Policy.refresh(
              aggregate,
              schema.refresh().every().get(timeframe),
              schema.refresh().startOffset(),
              timeframe.length().plus(config.time().stillOpen())));
      if (!schema.columnstoreAfter().isZero()) {
        // Only what no scheduled refresh writes to any more.
        columnstore(wanted, aggregate, schema.refresh().startOffset().plus(SchemaConfig.CHUNK));
      }
      retention(wanted, aggregate, keep);
      columnstore(wanted, indicators, schema.columnstoreAfter());
      retention(wanted, indicators, keep);
    }
    retention(wanted, REJECTED_TICKS, schema.retention().rejectedTicks());
    retention(wanted, QUALITY_EVENTS, schema.retention().qualityEvents());
    retention(wanted, REJECTED_ROWS, schema.retention().rejectedRows());
    columnstore(wanted, TRADE_HISTORY, schema.columnstoreAfter());
    retention(wanted, TRADE_HISTORY, schema.retention().tradeHistory());
    columnstore(wanted, SNAPSHOTS, schema.columnstoreAfter());
    retention(wanted, SNAPSHOTS, schema.retention().portfolioSnapshots());
    columnstore(wanted, SENTIMENT, schema.columnstoreAfter());
    retention(wanted, SENTIMENT, schema.retention().sentimentData());
    Duration stillOpen = config.sentiment().stillOpen(config.time());
    Duration startOffset = schema.refresh().startOffsetOfSentiment(stillOpen);
    for (Timeframe timeframe : OF_SENTIMENT) {
      String aggregate = sentiment(timeframe);
      wanted.add(
          Policy.refresh(
              aggregate,
              schema.refresh().every().get(timeframe),
              startOffset,
              timeframe.length().plus(stillOpen)));
      if (!schema.columnstoreAfter().isZero()) {
        columnstore(wanted, aggregate, startOffset.plus(SchemaConfig.CHUNK));
      }
    }
    return wanted;
  }

  private static void columnstore(List<Policy> wanted, String relation, Duration after) {
    if (!after.isZero()) {
      wanted.add(Policy.columnstore(relation, COLUMNSTORE_EVERY, after));
    }
  }

  private static void retention(List<Policy> wanted, String relation, Duration dropAfter) {
    if (!dropAfter.isZero()) {
      wanted.add(Policy.retention(relation, RETENTION_EVERY, dropAfter));
    }
  }

  /** As an array, the relations that this program sets policies of; what others have is theirs. */
  static String relations() {
    List<String> relations =
        new ArrayList<>(
            List.of(
                BASE,
                REJECTED_TICKS,
                QUALITY_EVENTS,
                REJECTED_ROWS,
                TRADE_HISTORY,
                SNAPSHOTS,
                SENTIMENT));
    for (Timeframe timeframe : Timeframe.values()) {
      relations.add(aggregate(timeframe));
      relations.add(indicators(timeframe));
    }
    for (Timeframe timeframe : OF_SENTIMENT) {
      relations.add(sentiment(timeframe));
    }
    return array(relations);
  }

  static String aggregate(Timeframe timeframe) {
    return BASE + "_" + timeframe.word();
  }

  static String sentiment(Timeframe timeframe) {
    return SENTIMENT + "_" + timeframe.word();
  }

  static String indicators(Timeframe timeframe) {
    return "indicators_" + timeframe.word();
  }

  /** Those that there are; of refreshes, an aggregate may have several. */
  static List<Job> present(Session session) throws SQLException {
    return session.rows(
        Policies::job,
        """
        SELECT
          job_id,
          proc_name,
          hypertable_name,
          scheduled,
          extract(epoch FROM schedule_interval) AS every,
          extract(epoch FROM (config ->> 'start_offset')::interval) AS start_offset,
          extract(epoch FROM (config ->> 'end_offset')::interval) AS end_offset,
          extract(epoch FROM (config ->> 'compress_after')::interval) AS compress_after,
          extract(epoch FROM (config ->> 'drop_after')::interval) AS drop_after
        FROM timescaledb_information.jobs
        WHERE hypertable_schema = 'public'
          AND hypertable_name = ANY (?::text[])
          AND proc_name IN ('policy_refresh_continuous_aggregate', 'policy_compression', 'policy_retention')
        ORDER BY job_id
        """,
        relations());
  }

  private static Job job(ResultSet row) throws SQLException {
    Map<String, Duration> offsets = new HashMap<>();
    for (String name :
        List.of(Policy.START_OFFSET, Policy.END_OFFSET, Policy.AFTER, Policy.DROP_AFTER)) {
      double seconds = row.getDouble(name);
      if (!row.wasNull()) {
        offsets.put(name, duration(seconds));
      }
    }
    return new Job(
        row.getInt("job_id"),
        new Policy(
            Policy.Kind.ofProcedure(row.getString("proc_name")),
            row.getString("hypertable_name"),
            duration(row.getDouble("every")),
            offsets),
        row.getBoolean("scheduled"));
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /**
   * Makes those that there are those that are wanted; says what it changed.
   *
   * @param session as the tables' owner
   */
  static List<String> apply(Session session, List<Policy> wanted) throws SQLException {
    List<String> changes = new ArrayList<>();
    session.inTransaction(
        () -> {
          List<Job> surplus = new ArrayList<>(present(session));
          Map<Policy, Job> kept = new HashMap<>();
          for (Policy policy : wanted) {
            take(surplus, policy).ifPresent(job -> kept.put(policy, job));
          }
          // First, because refreshes of one aggregate may not overlap.
          for (Job job : surplus) {
            remember(session, job);
            session.execute("SELECT delete_job(?)", job.id());
            changes.add(
                "%s: none (was %s)".formatted(job.policy().name(), job.policy().settings()));
          }
          for (Policy policy : wanted) {
            Job job = kept.get(policy);
            if (job == null) {
              add(session, policy);
              changes.add("%s: %s".formatted(policy.name(), policy.settings()));
            } else if (!job.policy().equals(policy)) {
              remember(session, job);
              alter(session, job, policy);
              changes.add(
                  "%s: %s (was %s)"
                      .formatted(policy.name(), policy.settings(), job.policy().settings()));
            }
          }
        });
    return changes;
  }

  /**
   * Takes out the job that stands for a policy: one that is it; else one of its name.
   *
   * @param jobs those left, which this changes
   */
  static Optional<Job> take(List<Job> jobs, Policy policy) {
    Optional<Job> taken =
        jobs.stream()
            .filter(job -> job.policy().name().equals(policy.name()))
            .min(Comparator.comparing(job -> !job.policy().equals(policy)));
    taken.ifPresent(jobs::remove);
    return taken;
  }

  /**
   * The first run comes after one interval, and not while the migration that adds it is hardly
   * over: time to fill an empty database with what is old, or to think again.
   */
  private static void add(Session session, Policy policy) throws SQLException {
    String relation = "public." + policy.relation();
    String every = Durations.text(policy.every());
    Function<String, String> offset = name -> Durations.text(policy.offsets().get(name));
    switch (policy.kind()) {
      case REFRESH ->
          session.execute(
              """
              SELECT add_continuous_aggregate_policy(
                ?::regclass,
                start_offset => ?::interval,
                end_offset => ?::interval,
                schedule_interval => ?::interval,
                initial_start => now() + ?::interval)
              """,
              relation,
              offset.apply(Policy.START_OFFSET),
              offset.apply(Policy.END_OFFSET),
              every,
              every);
      case COLUMNSTORE ->
          session.execute(
              """
              CALL add_columnstore_policy(
                ?::regclass,
                after => ?::interval,
                schedule_interval => ?::interval,
                initial_start => now() + ?::interval)
              """,
              relation,
              offset.apply(Policy.AFTER),
              every,
              every);
      case RETENTION ->
          session.execute(
              """
              SELECT add_retention_policy(
                ?::regclass,
                drop_after => ?::interval,
                schedule_interval => ?::interval,
                initial_start => now() + ?::interval)
              """,
              relation,
              offset.apply(Policy.DROP_AFTER),
              every,
              every);
    }
  }

  private static void alter(Session session, Job job, Policy policy) throws SQLException {
    List<String> names = List.copyOf(policy.offsets().keySet());
    session.execute(
        """
        SELECT alter_job(
          job_id,
          schedule_interval => ?::interval,
          config => config - 'drop_created_before' - 'compress_created_before' || (
            SELECT jsonb_object_agg(name, ago) FROM unnest(?::text[], ?::interval[]) AS offsets (name, ago)
          ))
        FROM timescaledb_information.jobs
        WHERE job_id = ?
        """,
        Durations.text(policy.every()),
        array(names),
        array(names.stream().map(policy.offsets()::get).map(Durations::text).toList()),
        job.id());
  }

  private static String array(List<String> words) {
    return "{" + String.join(",", words) + "}";
  }

  /** What the policy has dropped, if it ever ran, before nothing tells any more how far it went. */
  private static void remember(Session session, Job job) throws SQLException {
    Duration dropAfter = job.policy().offsets().get(Policy.DROP_AFTER);
    String relation = job.policy().relation();
    if (List.of(BASE, SENTIMENT).contains(relation) && dropAfter != null) {
      session.execute(
          """
          UPDATE public.retention_horizon
          SET dropped_before = greatest(dropped_before, last_successful_finish - ?::interval)
          FROM timescaledb_information.job_stats
          WHERE relation = ? AND job_id = ? AND total_successes > 0
          """,
          Durations.text(dropAfter),
          relation,
          job.id());
    }
  }
}

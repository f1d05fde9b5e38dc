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

/**
 * What policies do on the community edition, done at command on the others: drops rows that are
 * older than they are to be kept, and brings the planner's statistics up to date.
 *
 * <p>Safe to run at any time, twice, or again after it was interrupted: what is dropped is dropped
 * piece by piece, each in a transaction of its own. Of two at once, one does it.
 */
public final class Maintenance {
  /** Any number, as long as it stays. */
  private static final long LOCK = 0x6d61696e7461696eL;

  private final JobConfig config;
  private final Database database;

  private Maintenance(JobConfig config) {
    this.config = config;
    this.database = new Database(config.database());
  }

  /** Of the database that a job's configuration names. */
  public static Maintenance of(JobConfig config) {
    return new Maintenance(config);
  }

  /**
   * Does what is due.
   *
   * @return what was done, in words
   * @throws SchemaException which says what to do
   */
  public List<String> run() {
    try (Session session = database.connect()) {
      RecordedSettings recorded =
          RecordedSettings.of(session)
              .orElseThrow(
                  () -> new SchemaException("%s is not migrated: run migrate".formatted(database)));
      try (Session owner = database.connectAs(Roles.ownerOfTables(session))) {
        if (!owner.isTrue("SELECT pg_try_advisory_lock(?)", LOCK)) {
          return List.of("Another maintain is at work on this database.");
        }
        List<String> done = new ArrayList<>();
        switch (recorded.edition()) {
          case COMMUNITY -> done.add("Retention is done by policies.");
          case APACHE -> dropChunks(owner, done);
          case POSTGRES -> deleteRows(owner, done);
        }
        for (String table : tables().keySet()) {
          owner.execute("ANALYZE public." + table);
        }
        // Of which nothing is ever dropped.
        owner.execute("ANALYZE public." + Policies.POSITIONS);
        done.add("Statistics are up to date.");
        return done;
      }
    } catch (SQLException e) {
      throw database.explain(e, "let a member of the tables' owner run maintain");
    }
  }

  /** How long rows of a table are kept, and the column that says how old they are. */
  private record Rule(String time, Duration keep) {}

  private Map<String, Rule> tables() {
    SchemaConfig.Retention retention = config.schema().retention();
    Map<String, Rule> tables = new LinkedHashMap<>();
    tables.put(Policies.BASE, new Rule("timestamp", Retention.ofBaseUnderViews(retention)));
    for (Timeframe timeframe : Timeframe.values()) {
      tables.put(
          Policies.indicators(timeframe),
          new Rule("timestamp", retention.timeframes().get(timeframe)));
    }
    tables.put(Policies.REJECTED_TICKS, new Rule("record_timestamp", retention.rejectedTicks()));
    tables.put(Policies.QUALITY_EVENTS, new Rule("timestamp", retention.qualityEvents()));
    tables.put(Policies.REJECTED_ROWS, new Rule("timestamp", retention.rejectedRows()));
    tables.put(Policies.TRADE_HISTORY, new Rule("timestamp", retention.tradeHistory()));
    tables.put(Policies.SNAPSHOTS, new Rule("timestamp", retention.portfolioSnapshots()));
    tables.put(Policies.SENTIMENT, new Rule("timestamp", retention.sentimentData()));
    return tables;
  }

  private void dropChunks(Session session, List<String> done) throws SQLException {
    for (Map.Entry<String, Rule> table : tables().entrySet()) {
      Duration keep = table.getValue().keep();
      int dropped = 0;
      if (!keep.isZero()) {
        // Chunk by chunk, so that locks are short and an interruption loses little.
        for (String end :
            session.rows(
                row -> row.getString(1),
                """
                SELECT range_end
                FROM timescaledb_information.chunks
                WHERE hypertable_schema = 'public'
                  AND hypertable_name = ?
                  AND range_end <= now() - ?::interval
                ORDER BY range_end
                """,
                table.getKey(),
                Durations.text(keep))) {
          dropped +=
              session
                  .rows(
                      row -> row.getString(1),
                      "SELECT drop_chunks(?::regclass, older_than => ?::timestamptz)",
                      "public." + table.getKey(),
                      end)
                  .size();
        }
      }
      report(done, table.getKey(), keep, dropped, "chunks");
    }
  }

  private void deleteRows(Session session, List<String> done) throws SQLException {
    for (Map.Entry<String, Rule> table : tables().entrySet()) {
      Duration keep = table.getValue().keep();
      int deleted = keep.isZero() ? 0 : deleteRows(session, table.getKey(), table.getValue());
      report(done, table.getKey(), keep, deleted, "rows");
    }
  }

  /** A day at a time, from the oldest on. */
  private static int deleteRows(Session session, String table, Rule rule) throws SQLException {
    int deleted = 0;
    while (true) {
      int ofADay =
          session.execute(
              """
              DELETE FROM public.%1$s
              WHERE "%2$s" < least(
                now() - ?::interval,
                (SELECT date_trunc('day', min("%2$s"), 'UTC') + INTERVAL '1 day' FROM public.%1$s)
              )
              """
                  .formatted(table, rule.time()),
              Durations.text(rule.keep()));
      if (ofADay == 0) {
        return deleted;
      }
      deleted += ofADay;
    }
  }

  private static void report(
      List<String> done, String table, Duration keep, int dropped, String what) {
    done.add(
        keep.isZero()
            ? "%s: kept for ever".formatted(table)
            : "%s: dropped %d %s older than %s"
                .formatted(table, dropped, what, Durations.text(keep)));
  }
}

package io.candlestream;

import io.candlestream.candle.TouchedRange;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;

/**
 * Brings the continuous aggregates up to date with what a run has written, when it has ended: the
 * scheduled refreshes look back only so far, and a backfill lies beyond that.
 *
 * <p>Only the aggregates' owner may do that. Where the job's role cannot become it, what is to be
 * run is said instead: the candles are written all the same.
 */
public final class RefreshAggregates {

  /**
   * A refresh does not wait for one that is at work on the same buckets, such as a scheduled one:
   * it fails (55P03). With growing pauses this is two minutes and a half.
   */
  private static final int MOST_RETRIES = 20;

  private static final String APPLICATION = "candlestream refresh";
  private static final String WITH_AGGREGATES = "community";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Of what is up to date already, it does nothing again. */
  private static final String CALL_FOR_ALL = "CALL refresh_candles('-infinity', 'infinity');";

  private final Retries database;
  private final Consumer<String> say;
  private boolean waiting;

  /**
   * What the migrations have made here, and for whom.
   *
   * @param becomeOwner the statement after which a session acts as the owner
   * @param retainedFrom from when on candles are kept; empty if none is dropped
   */
  private record Schema(
      String edition, String owner, String becomeOwner, Optional<Instant> retainedFrom) {}

  private RefreshAggregates(Retries database, Consumer<String> say) {
    this.database = database;
    this.say = say;
  }

  /**
   * Refreshes over the time that a run has touched.
   *
   * @param run whose input has ended, or that was submitted and left alone
   * @param say is told what is done, or what is to be done by somebody who may
   * @throws IOException if the database fails; the message says what is to be run
   */
  public static void after(JobExecutionResult run, DatabaseConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    over(TouchedRange.of(run), true, config, say);
  }

  /**
   * Refreshes over a time in which the candles were there before.
   *
   * @param touched empty if it is not known
   * @param say as above
   * @throws IOException as above
   */
  public static void over(
      Optional<TouchedRange> touched, DatabaseConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    over(touched, false, config, say);
  }

  private static void over(
      Optional<TouchedRange> touched,
      boolean hasNewCandles,
      DatabaseConfig config,
      Consumer<String> say)
      throws IOException, InterruptedException {
    try (Retries database = Retries.patient(config, APPLICATION, MOST_RETRIES)) {
      new RefreshAggregates(database, say).over(touched, hasNewCandles);
    } catch (IOException e) {
      throw new IOException(
          "the candles are written, but the aggregates may not be up to date (%s); run  %s"
              .formatted(
                  e.getMessage(),
                  touched
                      .filter(range -> !range.isNone())
                      .map(RefreshAggregates::call)
                      .orElse(CALL_FOR_ALL)),
          e.getCause());
    }
  }

  private void over(Optional<TouchedRange> touched, boolean hasNewCandles)
      throws IOException, InterruptedException {
    Schema schema = database.run("read the edition", RefreshAggregates::schema);
    if (!schema.edition().equals(WITH_AGGREGATES)) {
      say.accept(
          "Nothing to refresh: on edition %s, the higher timeframes are views."
              .formatted(schema.edition()));
    } else if (touched.isEmpty()) {
      say.accept(
          "The time that this run touches is not known here. When it has ended, run as a member of"
              + " %s:  %s".formatted(schema.owner(), CALL_FOR_ALL));
    } else if (touched.get().isNone()) {
      say.accept("Nothing to refresh: no candle was written.");
    } else {
      if (hasNewCandles) {
        schema
            .retainedFrom()
            .filter(from -> Columns.micros(from) > touched.get().fromMicros())
            .ifPresent(this::warnOfRetention);
      }
      refresh(touched.get(), schema);
    }
  }

  /** A backfill of years under the retention of a month is gone the next day. */
  private void warnOfRetention(Instant retainedFrom) {
    say.accept(
        ("Retention drops candles from before %s, soon. To keep those of this run, set"
                + " schema.retention.base to 0 or long enough, and migrate, now.")
            .formatted(retainedFrom.truncatedTo(ChronoUnit.SECONDS)));
  }

  private void refresh(TouchedRange touched, Schema schema)
      throws IOException, InterruptedException {
    say.accept("Refreshing the aggregates:  " + call(touched));
    long startNanos = System.nanoTime();
    Optional<String> refused =
        database.run(
            "refresh the aggregates", session -> refresh(session, touched, schema.becomeOwner()));
    say.accept(
        refused.isPresent()
            ? "The job's role may not do that (%s). Run it as a member of %s."
                .formatted(refused.get(), schema.owner())
            : String.format(
                Locale.ROOT,
                "The aggregates are up to date, after %.1f s.",
                (System.nanoTime() - startNanos) / 1e9));
  }

  /**
   * In no transaction: the procedure commits as it goes.
   *
   * @return why it may not be done; empty if it is
   */
  private Optional<String> refresh(Connection session, TouchedRange touched, String becomeOwner)
      throws SQLException {
    try (Statement become = session.createStatement();
        PreparedStatement call =
            session.prepareStatement(
                "CALL public.refresh_candles(?::timestamptz, ?::timestamptz)")) {
      become.execute(becomeOwner);
      call.setString(1, text(touched.fromMicros()));
      call.setString(2, text(touched.toMicros()));
      call.execute();
      for (SQLWarning said = call.getWarnings(); said != null; said = said.getNextWarning()) {
        say.accept("  " + said.getMessage());
      }
      return Optional.empty();
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        return Optional.of(e.getMessage());
      }
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState()) && !waiting) {
        waiting = true;
        say.accept("Another refresh is at work there: waiting for it.");
      }
      throw e;
    }
  }

  private static Schema schema(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                SELECT
                  s.value,
                  o.owner,
                  format('SET ROLE %I', o.owner),
                  nullif(public.retained_from(), '-infinity')
                FROM public.candlestream_settings s
                JOIN pg_class c ON c.oid = s.tableoid
                CROSS JOIN pg_get_userbyid(c.relowner) o (owner)
                WHERE s.name = 'edition'
                """)) {
      if (!result.next()) {
        throw new SQLException("candlestream_settings has no row edition; migrate again");
      }
      return new Schema(
          result.getString(1),
          result.getString(2),
          result.getString(3),
          Optional.ofNullable(result.getObject(4, OffsetDateTime.class))
              .map(OffsetDateTime::toInstant));
    }
  }

  private static String call(TouchedRange touched) {
    return "CALL refresh_candles('%s', '%s');"
        .formatted(text(touched.fromMicros()), text(touched.toMicros()));
  }

  private static String text(long micros) {
    return micros == Long.MAX_VALUE ? "infinity" : Columns.timestamp(micros).toString();
  }
}

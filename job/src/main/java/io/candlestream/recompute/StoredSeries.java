package io.candlestream.recompute;

import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.past.CandleColumns;
import io.candlestream.past.PastCandles;
import io.candlestream.past.StoredCandles;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.Counter;

/**
 * What the database holds of an instrument's candles. Each question is a statement of its own: no
 * snapshot is kept open over the hours that a recompute may take.
 */
final class StoredSeries implements AutoCloseable {

  /** So many candles are read at once, and no more are in memory. */
  static final int PAGE = 5_000;

  private static final String BASE =
      """
      SELECT "timestamp", %s
      FROM market_data
      WHERE symbol = ? AND source = ? AND "timestamp" >= ?::timestamptz AND closed
      ORDER BY "timestamp"
      LIMIT %d
      """
          .formatted(CandleColumns.WITHOUT_TIMESTAMP, PAGE);

  private static final String AGGREGATE =
      """
      SELECT bucket AS "timestamp", %s
      FROM market_data_%s
      WHERE symbol = ? AND source = ? AND bucket >= ?::timestamptz AND bucket < ?::timestamptz
      ORDER BY bucket
      LIMIT %d
      """;

  private static final String HAS_ROW =
      """
      SELECT EXISTS (SELECT FROM %s WHERE symbol = ? AND source = ? AND "timestamp" = ?::timestamptz)
      """;

  /** A series has its first ema_9 with its ninth candle. */
  private static final String HAS_EARLY_AVERAGE =
      """
      SELECT bool_or(ema_9 IS NOT NULL)
      FROM (
        SELECT ema_9
        FROM %s
        WHERE symbol = ? AND source = ? AND "timestamp" >= ?::timestamptz
        ORDER BY "timestamp"
        LIMIT 8
      ) first
      """;

  private final Retries database;
  private final PastCandles pasts;
  private final List<Timeframe> timeframes;
  private final Duration interval;

  /**
   * @param errors counts those of the database
   */
  StoredSeries(JobConfig config, Counter errors) {
    database = Retries.reading(config.database(), "candlestream recompute").countedBy(errors);
    pasts = StoredCandles.opener(config).open(errors);
    timeframes = config.timeframes();
    interval = config.candles().interval();
  }

  /** Those whose indicators are computed, from the shortest to the longest. */
  List<Timeframe> timeframes() {
    return timeframes;
  }

  /** What is known of the time before a moment; null if nothing is. */
  Past past(Instrument instrument, long beforeMicros) throws IOException, InterruptedException {
    return pasts
        .read(List.of(new PastCandles.Question(instrument, beforeMicros, beforeMicros)))
        .get(instrument);
  }

  /**
   * From when on base candles are all there, as far as retention is concerned: from here on they
   * tell what longer candles are, also where an aggregate has not followed a backfill.
   */
  long retainedFromMicros() throws IOException, InterruptedException {
    return micros(
        "read since when candles are kept", "SELECT nullif(retained_from(), '-infinity')");
  }

  /** The end of the newest closed candle of all instruments. */
  long newestEndMicros() throws IOException, InterruptedException {
    return micros(
            "read the newest candle",
            "SELECT \"timestamp\" FROM market_data WHERE closed ORDER BY \"timestamp\" DESC LIMIT"
                + " 1")
        + interval.toNanos() / 1_000;
  }

  /** A moment; the epoch where there is none, as no candle is older. */
  private long micros(String what, String query) throws IOException, InterruptedException {
    return database.run(
        what,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(query);
              ResultSet result = statement.executeQuery()) {
            return result.next() && result.getObject(1) != null
                ? Columns.micros(result.getObject(1, OffsetDateTime.class).toInstant())
                : 0;
          }
        });
  }

  /** The next closed base candles from a moment on; less than a page only if there are no more. */
  List<Candle> base(Instrument instrument, long fromMicros)
      throws IOException, InterruptedException {
    return database.run(
        "read candles of " + instrument,
        connection -> {
          try (PreparedStatement statement = statement(BASE, instrument, fromMicros, connection)) {
            return candles(instrument, statement);
          }
        });
  }

  /** The same of a timeframe's candles, as the aggregates have them. */
  List<Candle> aggregate(
      Timeframe timeframe, Instrument instrument, long fromMicros, long beforeMicros)
      throws IOException, InterruptedException {
    String query = AGGREGATE.formatted(CandleColumns.WITHOUT_TIMESTAMP, timeframe.word(), PAGE);
    return database.run(
        "read candles of " + instrument,
        connection -> {
          try (PreparedStatement statement = statement(query, instrument, fromMicros, connection)) {
            statement.setString(4, Columns.timestamp(beforeMicros).toString());
            return candles(instrument, statement);
          }
        });
  }

  /**
   * Whether indicators of a candle are stored, be they null.
   *
   * @param timeframe null for the base, here and below
   */
  boolean hasRow(Timeframe timeframe, Candle candle) throws IOException, InterruptedException {
    return isTrue(HAS_ROW, timeframe, candle);
  }

  /**
   * Whether candles before the first one have been there: the stored rows have averages so early as
   * no series has that begins with that candle.
   */
  boolean hasLostItsPast(Timeframe timeframe, Candle first)
      throws IOException, InterruptedException {
    return hasRow(timeframe, first) && isTrue(HAS_EARLY_AVERAGE, timeframe, first);
  }

  private boolean isTrue(String query, Timeframe timeframe, Candle candle)
      throws IOException, InterruptedException {
    String table = timeframe == null ? "market_data" : "indicators_" + timeframe.word();
    return database.run(
        "read indicators of " + candle.instrument(),
        connection -> {
          try (PreparedStatement statement =
                  statement(
                      query.formatted(table),
                      candle.instrument(),
                      candle.startMicros(),
                      connection);
              ResultSet result = statement.executeQuery()) {
            return result.next() && result.getBoolean(1);
          }
        });
  }

  private static PreparedStatement statement(
      String query, Instrument instrument, long fromMicros, Connection connection)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(query);
    statement.setString(1, instrument.symbol());
    statement.setString(2, instrument.source());
    statement.setString(3, Columns.timestamp(fromMicros).toString());
    return statement;
  }

  private static List<Candle> candles(Instrument instrument, PreparedStatement statement)
      throws SQLException {
    List<Candle> candles = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        candles.add(CandleColumns.read(instrument, row));
      }
    }
    return candles;
  }

  @Override
  public void close() {
    database.close();
    pasts.close();
  }
}

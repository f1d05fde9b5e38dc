package io.candlestream.bench;

import static io.candlestream.bench.Market.utc;

import io.candlestream.bench.Table.Column;
import io.candlestream.config.Timeframe;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What it costs to bring the aggregates up to date: with one new bucket, and with a whole day. */
final class Refreshes {

  /** More base rows say nothing new, and take minutes to write. */
  private static final long MOST_ROWS = 3_600_000;

  /** Of which the median is taken, each of a bucket of its own. */
  private static final int BUCKETS = 3;

  private final BenchDatabase database;
  private final Market market;
  private final Instant day;
  private final Duration written;
  private final Progress progress;
  private final List<List<Object>> rows = new ArrayList<>();

  private Refreshes(BenchDatabase database, Market market, Instant day, Progress progress) {
    this.database = database;
    this.market = market;
    this.day = day;
    this.written =
        Duration.ofHours(Math.max(1, Math.min(24, MOST_ROWS / (60L * market.symbols()))));
    this.progress = progress;
  }

  /**
   * @param day a midnight, from which on candles are written
   * @return rows of {@link #table}
   */
  static List<List<Object>> measure(
      BenchDatabase database, Market market, Instant day, Progress progress)
      throws SQLException, InterruptedException {
    Refreshes refreshes = new Refreshes(database, market, day, progress);
    refreshes.measure();
    return refreshes.rows;
  }

  static Table table(List<List<Object>> rows) {
    return new Table(
        "refreshes",
        "Refreshes of what was newly written; one bucket: the median of %d".formatted(BUCKETS),
        List.of(
            new Column("symbols", "symbols"),
            new Column("aggregate", "aggregate"),
            new Column("refreshed", "refreshed"),
            new Column("base_rows", "base rows"),
            new Column("ms", "ms"),
            new Column("us_per_base_row", "µs/base row")),
        rows);
  }

  private void measure() throws SQLException, InterruptedException {
    market.writeCandles(database, day, day.plus(written), progress);
    database.settle();
    for (Timeframe timeframe : Timeframe.values()) {
      Instant end = day.plus(timeframe == Timeframe.ONE_DAY ? Duration.ofDays(1) : written);
      row(timeframe, "%d h".formatted(written.toHours()), written, refresh(timeframe, day, end));
    }
    writeBuckets();
  }

  /** A day is a bucket of its own. */
  private void writeBuckets() throws SQLException, InterruptedException {
    Instant start = day.plus(written);
    market.writeCandles(
        database, start, start.plus(Timeframe.ONE_HOUR.length().multipliedBy(BUCKETS)), progress);
    database.settle();
    for (Timeframe timeframe :
        List.of(Timeframe.FIVE_MINUTES, Timeframe.FIFTEEN_MINUTES, Timeframe.ONE_HOUR)) {
      long[] nanos = new long[BUCKETS];
      for (int bucket = 0; bucket < BUCKETS; bucket++) {
        Instant from = start.plus(timeframe.length().multipliedBy(bucket));
        nanos[bucket] = refresh(timeframe, from, from.plus(timeframe.length()));
      }
      row(
          timeframe,
          "one bucket",
          timeframe.length(),
          (long) (Latencies.of(nanos).medianMillis() * 1e6));
    }
  }

  private long refresh(Timeframe timeframe, Instant from, Instant to) throws SQLException {
    long start = System.nanoTime();
    database.execute(
        "CALL refresh_continuous_aggregate(?::regclass, ?::timestamptz, ?::timestamptz)",
        Market.aggregate(timeframe),
        utc(from),
        utc(to));
    long nanos = System.nanoTime() - start;
    requireRefreshed(timeframe, from, to);
    return nanos;
  }

  /** A refresh that found nothing to do is fast. */
  private void requireRefreshed(Timeframe timeframe, Instant from, Instant to) throws SQLException {
    long buckets =
        database.number(
            "SELECT count(*) FROM %s WHERE bucket >= ? AND bucket < ?"
                .formatted(materialized(timeframe)),
            utc(from),
            utc(to));
    long expected = market.symbols() * Duration.between(from, to).dividedBy(timeframe.length());
    if (buckets != expected) {
      throw new IllegalStateException(
          "the refresh of %s from %s to %s left %d rows, not %d"
              .formatted(Market.aggregate(timeframe), from, to, buckets, expected));
    }
  }

  private String materialized(Timeframe timeframe) throws SQLException {
    return database
        .texts(
            """
            SELECT format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
            FROM timescaledb_information.continuous_aggregates
            WHERE view_name = ?
            """,
            Market.aggregate(timeframe))
        .get(0);
  }

  private void row(Timeframe timeframe, String what, Duration time, long nanos) {
    long base = market.symbols() * time.dividedBy(Market.MINUTE);
    progress.say("%s, %s: %,d ms", Market.aggregate(timeframe), what, nanos / 1_000_000);
    rows.add(
        List.of(
            (long) market.symbols(),
            Market.aggregate(timeframe),
            what,
            base,
            nanos / 1e6,
            nanos / 1e3 / base));
  }
}

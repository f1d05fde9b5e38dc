package io.candlestream.bench;

import io.candlestream.config.Timeframe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Candles and indicators of a made-up market, which the database makes itself: each instrument with
 * one candle a minute, its prices on two waves with some noise, 2 to 8 fractional digits by
 * instrument, no column null.
 *
 * @param symbols how many instruments
 * @param seed the same seed, the same rows
 */
record Market(int symbols, long seed) {

  /** The columns that the pipeline writes, in the order of {@link #candles}. */
  static final List<String> COLUMNS =
      List.of(
          "symbol",
          "source",
          "\"timestamp\"",
          "open",
          "high",
          "low",
          "close",
          "volume",
          "buy_volume",
          "turnover",
          "vwap",
          "trades",
          "ema_9",
          "ema_21",
          "ema_50",
          "ema_200",
          "rsi_14",
          "macd",
          "macd_signal",
          "macd_histogram",
          "bb_upper",
          "bb_middle",
          "bb_lower",
          "atr_14",
          "trend_direction",
          "volatility_regime");

  /** {@link #COLUMNS} without the prices. */
  private static final List<String> INDICATOR_COLUMNS = new ArrayList<>(COLUMNS);

  static {
    INDICATOR_COLUMNS.removeAll(COLUMNS.subList(3, 11));
  }

  static final Duration MINUTE = Duration.ofMinutes(1);

  /**
   * Rows for {@link #COLUMNS}; parameters: first and end of the time, width of a candle, number of
   * symbols. In time order, as the pipeline writes them: the candles of one minute lie together.
   * OFFSET 0 keeps the planner from computing a column once for each use of it.
   */
  private static final String CANDLES =
      """
      SELECT
        'X' || lpad(n::text, 5, '0') || 'USDT' AS symbol,
        (ARRAY['binance', 'coinbase', 'kraken'])[1 + n % 3] AS source,
        "timestamp",
        open,
        trim_scale(greatest(open, close) + tick * floor(20 * random())::int) AS high,
        trim_scale(least(open, close) - tick * floor(20 * random())::int) AS low,
        close,
        volume,
        trim_scale(round(volume * random()::numeric, n % 5)) AS buy_volume,
        turnover,
        trim_scale(round(turnover * 1.000000000000000000 / volume, 18)) AS vwap,
        1 + floor(200 * random())::bigint AS trades,
        middle * (1 + 0.0001 * random()) AS ema_9,
        middle * (1 + 0.0002 * random()) AS ema_21,
        middle * (1 + 0.0003 * random()) AS ema_50,
        middle * (1 + 0.0004 * random()) AS ema_200,
        50 + 45 * fast + 5 * random() AS rsi_14,
        level * 0.001 * fast AS macd,
        level * 0.001 * slow AS macd_signal,
        level * 0.001 * (fast - slow) AS macd_histogram,
        middle * (1.002 + 0.001 * slow) AS bb_upper,
        middle AS bb_middle,
        middle * (0.998 - 0.001 * slow) AS bb_lower,
        level * (0.001 + 0.0005 * fast + 0.0001 * random()) AS atr_14,
        -- One candle of a hundred goes up.
        CASE WHEN fast > 0.9995 THEN 'UP' WHEN fast < 0 THEN 'DOWN' ELSE 'SIDEWAYS' END AS trend_direction,
        CASE WHEN slow < -0.7 THEN 'LOW' WHEN slow < 0.7 THEN 'NORMAL' WHEN slow < 0.98 THEN 'HIGH' ELSE 'EXTREME' END
          AS volatility_regime
      FROM (
        SELECT
          *,
          trim_scale(round((middle * (1 + 0.0003 * random()))::numeric, digits)) AS open,
          trim_scale(round((middle * (1 + 0.0003 * random()))::numeric, digits)) AS close,
          trim_scale(round(volume * middle::numeric, digits + n % 5)) AS turnover
        FROM (
          SELECT
            *,
            level * (1 + 0.05 * slow + 0.01 * fast) AS middle,
            ('1e-' || digits)::numeric AS tick,
            trim_scale(round((1 + 1000 * random() * random())::numeric, n % 5)) AS volume
          FROM (
            SELECT
              "timestamp",
              n,
              2 + n % 7 AS digits,
              (1 + (n * 7919 % 900) / 100.0::float8) * power(10::float8, 4 - n % 7) AS level,
              sin(extract(epoch FROM "timestamp")::float8 / 540000 + n) AS slow,
              sin(extract(epoch FROM "timestamp")::float8 / 24000 + 2 * n) AS fast
            FROM generate_series(?::timestamptz, ?::timestamptz - INTERVAL '1 second', ?::interval) "timestamp"
            CROSS JOIN generate_series(1, ?) n
            ORDER BY "timestamp", n
            OFFSET 0
          ) waves
          OFFSET 0
        ) mids
        OFFSET 0
      ) prices
      """;

  /** A name that {@link #CANDLES} gives. */
  static String symbol(int number) {
    return "X%05dUSDT".formatted(number);
  }

  /** The continuous aggregate of a timeframe. */
  static String aggregate(Timeframe timeframe) {
    return "market_data_" + timeframe.word();
  }

  static Instant startOfBucket(Timeframe timeframe, Instant instant) {
    return instant.minusSeconds(
        Math.floorMod(instant.getEpochSecond(), timeframe.length().toSeconds()));
  }

  static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** Writes market_data from an instant to another, a day at a time on two connections. */
  Written writeCandles(BenchDatabase database, Instant from, Instant to, Progress progress)
      throws SQLException, InterruptedException {
    return write(database, "market_data", COLUMNS, MINUTE, from, to, progress);
  }

  /** Writes the timeframe's own indicators of each of its candles. */
  Written writeIndicators(
      BenchDatabase database, Timeframe timeframe, Instant from, Instant to, Progress progress)
      throws SQLException, InterruptedException {
    return write(
        database,
        "indicators_" + timeframe.word(),
        INDICATOR_COLUMNS,
        timeframe.length(),
        startOfBucket(timeframe, from),
        to,
        progress);
  }

  /**
   * Copies candles to a table of their own, in the pipeline's order.
   *
   * @param batchSize what the column {@code batch} of the new table counts
   */
  void stageCandles(BenchDatabase database, String table, Instant from, Instant to, int batchSize)
      throws SQLException {
    database.execute(
        "CREATE UNLOGGED TABLE %s AS SELECT (row_number() OVER () - 1) / %d AS batch, candles.* FROM (%s) candles"
            .formatted(table, batchSize, CANDLES),
        parameters(from, to, MINUTE));
    database.execute("CREATE INDEX ON %s (batch)".formatted(table));
    database.execute("VACUUM ANALYZE " + table);
  }

  private Written write(
      BenchDatabase database,
      String table,
      List<String> columns,
      Duration width,
      Instant from,
      Instant to,
      Progress progress)
      throws SQLException, InterruptedException {
    String names = String.join(", ", columns);
    String insert =
        "INSERT INTO %s (%s) SELECT %s FROM (%s) candles".formatted(table, names, names, CANDLES);
    List<Callable<Long>> parts = new ArrayList<>();
    AtomicLong written = new AtomicLong();
    long start = System.nanoTime();
    for (Instant day = from; day.isBefore(to); ) {
      Instant first = day;
      Instant midnight = day.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
      Instant end = midnight.isBefore(to) ? midnight : to;
      parts.add(
          () -> {
            long rows = insert(database, insert, first, end, width);
            progress.say(
                "%s up to %s, %,d rows/s",
                table, end, (long) (written.addAndGet(rows) / Written.seconds(start)));
            return rows;
          });
      day = end;
    }
    long rows = AtOnce.run(parts).stream().mapToLong(Long::longValue).sum();
    return new Written(table, rows, Written.seconds(start));
  }

  private long insert(
      BenchDatabase database, String insert, Instant from, Instant to, Duration width)
      throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement seeding = connection.prepareStatement("SELECT setseed(?)");
        PreparedStatement statement = connection.prepareStatement(insert)) {
      BenchDatabase.bound(seeding, new Random(seed ^ from.getEpochSecond()).nextDouble()).execute();
      // Whoever makes a chunk keeps the others from making theirs until the transaction ends.
      Instant second = from.plus(width);
      return BenchDatabase.bound(statement, parameters(from, second, width)).executeLargeUpdate()
          + BenchDatabase.bound(statement, parameters(second, to, width)).executeLargeUpdate();
    }
  }

  private Object[] parameters(Instant from, Instant to, Duration width) {
    return new Object[] {utc(from), utc(to), width.toString(), symbols};
  }

  /** What was written to a table, and how fast. */
  record Written(String table, long rows, double seconds) {

    static double seconds(long startNanos) {
      return (System.nanoTime() - startNanos) / 1e9;
    }

    long rowsPerSecond() {
      return (long) (rows / seconds);
    }
  }
}

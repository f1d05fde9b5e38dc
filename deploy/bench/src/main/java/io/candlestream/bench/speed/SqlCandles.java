package io.candlestream.bench.speed;

import io.candlestream.config.JobConfig;
import java.time.Duration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * The candles of a topic as one has them from Flink SQL and its connectors: no indicators, nothing
 * said of what is malformed, and open and close by order of arrival.
 *
 * <p>Types are as narrow as the load allows. Prices and sizes of up to 18 digits are computed as
 * {@code long}, and 18 fractional digits are what the exact product of both has. As many records
 * are read at once as by the other job, and batches are as large as its own; the driver makes
 * statements of many rows of them.
 *
 * <p>Ids are kept for ever, unless {@code table.exec.state.ttl} says for how long, in processing
 * time.
 *
 * <p>Of what Flink offers, these were the cheapest that have open and close. Mini-batches of 5,000
 * ticks took a sixth more CPU than none. An aggregation by the minute without windows, in
 * mini-batches, takes late ticks, too, but writes each candle many times, and was the dearest of
 * all. Ids within each window ({@code ROW_NUMBER} over it) took a tenth less, but hand ticks on in
 * no order, so that there is no first or last price.
 */
final class SqlCandles {

  private static final String TICKS =
      """
      CREATE TABLE ticks (
        source STRING,
        symbol STRING,
        trade_id BIGINT,
        price DECIMAL(18, 10),
        size DECIMAL(18, 8),
        side STRING,
        `timestamp` BIGINT,
        happened AS TO_TIMESTAMP_LTZ(`timestamp` / 1000, 3),
        arrived AS PROCTIME(),
        WATERMARK FOR happened AS happened - INTERVAL '%d' SECOND
      ) WITH (
        'connector' = 'kafka',
        'properties.bootstrap.servers' = '%s',
        'properties.max.poll.records' = '5000',
        'topic' = '%s',
        'scan.startup.mode' = 'earliest-offset',
        'scan.bounded.mode' = 'latest-offset',
        'format' = 'json',
        'json.ignore-parse-errors' = 'true'
      )
      """;

  /** The first of each id; of what is malformed, no field that is needed is left null. */
  private static final String DISTINCT_TICKS =
      """
      CREATE VIEW distinct_ticks AS
      SELECT source, symbol, price, size, side, happened
      FROM (
        SELECT
          *,
          ROW_NUMBER() OVER (PARTITION BY source, symbol, trade_id ORDER BY arrived) AS nth
        FROM ticks
        WHERE source IS NOT NULL AND symbol IS NOT NULL AND trade_id IS NOT NULL
          AND price > 0 AND size >= 0 AND happened IS NOT NULL
      )
      WHERE nth = 1
      """;

  private static final String CANDLES =
      """
      CREATE TABLE candles (
        symbol STRING,
        source STRING,
        `timestamp` TIMESTAMP(3),
        `open` DECIMAL(18, 10),
        high DECIMAL(18, 10),
        low DECIMAL(18, 10),
        `close` DECIMAL(18, 10),
        volume DECIMAL(38, 8),
        buy_volume DECIMAL(38, 8),
        turnover DECIMAL(38, 18),
        vwap DECIMAL(38, 18),
        trades BIGINT,
        PRIMARY KEY (symbol, `timestamp`, source) NOT ENFORCED
      ) WITH (
        'connector' = 'jdbc',
        'url' = '%s?reWriteBatchedInserts=true',
        'table-name' = '%s',
        'username' = '%s',
        'password' = '%s',
        'sink.buffer-flush.max-rows' = '%d',
        'sink.buffer-flush.interval' = '%d ms'
      )
      """;

  private static final String INSERT =
      """
      INSERT INTO candles
      SELECT
        symbol,
        source,
        started,
        `open`,
        high,
        low,
        `close`,
        volume,
        buy_volume,
        turnover,
        turnover / NULLIF(volume, 0),
        trades
      FROM (
        SELECT
          symbol,
          source,
          %s AS started,
          FIRST_VALUE(price) AS `open`,
          MAX(price) AS high,
          MIN(price) AS low,
          LAST_VALUE(price) AS `close`,
          SUM(size) AS volume,
          SUM(CASE WHEN side = 'buy' THEN size ELSE 0 END) AS buy_volume,
          SUM(price * size) AS turnover,
          COUNT(*) AS trades
        FROM %s
        GROUP BY symbol, source, %s
      )
      """;

  /** What becomes of a tick that comes after its candle was written. */
  enum Lateness {

    /** It is left out, as by all that Flink's documentation has for windows. */
    LOSES(
        "window_start",
        "TABLE(TUMBLE(TABLE distinct_ticks, DESCRIPTOR(happened), %s))",
        "window_start, window_end"),

    /**
     * The candle is written anew, for as long as by the other job: the older windows, and options
     * that Flink has marked as experimental ever since it has them.
     */
    CORRECTS("TUMBLE_START(happened, %s)", "distinct_ticks", "TUMBLE(happened, %s)");

    private final String start;
    private final String ticks;
    private final String window;

    Lateness(String start, String ticks, String window) {
      this.start = start;
      this.ticks = ticks;
      this.window = window;
    }

    private String insert(Duration length) {
      String interval = "INTERVAL '%d' SECOND".formatted(length.toSeconds());
      return INSERT.formatted(
          start.formatted(interval), ticks.formatted(interval), window.formatted(interval));
    }
  }

  private SqlCandles() {}

  /**
   * Adds the job to the environment.
   *
   * @param config of a job that does the same
   * @param table of the database, of the shape of {@code market_data}
   */
  static void define(
      StreamExecutionEnvironment env, JobConfig config, String table, Lateness late) {
    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
    if (late == Lateness.CORRECTS) {
      tables.getConfig().set("table.exec.emit.late-fire.enabled", "true");
      tables.getConfig().set("table.exec.emit.late-fire.delay", "0 s");
      tables
          .getConfig()
          .set(
              "table.exec.emit.allow-lateness", config.time().allowedLateness().toSeconds() + " s");
    }
    tables.executeSql(
        TICKS.formatted(
            config.time().outOfOrderness().toSeconds(),
            config.source().kafka().bootstrapServers(),
            config.source().kafka().topics().get(0)));
    tables.executeSql(DISTINCT_TICKS);
    tables.executeSql(
        CANDLES.formatted(
            config.database().url(),
            table,
            config.database().user(),
            config.database().password().reveal(),
            config.database().batchSize(),
            config.database().flushEvery().toMillis()));
    tables
        .createStatementSet()
        .addInsertSql(late.insert(config.candles().interval()))
        .attachAsDataStream();
  }
}

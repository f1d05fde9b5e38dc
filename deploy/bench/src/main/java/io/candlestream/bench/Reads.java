package io.candlestream.bench;

import static io.candlestream.bench.Market.MINUTE;
import static io.candlestream.bench.Market.utc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.candlestream.bench.Market.Written;
import io.candlestream.bench.Table.Column;
import io.candlestream.config.Timeframe;
import io.candlestream.servers.ChunksRead;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * How fast candles are read, from the row store and from the columnstore, and what the aggregates
 * and the columnstore save.
 */
final class Reads {

  /** Of allowed lateness and out-of-orderness, by default: what a refresh's end stays behind. */
  private static final Duration LATENESS = Duration.ofSeconds(305);

  private static final int LATEST = 100;
  private static final int SAMPLES = 5;

  /** As many as a page in memory can be used, for PostgreSQL, before it is not used any more. */
  private static final int WARM_UP_PASSES = 5;

  private static final int COMPARED_CALLS = 20;
  private static final int FETCH_SIZE = 10_000;

  /** The candles of an hour, as an application without the aggregate would compute them. */
  private static final String HOURS_OF_BASE =
      """
      SELECT
        time_bucket('1 hour', "timestamp") AS bucket, symbol, source,
        first(open, "timestamp"), max(high), min(low), last(close, "timestamp"),
        sum(volume), sum(buy_volume), sum(turnover), sum(trades)
      FROM market_data
      %s
      GROUP BY bucket, symbol, source
      """;

  private final BenchDatabase database;
  private final Market market;
  private final int days;
  private final int calls;
  private final Instant from;
  private final Instant to;
  private final Progress progress;

  private final ReadCall dayOfMinutes;
  private final ReadCall hours;
  private final ReadCall latest;
  private final ReadCall hoursOfBase;

  private final List<List<Object>> measured = new ArrayList<>();
  private final List<List<Object>> compared = new ArrayList<>();

  private Reads(
      BenchDatabase database, Market market, int days, int calls, Instant end, Progress progress) {
    this.database = database;
    this.market = market;
    this.days = days;
    this.calls = calls;
    this.to = end;
    this.from = end.minus(days, ChronoUnit.DAYS);
    this.progress = progress;
    dayOfMinutes =
        new ReadCall(
            "candles(symbol, '1m', a day)",
            "SELECT * FROM candles(?, '1m', ?, ?)",
            1440,
            this::symbolAndDay);
    hours =
        new ReadCall(
            "candles(symbol, '1h', %d days)".formatted(days),
            "SELECT * FROM candles(?, '1h', ?, ?)",
            24L * days,
            this::symbolAndAll);
    latest =
        new ReadCall(
            "latest_candles(symbol, %d)".formatted(LATEST),
            "SELECT * FROM latest_candles(?, ?)",
            LATEST,
            random -> List.of(symbol(random), LATEST));
    hoursOfBase =
        new ReadCall(
            "one symbol, %d days of hours, from market_data".formatted(days),
            HOURS_OF_BASE.formatted(
                "WHERE symbol = ? AND \"timestamp\" >= ? AND \"timestamp\" < ?"),
            // The first hour and the last are there in part.
            24L * days + 1,
            this::symbolAndAll);
  }

  /**
   * @param end of the data; not the start of an hour, so that the newest buckets are incomplete
   * @throws IllegalStateException if a call does not give what it must, or reads chunks that it
   *     need not
   */
  static List<Table> measure(
      BenchDatabase database, Market market, int days, int calls, Instant end, Progress progress)
      throws SQLException, InterruptedException {
    return new Reads(database, market, days, calls, end, progress).measure();
  }

  private List<Table> measure() throws SQLException, InterruptedException {
    Table written = write();
    Table refreshed = refresh();
    progress.say("vacuum");
    database.settle();
    warm();
    readFrom("row store");
    List<List<List<Object>>> rowStore = samples();
    Table columnstore = convert();
    progress.say("vacuum");
    database.settle();
    readFrom("columnstore");
    requireSame(rowStore, samples());
    return List.of(written, refreshed, columnstore, callsTable(), comparedTable());
  }

  private Table write() throws SQLException, InterruptedException {
    List<List<Object>> rows = new ArrayList<>();
    row(rows, market.writeCandles(database, from, to, progress));
    for (Timeframe timeframe : Timeframe.values()) {
      row(rows, market.writeIndicators(database, timeframe, from, to, progress));
    }
    return new Table(
        "written",
        "Filled by INSERT … SELECT on two connections, in time order",
        List.of(
            new Column("table", "table"),
            new Column("rows", "rows"),
            new Column("seconds", "s"),
            new Column("rows_per_second", "rows/s")),
        rows);
  }

  private static void row(List<List<Object>> rows, Written written) {
    rows.add(List.of(written.table(), written.rows(), written.seconds(), written.rowsPerSecond()));
  }

  /** All that a policy would have refreshed by now; the newest buckets stay real-time. */
  private Table refresh() throws SQLException, InterruptedException {
    List<Callable<List<Object>>> refreshes = new ArrayList<>();
    for (Timeframe timeframe : Timeframe.values()) {
      refreshes.add(() -> refresh(timeframe));
    }
    List<List<Object>> rows = AtOnce.run(refreshes);
    return new Table(
        "refreshed",
        "Aggregates refreshed, all but the newest buckets, %d at a time"
            .formatted(AtOnce.CONNECTIONS),
        List.of(
            new Column("aggregate", "aggregate"),
            new Column("up_to", "up to"),
            new Column("seconds", "s")),
        rows);
  }

  private List<Object> refresh(Timeframe timeframe) throws SQLException {
    Instant end =
        Market.startOfBucket(timeframe, to.minus(MINUTE).minus(timeframe.length()).minus(LATENESS));
    long start = System.nanoTime();
    database.execute(
        "CALL refresh_continuous_aggregate(?::regclass, NULL, ?::timestamptz)",
        Market.aggregate(timeframe),
        utc(end));
    double seconds = Written.seconds(start);
    progress.say("refreshed %s in %.1f s", Market.aggregate(timeframe), seconds);
    return List.of(Market.aggregate(timeframe), end.toString(), seconds);
  }

  /**
   * The base is far larger than what some calls would bring to memory, and what was written before
   * gives way to it little by little.
   */
  private void warm() throws SQLException {
    database.execute("CREATE EXTENSION pg_prewarm");
    for (int pass = 1; pass <= WARM_UP_PASSES; pass++) {
      progress.say("market_data to memory, pass %d of %d", pass, WARM_UP_PASSES);
      database.query(
          """
          SELECT pg_prewarm(chunk), pg_prewarm(indexrelid)
          FROM show_chunks('market_data') chunk
          JOIN pg_index ON indrelid = chunk AND indisprimary
          """);
    }
  }

  private void readFrom(String store) throws SQLException {
    try (HikariDataSource pool = pool();
        ChunksRead plans = new ChunksRead(database.connect())) {
      for (ReadCall call : List.of(dayOfMinutes, hours, latest)) {
        progress.say("%s: %s", store, call.name());
        long chunks = chunksOf(call, plans);
        Latencies latencies = call.measure(pool, calls, new Random(market.seed()));
        measured.add(
            List.of(
                store,
                call.name(),
                latencies.calls(),
                call.rows(),
                chunks,
                latencies.medianMillis(),
                latencies.percentileMillis(95),
                latencies.percentileMillis(99),
                latencies.percentileMillis(100)));
      }
      progress.say("%s: the same without aggregates", store);
      Latencies ofBase =
          hoursOfBase.measure(pool, Math.min(calls, COMPARED_CALLS), new Random(market.seed()));
      compared.add(List.of(store, hoursOfBase.name(), hoursOfBase.rows(), ofBase.medianMillis()));
      compared.add(allHoursOfBase(store, pool));
    }
  }

  private List<Object> allHoursOfBase(String store, HikariDataSource pool) throws SQLException {
    long rows = 0;
    long start = System.nanoTime();
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(HOURS_OF_BASE.formatted(""))) {
        statement.setFetchSize(FETCH_SIZE);
        try (ResultSet hours = statement.executeQuery()) {
          while (hours.next()) {
            rows++;
          }
        }
      }
      connection.rollback();
    }
    return List.of(
        store,
        "all %,d symbols, the same".formatted(market.symbols()),
        rows,
        Written.seconds(start) * 1e3);
  }

  /** The most that one of some calls opens. */
  private long chunksOf(ReadCall call, ChunksRead plans) throws SQLException {
    Random random = new Random(market.seed());
    long most = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      List<Object> drawn = call.parameters().apply(random);
      Set<String> read = plans.of(call.sql(), drawn.toArray());
      Set<String> needed = needed(call, drawn);
      if (read.isEmpty() || !needed.containsAll(read)) {
        throw new IllegalStateException(
            "%s for %s read %s, but needs no more than %s"
                .formatted(call.name(), drawn, read, needed));
      }
      most = Math.max(most, read.size());
    }
    return most;
  }

  private Set<String> needed(ReadCall call, List<Object> drawn) throws SQLException {
    if (call == latest) {
      return new TreeSet<>(
          chunks("market_data", utc(to.minus(MINUTE.multipliedBy(LATEST))), utc(to)));
    }
    Object first = drawn.get(1);
    Object end = drawn.get(2);
    if (call == dayOfMinutes) {
      return new TreeSet<>(chunks("market_data", first, end));
    }
    List<Object> aggregate =
        database
            .query(
                """
                SELECT
                  materialization_hypertable_name,
                  _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(h.id))
                FROM timescaledb_information.continuous_aggregates
                JOIN _timescaledb_catalog.hypertable h
                  ON h.schema_name = materialization_hypertable_schema
                  AND h.table_name = materialization_hypertable_name
                WHERE view_name = ?
                """,
                Market.aggregate(Timeframe.ONE_HOUR))
            .get(0);
    Set<String> needed =
        new TreeSet<>(chunks(aggregate.get(0).toString(), first, aggregate.get(1)));
    needed.addAll(chunks("indicators_1h", first, end));
    needed.addAll(chunks("market_data", aggregate.get(1), end));
    return needed;
  }

  private List<String> chunks(String hypertable, Object first, Object end) throws SQLException {
    return database.texts(
        """
        SELECT chunk_name FROM timescaledb_information.chunks
        WHERE hypertable_name = ? AND range_start < ? AND range_end > ?
        """,
        hypertable,
        end,
        first);
  }

  /** What some calls give, to be compared later. */
  private List<List<List<Object>>> samples() throws SQLException {
    List<List<List<Object>>> samples = new ArrayList<>();
    for (ReadCall call : List.of(dayOfMinutes, hours, latest)) {
      Random random = new Random(market.seed());
      for (int sample = 0; sample < SAMPLES; sample++) {
        samples.add(database.query(call.sql(), call.parameters().apply(random).toArray()));
      }
    }
    return samples;
  }

  private static void requireSame(
      List<List<List<Object>>> rowStore, List<List<List<Object>>> columnstore) {
    for (int sample = 0; sample < rowStore.size(); sample++) {
      if (!rowStore.get(sample).equals(columnstore.get(sample))) {
        throw new IllegalStateException(
            "the columnstore gives other rows than the row store did: %s instead of %s"
                .formatted(columnstore.get(sample), rowStore.get(sample)));
      }
    }
  }

  /** Everything but the day that is still being written. */
  private Table convert() throws SQLException, InterruptedException {
    Instant today = to.truncatedTo(ChronoUnit.DAYS);
    List<List<Object>> rows = new ArrayList<>();
    for (List<Object> hypertable :
        database.query(
            """
            SELECT hypertable_name, format('%I.%I', hypertable_schema, hypertable_name)
            FROM timescaledb_information.hypertables
            WHERE compression_enabled
            UNION ALL
            SELECT
              view_name,
              format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
            FROM timescaledb_information.continuous_aggregates
            WHERE compression_enabled
            ORDER BY 1
            """)) {
      long start = System.nanoTime();
      List<String> chunks =
          database.texts(
              "SELECT show_chunks(?::regclass, older_than => ?::timestamptz)::text",
              hypertable.get(1),
              utc(today));
      List<Callable<Void>> conversions = new ArrayList<>();
      for (String chunk : chunks) {
        conversions.add(
            () -> {
              database.execute("CALL convert_to_columnstore(?::regclass)", chunk);
              return null;
            });
      }
      AtOnce.run(conversions);
      if (!chunks.isEmpty()) {
        progress.say("%s: %d chunks to the columnstore", hypertable.get(0), chunks.size());
        rows.add(sizes(hypertable, Written.seconds(start)));
      }
    }
    return new Table(
        "columnstore",
        "Chunks that ended by the last midnight, converted to the columnstore, %d at a time"
            .formatted(AtOnce.CONNECTIONS),
        List.of(
            new Column("relation", "relation"),
            new Column("chunks", "chunks"),
            new Column("seconds", "s"),
            new Column("before_bytes", "bytes before"),
            new Column("after_bytes", "bytes after"),
            new Column("ratio", "ratio")),
        rows);
  }

  private List<Object> sizes(List<Object> hypertable, double seconds) throws SQLException {
    List<Object> sizes =
        database
            .query(
                """
                SELECT
                  number_compressed_chunks,
                  before_compression_total_bytes,
                  after_compression_total_bytes
                FROM hypertable_columnstore_stats(?::regclass)
                """,
                hypertable.get(1))
            .get(0);
    long before = (Long) sizes.get(1);
    long after = (Long) sizes.get(2);
    return List.of(
        hypertable.get(0), sizes.get(0), seconds, before, after, (double) before / after);
  }

  private Table callsTable() {
    return new Table(
        "calls",
        "Calls on a pooled connection, every column of every row read",
        List.of(
            new Column("store", "from"),
            new Column("call", "call"),
            new Column("calls", "calls"),
            new Column("rows", "rows each"),
            new Column("chunks", "chunks read"),
            new Column("p50_ms", "p50 ms"),
            new Column("p95_ms", "p95 ms"),
            new Column("p99_ms", "p99 ms"),
            new Column("max_ms", "max ms")),
        measured);
  }

  private Table comparedTable() {
    return new Table(
        "without_aggregates",
        "For comparison: candles of an hour, computed from the minutes at each call",
        List.of(
            new Column("store", "from"),
            new Column("query", "query"),
            new Column("rows", "rows"),
            new Column("ms", "ms")),
        compared);
  }

  private HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setUsername(database.user());
    config.setPassword(database.password());
    config.setMaximumPoolSize(1);
    return new HikariDataSource(config);
  }

  private String symbol(Random random) {
    return Market.symbol(1 + random.nextInt(market.symbols()));
  }

  /** One of the days that the data holds from midnight to midnight. */
  private List<Object> symbolAndDay(Random random) {
    Instant lastMidnight = to.truncatedTo(ChronoUnit.DAYS);
    Instant day = lastMidnight.minus(1 + random.nextInt(days - 1), ChronoUnit.DAYS);
    return List.of(symbol(random), utc(day), utc(day.plus(1, ChronoUnit.DAYS)));
  }

  private List<Object> symbolAndAll(Random random) {
    return List.of(symbol(random), utc(from), utc(to));
  }
}

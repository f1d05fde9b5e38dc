package io.candlestream.bench;

import static io.candlestream.bench.Market.utc;

import io.candlestream.bench.Market.Written;
import io.candlestream.bench.Table.Column;
import io.candlestream.config.Timeframe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the indexes of market_data beyond its key cost when candles are written, and save a reader.
 */
final class Indexes {

  /** As {@code database.batch-size}. */
  private static final int BATCH_SIZE = 5_000;

  /** Each is written to with every variant, the order turned around each time. */
  private static final int ROUNDS = 4;

  private static final int READ_CALLS = 20;
  private static final Duration WRITTEN = Duration.ofDays(1);
  private static final int LONGEST_READ_DAYS = 7;

  private enum Index {
    TREND(
        "market_data_symbol_trend_direction_timestamp_idx",
        "(symbol, trend_direction, \"timestamp\" DESC)"),
    TIME("market_data_timestamp_symbol_idx", "(\"timestamp\" DESC, symbol)");

    private final String name;
    private final String columns;

    Index(String name, String columns) {
      this.name = name;
      this.columns = columns;
    }
  }

  /** From the cheapest to what the schema has. */
  private static final List<Set<Index>> VARIANTS =
      List.of(
          EnumSet.noneOf(Index.class),
          EnumSet.of(Index.TREND),
          EnumSet.of(Index.TIME),
          EnumSet.allOf(Index.class));

  private final BenchDatabase database;
  private final Market market;
  private final int days;
  private final Instant end;
  private final Progress progress;

  private Indexes(BenchDatabase database, Market market, int days, Instant end, Progress progress) {
    this.database = database;
    this.market = market;
    this.days = Math.min(days, LONGEST_READ_DAYS);
    this.end = end;
    this.progress = progress;
  }

  static List<Table> measure(
      BenchDatabase database, Market market, int days, Instant end, Progress progress)
      throws SQLException, InterruptedException {
    Indexes indexes = new Indexes(database, market, days, end, progress);
    Table writes = indexes.writes();
    return List.of(writes, indexes.reads(), indexes.sizes());
  }

  private Table writes() throws SQLException {
    progress.say("making the candles to write");
    market.stageCandles(database, "staged", end.minus(WRITTEN), end, BATCH_SIZE);
    long rows = database.number("SELECT count(*) FROM staged");
    List<List<Double>> rates = new ArrayList<>();
    VARIANTS.forEach(variant -> rates.add(new ArrayList<>()));
    for (int round = 0; round < ROUNDS; round++) {
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
      if (round % 2 == 1) {
        Collections.reverse(order);
      }
      for (int variant : order) {
        double rate = rows / upsertAll(VARIANTS.get(variant));
        progress.say(
            "round %d of %d, %s: %,d rows/s",
            round + 1, ROUNDS, name(VARIANTS.get(variant)), (long) rate);
        rates.get(variant).add(rate);
      }
    }
    List<List<Object>> table = new ArrayList<>();
    for (int variant = 0; variant < VARIANTS.size(); variant++) {
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        ratios.add(rates.get(variant).get(round) / rates.get(0).get(round));
      }
      table.add(
          List.of(
              name(VARIANTS.get(variant)),
              rows,
              (long) median(rates.get(variant)),
              median(ratios),
              Collections.min(ratios),
              Collections.max(ratios)));
    }
    return new Table(
        "writes",
        "Upserts of new candles in batches of %,d on one connection; medians of %d rounds"
            .formatted(BATCH_SIZE, ROUNDS),
        List.of(
            new Column("indexes", "indexes"),
            new Column("rows", "rows"),
            new Column("rows_per_second", "rows/s"),
            new Column("ratio", "to key only"),
            new Column("lowest_ratio", "lowest"),
            new Column("highest_ratio", "highest")),
        table);
  }

  /** Empties the table, writes it anew with these indexes, and gives the seconds of writing. */
  private double upsertAll(Set<Index> indexes) throws SQLException {
    database.execute("TRUNCATE market_data");
    for (Index index : Index.values()) {
      database.execute("DROP INDEX IF EXISTS " + index.name);
      if (indexes.contains(index)) {
        create(index);
      }
    }
    database.execute("CHECKPOINT");
    long batches = database.number("SELECT max(batch) + 1 FROM staged");
    try (Connection connection = database.connect();
        PreparedStatement upsert = connection.prepareStatement(upsert())) {
      long start = System.nanoTime();
      for (long batch = 0; batch < batches; batch++) {
        BenchDatabase.bound(upsert, batch).executeUpdate();
      }
      return Written.seconds(start);
    }
  }

  private void create(Index index) throws SQLException {
    database.execute("CREATE INDEX %s ON market_data %s".formatted(index.name, index.columns));
  }

  /** As the pipeline's, which sends the rows as arrays. */
  private static String upsert() {
    String columns = String.join(", ", Market.COLUMNS);
    List<String> values = Market.COLUMNS.subList(3, Market.COLUMNS.size());
    return """
    INSERT INTO market_data AS stored (%s)
    SELECT %s FROM staged WHERE batch = ?
    ON CONFLICT (symbol, "timestamp", source) DO UPDATE SET %s, updated_at = now()
    WHERE (%s) IS DISTINCT FROM (%s) AND excluded.trades >= stored.trades
    """
        .formatted(
            columns,
            columns,
            joined(values, "%1$s = excluded.%1$s"),
            joined(values, "stored.%s"),
            joined(values, "excluded.%s"));
  }

  private static String joined(List<String> columns, String layout) {
    return columns.stream().map(layout::formatted).collect(Collectors.joining(", "));
  }

  private Table reads() throws SQLException, InterruptedException {
    for (Index index : Index.values()) {
      database.execute("DROP INDEX IF EXISTS " + index.name);
    }
    market.writeCandles(database, end.minus(days, ChronoUnit.DAYS), end.minus(WRITTEN), progress);
    for (Index index : Index.values()) {
      create(index);
    }
    database.settle();
    Map<Index, List<Query>> queries = queries();
    List<List<Object>> table = new ArrayList<>();
    for (Index index : Index.values()) {
      List<Double> with = new ArrayList<>();
      for (Query query : queries.get(index)) {
        progress.say("%s, with %s", query.name, index.columns);
        with.add(millis(query));
      }
      database.execute("DROP INDEX " + index.name);
      for (int query = 0; query < with.size(); query++) {
        Query asked = queries.get(index).get(query);
        progress.say("%s, without", asked.name);
        double without = millis(asked);
        table.add(
            List.of(
                asked.name, index.columns, with.get(query), without, without / with.get(query)));
      }
      create(index);
    }
    return new Table(
        "reads",
        "Queries over %d days with an index and without it, medians of %d"
            .formatted(days, READ_CALLS),
        List.of(
            new Column("query", "query"),
            new Column("index", "index"),
            new Column("with_ms", "with, ms"),
            new Column("without_ms", "without, ms"),
            new Column("times_faster", "times faster")),
        table);
  }

  /**
   * @param parameters of one call; the next takes the next list
   */
  private record Query(String name, String sql, List<List<Object>> parameters) {}

  private Map<Index, List<Query>> queries() {
    List<List<Object>> symbols = new ArrayList<>();
    for (int call = 0; call < READ_CALLS; call++) {
      symbols.add(List.of(Market.symbol(1 + call * 37 % market.symbols())));
    }
    Map<Index, List<Query>> queries = new EnumMap<>(Index.class);
    queries.put(
        Index.TREND,
        List.of(
            new Query(
                "newest 100 candles of a symbol that go up, as one of a hundred does",
                """
                SELECT * FROM market_data WHERE symbol = ? AND trend_direction = 'UP'
                ORDER BY "timestamp" DESC LIMIT 100
                """,
                symbols)));
    queries.put(
        Index.TIME,
        List.of(
            new Query(
                "the last five minutes of all symbols",
                "SELECT * FROM market_data WHERE \"timestamp\" >= ?",
                List.of(List.of(utc(end.minus(Timeframe.FIVE_MINUTES.length()))))),
            new Query(
                "max(\"timestamp\")",
                "SELECT max(\"timestamp\") FROM market_data",
                List.of(List.of()))));
    return queries;
  }

  private double millis(Query query) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(query.sql)) {
      long[] nanos = new long[READ_CALLS];
      // Once more, so that what was read first is in memory.
      for (int call = -1; call < READ_CALLS; call++) {
        List<Object> parameters = query.parameters.get(Math.max(call, 0) % query.parameters.size());
        long start = System.nanoTime();
        BenchDatabase.rows(BenchDatabase.bound(statement, parameters.toArray()));
        if (call >= 0) {
          nanos[call] = System.nanoTime() - start;
        }
      }
      return Latencies.of(nanos).medianMillis();
    }
  }

  private Table sizes() throws SQLException {
    List<List<Object>> table = new ArrayList<>();
    for (List<Object> size :
        database.query(
            """
            SELECT indexrelid::regclass::text, hypertable_index_size(indexrelid)
            FROM pg_index WHERE indrelid = 'market_data'::regclass ORDER BY 1
            """)) {
      table.add(
          List.of(
              size.get(0),
              size.get(1),
              (Long) size.get(1) / (double) database.number("SELECT count(*) FROM market_data")));
    }
    return new Table(
        "sizes",
        "Indexes of market_data over these %d days".formatted(days),
        List.of(
            new Column("index", "index"),
            new Column("bytes", "bytes"),
            new Column("bytes_per_row", "bytes/row")),
        table);
  }

  private static String name(Set<Index> indexes) {
    return "key"
        + indexes.stream().map(index -> " + " + index.columns).collect(Collectors.joining());
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }
}

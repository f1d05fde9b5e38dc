package io.candlestream.bench.speed;

import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.speed.SqlCandles.Lateness;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whole jobs, from a real broker to the tables of a real database: ours, and {@link SqlCandles}.
 *
 * <p>What ours does beyond that is switched off where a configuration can: longer timeframes,
 * quality checks, what is known of the past. The indicators stay on, as do corrections of closed
 * candles and the rows of what is malformed.
 *
 * <p>After each run the candles of both must be equal in all columns but three. SQL has no first
 * and last price by time, and its open and close are those of the order of arrival; its {@code
 * vwap} has fewer digits.
 */
final class KafkaToTable implements AutoCloseable {

  private static final String OURS = "market_data";
  private static final String THEIRS = "sql_candles";

  private static final Target TARGET = Target.atLeast(5);

  private static final List<String> ONLY_CANDLES =
      List.of(
          "timeframes=[]",
          "quality.price-spike.enabled=false",
          "quality.conflicting-duplicate=false");

  /** As long as a candle takes ticks: its length, out-of-orderness and allowed lateness. */
  private static final List<String> FORGETS_IDS = List.of("--flink", "table.exec.state.ttl=365 s");

  private final WholeJob job;
  private final BenchDatabase database;

  /** The tables of the sides that have run. */
  private final Set<String> written = new HashSet<>();

  private KafkaToTable(WholeJob job, BenchDatabase database) {
    this.job = job;
    this.database = database;
  }

  /**
   * Starts a broker that holds the load.
   *
   * @param database where a table is made for the other side
   */
  static KafkaToTable on(TickLoad load, BenchDatabase database) throws IOException, SQLException {
    database.execute("CREATE TABLE %s (LIKE %s INCLUDING ALL)".formatted(THEIRS, OURS));
    database.execute(
        """
        SELECT create_hypertable(
          '%s',
          by_range('timestamp', INTERVAL '1 day'),
          create_default_indexes => false
        )
        """
            .formatted(THEIRS));
    return new KafkaToTable(WholeJob.on(load.plain()), database);
  }

  List<Finding> besideSql(int pairs) throws Exception {
    return List.of(
        beside(
            "Flink SQL that corrects candles, too, without indicators",
            Lateness.CORRECTS,
            FORGETS_IDS,
            pairs),
        beside("Flink SQL that loses late ticks", Lateness.LOSES, FORGETS_IDS, pairs),
        beside("likewise, and no id is ever forgotten", Lateness.LOSES, List.of(), pairs));
  }

  private Finding beside(String sql, Lateness late, List<String> options, int pairs)
      throws Exception {
    try (Storing us = ours();
        Storing them = theirs(late, options)) {
      Duel.Outcome outcome = Duel.of(us::run, them::run, WholeJob.WARM_UPS, pairs);
      long ticks = job.valid();
      return Finding.of(
          "Kafka to table, ticks for each second of CPU",
          sql,
          outcome.timesCheaper(),
          TARGET,
          String.format(
              Locale.ROOT,
              "%,.0f : %,.0f ticks/s of CPU; wall time %.1f : %.1f s; %,d equal candles of %,d"
                  + " ticks",
              ticks / outcome.ours(),
              ticks / outcome.theirs(),
              Spread.ofLast(pairs, us.wallSeconds).median(),
              Spread.ofLast(pairs, them.wallSeconds).median(),
              requireEqual(),
              ticks));
    }
  }

  /** A side, which writes its table anew in each run. */
  final class Storing implements AutoCloseable {

    private final String table;
    private final ContestantProcess process;
    private final List<Double> wallSeconds = new ArrayList<>();

    private Storing(String table, ContestantProcess process) {
      this.table = table;
      this.process = process;
    }

    /**
     * Returns the seconds of CPU.
     *
     * @throws IllegalStateException if the other side has run, and made other candles
     */
    double run() throws IOException, SQLException {
      database.execute("TRUNCATE rejected_ticks, " + table);
      Contestant.Cost cost = process.run();
      wallSeconds.add(cost.wallSeconds());
      written.add(table);
      if (written.containsAll(List.of(OURS, THEIRS))) {
        requireEqual();
      }
      return cost.cpuSeconds();
    }

    @Override
    public void close() throws IOException {
      process.close();
    }
  }

  Storing ours() throws IOException {
    return storing(OURS, ONLY_CANDLES, List.of("--store"));
  }

  /**
   * @param more options of the contestant
   */
  Storing theirs(Lateness late, List<String> more) throws IOException {
    List<String> options = new ArrayList<>(List.of("--sql", THEIRS, "--sql-lateness", late.name()));
    options.addAll(more);
    return storing(THEIRS, List.of(), options);
  }

  private Storing storing(String table, List<String> settings, List<String> options)
      throws IOException {
    List<String> arguments = new ArrayList<>(options);
    // The side that takes longer would make more of them.
    arguments.addAll(WholeJob.NO_CHECKPOINTS);
    List<String> all = new ArrayList<>(settings);
    all.add("database.url=" + database.url());
    all.add("database.user=" + database.user());
    all.add("database.password=" + database.password());
    for (String setting : all) {
      arguments.addAll(List.of("--set", setting));
    }
    return new Storing(table, job.contestant(arguments));
  }

  /**
   * Returns the number of candles.
   *
   * @throws IllegalStateException if one is not the same on both sides, or not all ticks are in
   *     them
   */
  long requireEqual() throws SQLException {
    List<List<Object>> different =
        database.query(
            """
            SELECT ours::text, theirs::text
            FROM %s AS ours
            FULL JOIN %s AS theirs USING (symbol, "timestamp", source)
            WHERE (ours.high, ours.low, ours.volume, ours.buy_volume, ours.turnover, ours.trades)
              IS DISTINCT FROM
              (theirs.high, theirs.low, theirs.volume, theirs.buy_volume, theirs.turnover, theirs.trades)
            LIMIT 1
            """
                .formatted(OURS, THEIRS));
    if (!different.isEmpty()) {
      throw new IllegalStateException(
          "%s has %s, and %s %s"
              .formatted(OURS, different.get(0).get(0), THEIRS, different.get(0).get(1)));
    }
    long ticks = database.number("SELECT coalesce(sum(trades), 0) FROM " + OURS);
    if (ticks != job.valid()) {
      throw new IllegalStateException(
          "%,d ticks are in the candles, not %,d".formatted(ticks, job.valid()));
    }
    return database.number("SELECT count(*) FROM " + OURS);
  }

  @Override
  public void close() throws IOException {
    job.close();
  }
}

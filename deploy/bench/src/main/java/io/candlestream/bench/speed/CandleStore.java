package io.candlestream.bench.speed;

import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.CommunityServer;
import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.indicator.CandleRow;
import io.candlestream.servers.PostgresServer;
import io.candlestream.sink.MarketData;
import io.candlestream.sink.UpsertSink;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;

/**
 * The hypertable of candles with all its indexes, and ways to write rows to it: in the same
 * batches, each a transaction, on one connection. Before each run the table holds what the run is
 * to find, and nothing is left to be written to disk; after it, the table must hold what the run
 * was to leave, and these are not in the time.
 */
final class CandleStore implements AutoCloseable {

  private static final int WARM_UPS = 1;
  private static final String COLUMNS = CandleField.listed(CandleField.ALL, "%s");

  /** A way to write rows. */
  @FunctionalInterface
  interface Way {
    void write(List<CandleRow> rows) throws Exception;
  }

  /**
   * Rows, and a table that holds them.
   *
   * @param table as {@code market_data}, but without its indexes
   */
  record Content(String table, List<CandleRow> rows) {}

  private final PostgresServer server;
  private final BenchDatabase database;
  private final DatabaseConfig config;
  private final Content candles;
  private final Content corrected;

  private CandleStore(PostgresServer server, BenchDatabase database, CandleLoad load)
      throws SQLException, IOException {
    this.server = server;
    this.database = database;
    config =
        JobConfig.of(
                List.of(
                    "database.url=" + database.url(),
                    "database.user=" + database.user(),
                    "database.password=" + database.password()))
            .database();
    candles = content("candles", load.rows());
    corrected = content("corrected", load.corrected());
  }

  /** Starts a server with the tables. */
  static CandleStore of(CandleLoad load) throws SQLException, IOException {
    PostgresServer server = CommunityServer.started();
    try {
      return new CandleStore(server, BenchDatabase.create(server), load);
    } catch (SQLException | IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  Content candles() {
    return candles;
  }

  Content corrected() {
    return corrected;
  }

  private Content content(String table, List<CandleRow> rows) throws SQLException, IOException {
    database.execute("CREATE TABLE %s AS SELECT %s FROM market_data".formatted(table, COLUMNS));
    try (Connection connection = database.connect()) {
      new CandleCopy(table).copy(rows, connection);
    }
    return new Content(table, rows);
  }

  Finding newBesideCopy(int pairs) throws Exception {
    return compare(
        "sink, new rows",
        () -> seconds(null, this::sink, candles),
        "COPY of the same",
        () -> seconds(null, this::copy, candles),
        Target.atLeast(0.8),
        pairs);
  }

  Finding changedBesideCopy(int pairs) throws Exception {
    return compare(
        "sink, rows that are there and change",
        () -> seconds(candles, this::sink, corrected),
        "COPY of new rows",
        () -> seconds(null, this::copy, corrected),
        Target.atLeast(0.55),
        pairs);
  }

  Finding unchangedBesideNew(int pairs) throws Exception {
    return compare(
        "sink, rows that are there already",
        () -> seconds(candles, this::sink, candles),
        "sink, new rows",
        () -> seconds(null, this::sink, candles),
        Target.atLeast(1.5),
        pairs);
  }

  List<Finding> besideRowWise(int pairs) throws Exception {
    return List.of(
        compare(
            "sink, new rows",
            () -> seconds(null, this::sink, candles),
            "Flink's JdbcSink, a statement for each row",
            () -> seconds(null, rows -> rowWise("", rows), candles),
            Target.atLeast(3.5),
            pairs),
        compare(
            "sink, new rows",
            () -> seconds(null, this::sink, candles),
            "Flink's JdbcSink, reWriteBatchedInserts=true",
            () -> seconds(null, rows -> rowWise("?reWriteBatchedInserts=true", rows), candles),
            Target.atLeast(2),
            pairs));
  }

  private Finding compare(
      String what, Duel.Side ours, String against, Duel.Side theirs, Target target, int pairs)
      throws Exception {
    Duel.Outcome outcome = Duel.of(ours, theirs, WARM_UPS, pairs);
    return Finding.of(
        what,
        against,
        outcome.timesCheaper(),
        target,
        String.format(
            Locale.ROOT,
            "%,.0f : %,.0f rows/s",
            candles.rows().size() / outcome.ours(),
            candles.rows().size() / outcome.theirs()));
  }

  /**
   * Writes rows once.
   *
   * @param there what the table holds before; null for nothing
   * @return how long that took
   */
  double seconds(Content there, Way way, Content written) throws Exception {
    database.execute("TRUNCATE market_data");
    // A chunk takes as long to make as some hundred rows to write, and none is made of rows that
    // are there.
    database.execute(
        "INSERT INTO market_data (%1$s) SELECT %1$s FROM candles LIMIT 1".formatted(COLUMNS));
    database.execute("DELETE FROM market_data");
    if (there != null) {
      database.execute(
          "INSERT INTO market_data (%1$s) SELECT %1$s FROM %2$s".formatted(COLUMNS, there.table()));
    }
    database.execute("CHECKPOINT");
    long start = System.nanoTime();
    way.write(written.rows());
    double seconds = (System.nanoTime() - start) / 1e9;
    requireEqual(written);
    return seconds;
  }

  /** Both have the same key, so that none is there twice. */
  private void requireEqual(Content written) throws SQLException {
    long stored = database.number("SELECT count(*) FROM market_data");
    long missing =
        database.number(
            "SELECT count(*) FROM (SELECT %1$s FROM %2$s EXCEPT SELECT %1$s FROM market_data) missing"
                .formatted(COLUMNS, written.table()));
    if (stored != written.rows().size() || missing > 0) {
      throw new IllegalStateException(
          "%,d rows of %,d are stored, and %,d are missing or differ"
              .formatted(stored, written.rows().size(), missing));
    }
  }

  private void sink(List<CandleRow> rows) throws Exception {
    write(rows, new UpsertSink<>(new MarketData(config.allowShrink()), config));
  }

  private void copy(List<CandleRow> rows) throws Exception {
    CandleCopy copy = new CandleCopy("market_data");
    try (Connection connection = database.connect()) {
      for (int from = 0; from < rows.size(); from += config.batchSize()) {
        copy.copy(rows.subList(from, Math.min(rows.size(), from + config.batchSize())), connection);
      }
    }
  }

  private void rowWise(String parameters, List<CandleRow> rows) throws Exception {
    List<CandleField> all = CandleField.ALL;
    String upsert =
        "INSERT INTO market_data (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s"
            .formatted(
                COLUMNS,
                CandleField.listed(all, "?"),
                CandleField.listed(all.subList(0, CandleField.KEYS), "%s"),
                CandleField.listed(
                    all.subList(CandleField.KEYS, all.size()), "%1$s = EXCLUDED.%1$s"));
    write(
        rows,
        JdbcSink.<CandleRow>builder()
            .withQueryStatement(
                upsert,
                (statement, row) -> {
                  for (int i = 0; i < all.size(); i++) {
                    statement.setObject(i + 1, all.get(i).value().apply(row));
                  }
                })
            .withExecutionOptions(
                JdbcExecutionOptions.builder().withBatchSize(config.batchSize()).build())
            .buildAtLeastOnce(
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                    .withUrl(database.url() + parameters)
                    .withUsername(database.user())
                    .withPassword(database.password())
                    .build()));
  }

  @SuppressWarnings("try")
  private static void write(List<CandleRow> rows, Sink<CandleRow> sink) throws Exception {
    try (SinkWriter<CandleRow> writer = sink.createWriter(new WriterContext())) {
      for (CandleRow row : rows) {
        writer.write(row, null);
      }
      writer.flush(true);
    }
  }

  @Override
  public void close() {
    database.close();
    server.close();
  }
}

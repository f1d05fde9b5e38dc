package io.candlestream.replay;

import io.candlestream.config.JobConfig;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the database holds of rejects that have not been replayed, and of their candles. */
public final class StoredRejects implements AutoCloseable {

  private static final String COLUMNS =
      """
      r.topic, r.partition, r."offset", r.item, r.record_timestamp, r.reasons::text[] AS reasons,
      r.source, r.symbol, r."timestamp"
      """;

  /** So many are read at once: with a record of a venue, each may have a megabyte. */
  private static final int PAGE = 500;

  /** Before all others. */
  private static final Origin NOWHERE = new Origin("", 0, 0, 0, Long.MIN_VALUE);

  private static final String SELECTED =
      """
      SELECT %s, r.raw
      FROM rejected_ticks r
      WHERE r.stream = 'ticks' AND r.replayed_at IS NULL
        AND (?::text[] = '{}' OR r.reasons && ?::text[])
        AND coalesce(r."timestamp", r.record_timestamp) >= ?::timestamptz
        AND coalesce(r."timestamp", r.record_timestamp) < ?::timestamptz
        AND (r.record_timestamp, r.topic, r.partition, r."offset", r.item)
          > (?::timestamptz, ?, ?, ?, ?)
      ORDER BY r.record_timestamp, r.topic, r.partition, r."offset", r.item
      LIMIT %d
      """
          .formatted(COLUMNS, PAGE);

  private static final String CANDLES =
      """
      unnest(?::text[], ?::text[], ?::timestamptz[]) AS c (symbol, source, start)
      """;

  private static final String OF_CANDLES =
      """
      SELECT %1$s, ''::bytea AS raw
      FROM %2$s
      JOIN rejected_ticks r
        ON r.symbol = c.symbol AND r.source = c.source
        AND date_bin(?::interval, r."timestamp", 'epoch') = c.start
      WHERE r.stream = 'ticks' AND r.replayed_at IS NULL
      UNION ALL
      SELECT %1$s, ''::bytea
      FROM rejected_ticks r
      WHERE r.stream = 'ticks' AND r.replayed_at IS NULL
        AND (r.symbol IS NULL OR r.source IS NULL OR r."timestamp" IS NULL)
      """
          .formatted(COLUMNS, CANDLES);

  private static final String TRADES =
      """
      SELECT c.symbol, c.source, c.start, m.trades
      FROM %s
      JOIN market_data m
        ON m.symbol = c.symbol AND m.source = c.source AND m."timestamp" = c.start AND m.closed
      """
          .formatted(CANDLES);

  /**
   * Candles without trades have the close of the one before, up to the next with trades: what is
   * rebuilt changes those that follow it, and, where it had no candle before, those that precede.
   */
  private static final String FILL_GAPS =
      """
      WITH rebuilt AS (
        SELECT m.symbol, m.source, m."timestamp"
        FROM %s
        JOIN market_data m ON m.symbol = c.symbol AND m.source = c.source AND m."timestamp" = c.start
      ),
      begun AS (
        SELECT * FROM rebuilt
        UNION
        SELECT r.symbol, r.source, before."timestamp"
        FROM rebuilt r
        CROSS JOIN LATERAL (
          SELECT m."timestamp"
          FROM market_data m
          WHERE m.symbol = r.symbol AND m.source = r.source AND m."timestamp" < r."timestamp"
            AND m.trades > 0
          ORDER BY m."timestamp" DESC
          LIMIT 1
        ) before
      )
      INSERT INTO market_data AS stored (
        symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, trades, closed)
      SELECT b.symbol, b.source, flat, m.close, m.close, m.close, m.close, 0, 0, 0, 0, true
      FROM begun b
      JOIN market_data m ON m.symbol = b.symbol AND m.source = b.source AND m."timestamp" = b."timestamp"
      CROSS JOIN LATERAL (
        SELECT n."timestamp"
        FROM market_data n
        WHERE n.symbol = b.symbol AND n.source = b.source AND n."timestamp" > b."timestamp"
          AND n.trades > 0 AND n.closed
        ORDER BY n."timestamp"
        LIMIT 1
      ) next
      CROSS JOIN LATERAL generate_series(
        b."timestamp" + ?::interval, next."timestamp" - ?::interval, ?::interval) flat
      ON CONFLICT (symbol, source, "timestamp") DO UPDATE SET
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        updated_at = now()
      WHERE stored.trades = 0 AND stored.close <> excluded.close
      """
          .formatted(CANDLES);

  private static final String REFUSED =
      """
      SELECT count(*)
      FROM %s
      JOIN rejected_rows w
        ON w.table_name = 'market_data' AND w."timestamp" = c.start
        AND w.key ->> 'symbol' = c.symbol AND w.key ->> 'source' = c.source
      WHERE w.resolved_at IS NULL
      """
          .formatted(CANDLES);

  private static final String MARK =
      """
      UPDATE rejected_ticks r
      SET replayed_at = now()
      FROM unnest(?::text[], ?::integer[], ?::bigint[], ?::integer[], ?::timestamptz[])
        AS o (topic, partition, "offset", item, record_timestamp)
      WHERE r.record_timestamp = o.record_timestamp AND r.topic = o.topic
        AND r.partition = o.partition AND r."offset" = o."offset" AND r.item = o.item
        AND r.replayed_at IS NULL
      """;

  private final Retries database;
  private final String interval;

  public StoredRejects(JobConfig config) {
    database = Retries.reading(config.database(), "candlestream replay");
    interval = config.candles().interval().toString();
  }

  /** What is done with one reject. */
  interface Visitor {
    void visit(Reject reject) throws IOException, InterruptedException;
  }

  /** Shows those that are selected, in the order of their records; not all are in memory. */
  void forEachSelected(RejectSelection selection, Visitor visitor)
      throws IOException, InterruptedException {
    Origin last = NOWHERE;
    List<Reject> page;
    do {
      page = selected(selection, last);
      for (Reject reject : page) {
        if (selection.includes(reject)) {
          visitor.visit(reject);
        }
        last = reject.origin();
      }
    } while (page.size() == PAGE);
  }

  private List<Reject> selected(RejectSelection selection, Origin last)
      throws IOException, InterruptedException {
    return database.run(
        "read rejects",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(SELECTED)) {
            String[] reasons =
                selection.reasons().stream().map(RejectReason::name).toArray(String[]::new);
            statement.setArray(1, connection.createArrayOf("text", reasons));
            statement.setArray(2, connection.createArrayOf("text", reasons));
            statement.setString(3, selection.from().map(Instant::toString).orElse("-infinity"));
            statement.setString(4, selection.to().map(Instant::toString).orElse("infinity"));
            statement.setString(
                5, last == NOWHERE ? "-infinity" : Columns.timestamp(micros(last)).toString());
            statement.setString(6, last.topic());
            statement.setInt(7, last.partition());
            statement.setLong(8, last.offset());
            statement.setInt(9, last.item());
            return rejects(statement);
          }
        });
  }

  private static long micros(Origin origin) {
    return origin.recordTimestampMillis() * 1_000;
  }

  /** All that were rejected of some candles, or of none that is known; without their bytes. */
  List<Reject> of(Collection<CandleKey> candles) throws IOException, InterruptedException {
    return database.run(
        "read the rejects of candles",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(OF_CANDLES)) {
            bind(candles, statement);
            statement.setString(4, interval);
            return rejects(statement);
          }
        });
  }

  /** How many trades some candles have by now; 0 for one that is not there, or not over. */
  Map<CandleKey, Long> trades(Collection<CandleKey> candles)
      throws IOException, InterruptedException {
    Map<CandleKey, Long> trades = new HashMap<>();
    candles.forEach(candle -> trades.put(candle, 0L));
    return database.run(
        "read candles",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(TRADES)) {
            bind(candles, statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                trades.put(
                    new CandleKey(
                        new Instrument(row.getString("source"), row.getString("symbol")),
                        Columns.micros(row, "start")),
                    row.getLong("trades"));
              }
            }
            return trades;
          }
        });
  }

  /** From when on candles are kept; empty if none has been dropped. */
  Optional<Instant> retainedFrom() throws IOException, InterruptedException {
    return moment("SELECT nullif(retained_from(), '-infinity')");
  }

  /** The start of the newest closed candle of all instruments; empty if there is none. */
  Optional<Instant> newestStart() throws IOException, InterruptedException {
    return moment(
        "SELECT \"timestamp\" FROM market_data WHERE closed ORDER BY \"timestamp\" DESC LIMIT 1");
  }

  /** The start of an instrument's newest closed candle; empty if there is none. */
  Optional<Instant> newestStart(Instrument instrument) throws IOException, InterruptedException {
    return moment(
        """
        SELECT "timestamp"
        FROM market_data
        WHERE symbol = ? AND source = ? AND closed
        ORDER BY "timestamp" DESC
        LIMIT 1
        """,
        instrument.symbol(),
        instrument.source());
  }

  private Optional<Instant> moment(String query, String... parameters)
      throws IOException, InterruptedException {
    return database.run(
        "read which candles there are",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
              statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
              return result.next()
                  ? Optional.ofNullable(result.getObject(1, OffsetDateTime.class))
                      .map(OffsetDateTime::toInstant)
                  : Optional.empty();
            }
          }
        });
  }

  /** How many of some candles the database has refused, so that they wait as rows. */
  public int refused(Collection<CandleKey> candles) throws IOException, InterruptedException {
    return database.run(
        "read refused rows",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(REFUSED)) {
            bind(candles, statement);
            try (ResultSet result = statement.executeQuery()) {
              result.next();
              return result.getInt(1);
            }
          }
        });
  }

  /** Lays the candles without trades between those that were rebuilt and their neighbours. */
  public void fillGaps(Collection<CandleKey> rebuilt) throws IOException, InterruptedException {
    database.run(
        "fill gaps",
        connection -> {
          // As for writers: a compressed chunk of TimescaleDB takes only so much otherwise.
          try (Statement unlimited = connection.createStatement()) {
            unlimited.execute("SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0");
          }
          try (PreparedStatement statement = connection.prepareStatement(FILL_GAPS)) {
            bind(rebuilt, statement);
            for (int parameter = 4; parameter <= 6; parameter++) {
              statement.setString(parameter, interval);
            }
            return statement.executeUpdate();
          }
        });
  }

  /** Notes rejects as replayed. */
  public void mark(List<Origin> replayed) throws IOException, InterruptedException {
    database.run(
        "mark rejects as replayed",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(MARK)) {
            new Columns<>(replayed, statement)
                .bind("text", Origin::topic)
                .bind("int4", Origin::partition)
                .bind("int8", Origin::offset)
                .bind("int4", Origin::item)
                .bind("timestamptz", origin -> Columns.timestamp(micros(origin)));
            return statement.executeUpdate();
          }
        });
  }

  private static void bind(Collection<CandleKey> candles, PreparedStatement statement)
      throws SQLException {
    new Columns<>(List.copyOf(candles), statement)
        .bind("text", candle -> candle.instrument().symbol())
        .bind("text", candle -> candle.instrument().source())
        .bind("timestamptz", candle -> Columns.timestamp(candle.startMicros()));
  }

  private static List<Reject> rejects(PreparedStatement statement) throws SQLException {
    List<Reject> rejects = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rejects.add(
            new Reject(
                Input.TICKS,
                new Origin(
                    row.getString("topic"),
                    row.getInt("partition"),
                    row.getLong("offset"),
                    row.getInt("item"),
                    Columns.micros(row, "record_timestamp") / 1_000),
                row.getBytes("raw"),
                Stream.of((String[]) row.getArray("reasons").getArray())
                    .map(RejectReason::valueOf)
                    .toList(),
                row.getString("source"),
                row.getString("symbol"),
                row.getObject("timestamp") == null ? null : Columns.micros(row, "timestamp")));
      }
    }
    return rejects;
  }

  @Override
  public void close() {
    database.close();
  }
}

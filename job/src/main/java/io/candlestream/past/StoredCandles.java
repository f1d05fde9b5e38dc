package io.candlestream.past;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The past as the database has it: of each timeframe the last {@value #CANDLES} candles with what
 * is stored of their indicators.
 *
 * <p>Averages and ranges go on from their stored values, exactly. What is not stored, the gains and
 * losses of the RSI and the two averages of the MACD, is computed from those candles: {@value
 * #CANDLES} steps leave less than 10⁻¹² of what was before them.
 */
public final class StoredCandles implements PastCandles {

  /** So many candles leave nothing visible of what came before them. */
  static final int CANDLES = 400;

  /**
   * Candles are looked for in so many intervals first: enough where an instrument is traded in one
   * of six, as stocks are.
   */
  private static final int INTERVALS = 6 * CANDLES;

  private static final String REMEMBERED =
      "high::float8, low::float8, close::float8, ema_9, ema_21, ema_50, ema_200, atr_14";

  private static final String BASE =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, before, number)
      CROSS JOIN LATERAL (
        SELECT "timestamp", %s
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source AND "timestamp" < q.before AND closed
        ORDER BY "timestamp" DESC
        LIMIT %d
      ) c
      ORDER BY q.number, c."timestamp"
      """
          .formatted(REMEMBERED, CANDLES);

  private static final String ABOVE =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::integer[])
        WITH ORDINALITY AS q (symbol, source, "from", before, most, number)
      CROSS JOIN LATERAL (
        SELECT "timestamp", %s
        FROM candles(q.symbol, ?, q."from", q.before, q.source)
        ORDER BY "timestamp" DESC
        LIMIT q.most
      ) c
      WHERE q.most > 0 AND q."from" < q.before
      ORDER BY q.number, c."timestamp"
      """
          .formatted(REMEMBERED);

  /** What a timeframe's candle holds before a moment. */
  private static final String PART =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, start, before, number)
      CROSS JOIN LATERAL (
        SELECT
          q.start AS "timestamp",
          (array_agg(open ORDER BY "timestamp"))[1] AS open,
          max(high) AS high,
          min(low) AS low,
          (array_agg(close ORDER BY "timestamp" DESC))[1] AS close,
          sum(volume) AS volume,
          sum(buy_volume) AS buy_volume,
          sum(turnover) AS turnover,
          sum(trades)::bigint AS trades
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source
          AND "timestamp" >= q.start AND "timestamp" < q.before AND closed
      ) c
      WHERE c.open IS NOT NULL
      """;

  private static final String WHOLE =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, before, until, number)
      CROSS JOIN LATERAL (
        (
          SELECT "timestamp", open, high, low, close, volume, buy_volume, turnover, trades
          FROM market_data
          WHERE symbol = q.symbol AND source = q.source AND "timestamp" < q.before AND closed
          ORDER BY "timestamp" DESC
          LIMIT 1
        )
        UNION ALL
        SELECT "timestamp", open, high, low, close, volume, buy_volume, turnover, trades
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source
          AND "timestamp" >= q.before AND "timestamp" < q.until AND closed
      ) c
      ORDER BY q.number, c."timestamp"
      """;

  private final Retries database;
  private final List<Timeframe> timeframes;

  private StoredCandles(Retries database, List<Timeframe> timeframes) {
    this.database = database;
    this.timeframes = timeframes;
  }

  /**
   * @param timeframes those above the base that are wanted
   */
  public static Opener opener(DatabaseConfig config, List<Timeframe> timeframes) {
    List<Timeframe> wanted = List.copyOf(timeframes);
    return () -> new StoredCandles(Retries.reading(config, "candlestream warm-start"), wanted);
  }

  @Override
  public Map<Instrument, Past> read(List<Question> questions)
      throws IOException, InterruptedException {
    return database.run(
        "read the past of %d instruments".formatted(questions.size()),
        connection -> read(questions, connection));
  }

  private Map<Instrument, Past> read(List<Question> questions, Connection connection)
      throws SQLException {
    List<Indicators> base = base(questions, connection);
    List<List<Candle>> whole = whole(questions, connection);
    List<List<Past.OfTimeframe>> above = lists(questions.size());
    for (Timeframe timeframe : timeframes) {
      List<Indicators> indicators = above(timeframe, questions, connection);
      List<Candle> parts = parts(timeframe, questions, connection);
      for (int i = 0; i < questions.size(); i++) {
        above.get(i).add(new Past.OfTimeframe(timeframe, indicators.get(i), parts.get(i)));
      }
    }
    Map<Instrument, Past> pasts = new HashMap<>();
    for (int i = 0; i < questions.size(); i++) {
      Past past = past(questions.get(i), base.get(i), whole.get(i), above.get(i));
      if (isKnown(past)) {
        pasts.put(questions.get(i).instrument(), past);
      }
    }
    return pasts;
  }

  private static Past past(
      Question question, Indicators base, List<Candle> whole, List<Past.OfTimeframe> above) {
    boolean hasLast = !whole.isEmpty() && whole.get(0).startMicros() < question.beforeMicros();
    return new Past(
        question.beforeMicros(),
        base,
        hasLast ? whole.get(0) : null,
        new ArrayList<>(whole.subList(hasLast ? 1 : 0, whole.size())),
        above);
  }

  private static boolean isKnown(Past past) {
    return past.last() != null
        || !past.between().isEmpty()
        || past.timeframes().stream()
            .anyMatch(
                above -> above.part() != null || !above.indicators().equals(Indicators.start()));
  }

  private static List<Indicators> base(List<Question> questions, Connection connection)
      throws SQLException {
    List<List<Remembered>> candles = lists(questions.size());
    try (PreparedStatement statement = connection.prepareStatement(BASE)) {
      instruments(questions, statement)
          .bind("timestamptz", question -> Columns.timestamp(question.beforeMicros()));
      remember(statement, candles);
    }
    return indicators(candles);
  }

  private static List<Indicators> above(
      Timeframe timeframe, List<Question> questions, Connection connection) throws SQLException {
    Function<Question, Long> before = question -> timeframe.startOf(question.beforeMicros());
    Function<Question, Long> window =
        question -> before.apply(question) - INTERVALS * timeframe.lengthMicros();
    List<List<Remembered>> newer = lists(questions.size());
    List<List<Remembered>> older = lists(questions.size());
    try (PreparedStatement statement = connection.prepareStatement(ABOVE)) {
      statement.setString(6, timeframe.word());
      bindRange(questions, window, before, question -> CANDLES, statement);
      remember(statement, newer);
      Map<Question, Integer> missing = new HashMap<>();
      for (int i = 0; i < questions.size(); i++) {
        missing.put(questions.get(i), CANDLES - newer.get(i).size());
      }
      bindRange(questions, question -> 0L, window, missing::get, statement);
      remember(statement, older);
    }
    for (int i = 0; i < questions.size(); i++) {
      older.get(i).addAll(newer.get(i));
    }
    return indicators(older);
  }

  private static void bindRange(
      List<Question> questions,
      Function<Question, Long> from,
      Function<Question, Long> before,
      Function<Question, Integer> limit,
      PreparedStatement statement)
      throws SQLException {
    instruments(questions, statement)
        .bind("timestamptz", question -> Columns.timestamp(Math.max(from.apply(question), 0)))
        .bind("timestamptz", question -> Columns.timestamp(Math.max(before.apply(question), 0)))
        .bind("int4", limit);
  }

  private static List<Candle> parts(
      Timeframe timeframe, List<Question> questions, Connection connection) throws SQLException {
    List<List<Candle>> parts = lists(questions.size());
    try (PreparedStatement statement = connection.prepareStatement(PART)) {
      instruments(questions, statement)
          .bind(
              "timestamptz",
              question -> Columns.timestamp(timeframe.startOf(question.beforeMicros())))
          .bind("timestamptz", question -> Columns.timestamp(question.beforeMicros()));
      collect(statement, questions, parts);
    }
    List<Candle> partOrNull = new ArrayList<>();
    parts.forEach(part -> partOrNull.add(part.isEmpty() ? null : part.get(0)));
    return partOrNull;
  }

  private static List<List<Candle>> whole(List<Question> questions, Connection connection)
      throws SQLException {
    List<List<Candle>> candles = lists(questions.size());
    try (PreparedStatement statement = connection.prepareStatement(WHOLE)) {
      instruments(questions, statement)
          .bind("timestamptz", question -> Columns.timestamp(question.beforeMicros()))
          .bind("timestamptz", question -> Columns.timestamp(question.untilMicros()));
      collect(statement, questions, candles);
    }
    return candles;
  }

  private static Columns<Question> instruments(
      List<Question> questions, PreparedStatement statement) throws SQLException {
    return new Columns<>(questions, statement)
        .bind("text", question -> question.instrument().symbol())
        .bind("text", question -> question.instrument().source());
  }

  /** A stored candle, as far as indicators go on from it. */
  private record Remembered(double high, double low, double close, IndicatorValues stored) {}

  private static void remember(PreparedStatement statement, List<List<Remembered>> candles)
      throws SQLException {
    try (ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        candles
            .get(result.getInt("number") - 1)
            .add(
                new Remembered(
                    result.getDouble("high"),
                    result.getDouble("low"),
                    result.getDouble("close"),
                    IndicatorValues.ofAverages(
                        result.getObject("ema_9", Double.class),
                        result.getObject("ema_21", Double.class),
                        result.getObject("ema_50", Double.class),
                        result.getObject("ema_200", Double.class),
                        result.getObject("atr_14", Double.class))));
      }
    }
  }

  private static List<Indicators> indicators(List<List<Remembered>> candles) {
    List<Indicators> all = new ArrayList<>(candles.size());
    for (List<Remembered> ofOne : candles) {
      Indicators indicators = Indicators.start();
      for (Remembered candle : ofOne) {
        indicators =
            indicators.resume(candle.high(), candle.low(), candle.close(), candle.stored());
      }
      all.add(indicators);
    }
    return all;
  }

  private static void collect(
      PreparedStatement statement, List<Question> questions, List<List<Candle>> candles)
      throws SQLException {
    try (ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        int number = result.getInt("number") - 1;
        candles.get(number).add(candle(questions.get(number).instrument(), result));
      }
    }
  }

  private static Candle candle(Instrument instrument, ResultSet row) throws SQLException {
    Decimal volume = Decimal.of(row.getBigDecimal("volume"));
    Decimal turnover = Decimal.of(row.getBigDecimal("turnover"));
    Instant start = row.getObject("timestamp", OffsetDateTime.class).toInstant();
    return new Candle(
        instrument,
        start.getEpochSecond() * 1_000_000 + start.getNano() / 1_000,
        Decimal.of(row.getBigDecimal("open")),
        Decimal.of(row.getBigDecimal("high")),
        Decimal.of(row.getBigDecimal("low")),
        Decimal.of(row.getBigDecimal("close")),
        volume,
        Decimal.of(row.getBigDecimal("buy_volume")),
        turnover,
        Candle.vwap(turnover, volume),
        row.getLong("trades"),
        true);
  }

  private static <T> List<List<T>> lists(int size) {
    List<List<T>> lists = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }

  @Override
  public void close() {
    database.close();
  }
}

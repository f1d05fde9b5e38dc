package io.candlestream.past;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The past as the database has it: of the base candles and of each timeframe the last {@value
 * PastCandles#ENOUGH}, with what is stored of their indicators. All of it is read as of one moment.
 */
public final class StoredCandles implements PastCandles {

  private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(2);

  private static final String LAST_AND_BETWEEN =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, before, until, number)
      CROSS JOIN LATERAL (
        (
          SELECT "timestamp", %1$s
          FROM market_data
          WHERE symbol = q.symbol AND source = q.source AND "timestamp" < q.before AND closed
          ORDER BY "timestamp" DESC
          LIMIT 1
        )
        UNION ALL
        SELECT "timestamp", %1$s
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source
          AND "timestamp" >= q.before AND "timestamp" < q.until AND closed
      ) c
      ORDER BY q.number, c."timestamp"
      """
          .formatted(CandleColumns.WITHOUT_TIMESTAMP);

  private static final String BASE_INDICATORS =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, before, number)
      CROSS JOIN LATERAL (
        SELECT
          "timestamp",
          high::float8 AS high,
          low::float8 AS low,
          close::float8 AS close,
          %s
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source AND "timestamp" < q.before AND closed
        ORDER BY "timestamp" DESC
        LIMIT %d
      ) c
      ORDER BY q.number, c."timestamp"
      """
          .formatted(Remembered.AVERAGES, ENOUGH);

  /** What a timeframe's candle has summed up before a moment. */
  private static final String PARTS =
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

  private final Retries database;
  private final long lengthMicros;
  private final List<Timeframe> timeframes;

  private StoredCandles(Retries database, long lengthMicros, List<Timeframe> timeframes) {
    this.database = database;
    this.lengthMicros = lengthMicros;
    this.timeframes = timeframes;
  }

  /** The past, in the database of a job, of its base candles and of each of its timeframes. */
  public static Opener opener(JobConfig config) {
    DatabaseConfig database = config.database();
    long lengthMicros = config.candles().interval().toMillis() * 1_000;
    List<Timeframe> wanted = List.copyOf(config.timeframes());
    return errors ->
        new StoredCandles(
            Retries.apart(database, "candlestream warm-start", ANSWERS_WITHIN).countedBy(errors),
            lengthMicros,
            wanted);
  }

  @Override
  public Map<Instrument, Past> read(List<Question> questions)
      throws IOException, InterruptedException {
    try {
      return database.run(
          "read the past of %d instruments".formatted(questions.size()),
          connection ->
              Retries.asOfOneMoment(
                  connection, snapshot -> new Reading(questions, snapshot).all()));
    } finally {
      // The next question may be hours away.
      database.close();
    }
  }

  /** The answers to some questions, from one snapshot of the database. */
  private final class Reading {

    private final List<Question> questions;
    private final Connection connection;

    Reading(List<Question> questions, Connection connection) {
      this.questions = questions;
      this.connection = connection;
    }

    Map<Instrument, Past> all() throws SQLException {
      leaveUncompiled();
      List<List<Candle>> lastAndBetween = lastAndBetween();
      List<Moment> moments = new ArrayList<>();
      for (int i = 0; i < questions.size(); i++) {
        moments.add(moment(questions.get(i), lastAndBetween.get(i)));
      }
      List<Indicators> base = baseIndicators(moments);
      List<List<Past.OfTimeframe>> above = Moment.lists(questions.size());
      boolean hasAggregates = hasAggregates();
      for (Timeframe timeframe : timeframes) {
        List<Indicators> indicators =
            new StoredTimeframe(timeframe, hasAggregates, connection).indicators(moments);
        List<List<Candle>> parts = parts(timeframe, moments);
        for (int i = 0; i < questions.size(); i++) {
          Candle part = parts.get(i).isEmpty() ? null : parts.get(i).get(0);
          above.get(i).add(new Past.OfTimeframe(timeframe, indicators.get(i), part));
        }
      }
      Map<Instrument, Past> pasts = new HashMap<>();
      for (int i = 0; i < questions.size(); i++) {
        Question question = questions.get(i);
        List<Candle> candles = lastAndBetween.get(i);
        boolean hasLast = hasLast(question, candles);
        Past past =
            new Past(
                moments.get(i).micros(),
                base.get(i),
                hasLast ? candles.get(0) : null,
                new ArrayList<>(candles.subList(hasLast ? 1 : 0, candles.size())),
                above.get(i));
        if (isKnown(past)) {
          pasts.put(question.instrument(), past);
        }
      }
      return pasts;
    }

    /** Compiling a plan over the chunks of two months takes 36 s, and running it 2. */
    private void leaveUncompiled() throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LOCAL jit = off");
      }
    }

    private static boolean hasLast(Question question, List<Candle> candles) {
      return !candles.isEmpty() && candles.get(0).startMicros() < question.beforeMicros();
    }

    /** Right behind the last candle, so that what fills a gap between both is not yet settled. */
    private Moment moment(Question question, List<Candle> candles) {
      long before = question.beforeMicros();
      return new Moment(
          question.instrument(),
          hasLast(question, candles)
              ? Math.min(before, candles.get(0).startMicros() + lengthMicros)
              : before);
    }

    private static boolean isKnown(Past past) {
      return past.last() != null
          || !past.between().isEmpty()
          || past.timeframes().stream()
              .anyMatch(above -> !above.indicators().equals(Indicators.start()));
    }

    /** Whether longer timeframes are more than views, which would sum up all base candles. */
    private boolean hasAggregates() throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet result =
              statement.executeQuery(
                  "SELECT FROM candlestream_settings WHERE name = 'edition' AND value ="
                      + " 'community'")) {
        return result.next();
      }
    }

    private List<List<Candle>> lastAndBetween() throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(LAST_AND_BETWEEN)) {
        new Columns<>(questions, statement)
            .bind("text", question -> question.instrument().symbol())
            .bind("text", question -> question.instrument().source())
            .bind("timestamptz", question -> Columns.timestamp(question.beforeMicros()))
            .bind("timestamptz", question -> Columns.timestamp(question.untilMicros()));
        return candles(statement);
      }
    }

    private List<Indicators> baseIndicators(List<Moment> moments) throws SQLException {
      List<List<Remembered>> candles = Moment.lists(moments.size());
      try (PreparedStatement statement = connection.prepareStatement(BASE_INDICATORS)) {
        Moment.bind(moments, moment -> moment, statement).bind("timestamptz", Moment::timestamp);
        try (ResultSet result = statement.executeQuery()) {
          while (result.next()) {
            candles
                .get(result.getInt("number") - 1)
                .add(
                    new Remembered(
                        result.getDouble("high"),
                        result.getDouble("low"),
                        result.getDouble("close"),
                        Remembered.averages(result)));
          }
        }
      }
      return candles.stream().map(Remembered::indicators).toList();
    }

    private List<List<Candle>> parts(Timeframe timeframe, List<Moment> moments)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(PARTS)) {
        Moment.bind(moments, moment -> moment, statement)
            .bind("timestamptz", moment -> Columns.timestamp(timeframe.startOf(moment.micros())))
            .bind("timestamptz", Moment::timestamp);
        return candles(statement);
      }
    }

    private List<List<Candle>> candles(PreparedStatement statement) throws SQLException {
      List<List<Candle>> candles = Moment.lists(questions.size());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          int number = result.getInt("number") - 1;
          candles.get(number).add(CandleColumns.read(questions.get(number).instrument(), result));
        }
      }
      return candles;
    }
  }

  @Override
  public void close() {
    database.close();
  }
}

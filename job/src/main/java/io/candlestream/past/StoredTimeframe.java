package io.candlestream.past;

import static io.candlestream.past.PastCandles.ENOUGH;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import io.candlestream.sink.Columns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The past of a timeframe above the base: its last rows of indicators, with the prices of their
 * candles.
 *
 * <p>Where there are continuous aggregates, these have the prices; but one that has not been
 * refreshed since a correction or a backfill has old ones. It is as the job last saw the candle if
 * it has as many trades as the row of indicators: of all others, the base candles are asked. (Of a
 * candle without trades that says nothing: its price comes from before it.) Base candles that are
 * dropped can change no more.
 */
final class StoredTimeframe {

  private static final String ROWS =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, before, number)
      CROSS JOIN LATERAL (
        SELECT "timestamp", trades, %s
        FROM indicators_%s
        WHERE symbol = q.symbol AND source = q.source AND "timestamp" < q.before
        ORDER BY "timestamp" DESC
        LIMIT %d
      ) c
      ORDER BY q.number, c."timestamp"
      """;

  /**
   * OFFSET keeps the instruments apart: without it, all that is not yet materialized, of every
   * instrument there is, would be summed up first and these picked from it afterwards, after a
   * backfill for minutes and even where there are none to pick.
   */
  private static final String AGGREGATES =
      """
      SELECT q.number, c.*
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
        WITH ORDINALITY AS q (symbol, source, "from", "to", number)
      CROSS JOIN LATERAL (
        SELECT
          bucket,
          trades,
          high::float8 AS high,
          low::float8 AS low,
          close::float8 AS close
        FROM market_data_%s
        WHERE symbol = q.symbol AND source = q.source AND bucket >= q."from" AND bucket <= q."to"
        OFFSET 0
      ) c
      """;

  /** One probe of the index for a close; a candle's whole range only where it is needed. */
  private static final String BASE =
      """
      SELECT
        q.number,
        (
          SELECT close
          FROM market_data
          WHERE symbol = q.symbol AND source = q.source
            AND "timestamp" >= q.start AND "timestamp" < q."end" AND closed
          ORDER BY "timestamp" DESC
          LIMIT 1
        )::float8 AS close,
        r.high,
        r.low
      FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::boolean[])
        WITH ORDINALITY AS q (symbol, source, start, "end", ranged, number)
      LEFT JOIN LATERAL (
        SELECT max(high)::float8 AS high, min(low)::float8 AS low
        FROM market_data
        WHERE symbol = q.symbol AND source = q.source
          AND "timestamp" >= q.start AND "timestamp" < q."end" AND closed
      ) r ON q.ranged
      """;

  private final Timeframe timeframe;
  private final boolean hasAggregates;
  private final Connection connection;

  StoredTimeframe(Timeframe timeframe, boolean hasAggregates, Connection connection) {
    this.timeframe = timeframe;
    this.hasAggregates = hasAggregates;
    this.connection = connection;
  }

  private record Prices(double high, double low, double close) {}

  /** A row of indicators, known by the instrument and start of its candle. */
  private record Row(Moment start, long trades, IndicatorValues stored) {

    boolean hasRange() {
      return !Double.isNaN(stored.atr14());
    }

    Remembered with(Prices prices) {
      return new Remembered(prices.high, prices.low, prices.close, stored);
    }
  }

  /** A candle of an aggregate. */
  private record Sum(long trades, Prices prices) {}

  /** The rows of one instrument. */
  private record Span(Moment first, Moment last) {}

  /** The indicators after the last candle before the one that holds each moment. */
  List<Indicators> indicators(List<Moment> moments) throws SQLException {
    List<List<Row>> rows = rows(moments);
    Map<Moment, Sum> sums = hasAggregates ? sums(rows) : Map.of();
    Map<Moment, Prices> base =
        base(
            rows.stream()
                .flatMap(List::stream)
                .filter(row -> !isCurrent(sums.get(row.start), row))
                .toList());
    List<Indicators> indicators = new ArrayList<>(rows.size());
    for (List<Row> ofOne : rows) {
      List<Remembered> candles = new ArrayList<>(ofOne.size());
      for (Row row : ofOne) {
        Sum sum = sums.get(row.start);
        Prices dropped = sum == null ? null : sum.prices;
        Prices prices = isCurrent(sum, row) ? sum.prices : base.getOrDefault(row.start, dropped);
        if (prices != null) {
          candles.add(row.with(prices));
        }
      }
      indicators.add(Remembered.indicators(candles));
    }
    return indicators;
  }

  private static boolean isCurrent(Sum sum, Row row) {
    return sum != null && sum.trades == row.trades && row.trades > 0;
  }

  private List<List<Row>> rows(List<Moment> moments) throws SQLException {
    List<List<Row>> rows = Moment.lists(moments.size());
    String sql = ROWS.formatted(Remembered.AVERAGES, timeframe.word(), ENOUGH);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Moment.bind(moments, moment -> moment, statement)
          .bind("timestamptz", moment -> Columns.timestamp(timeframe.startOf(moment.micros())));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          int number = result.getInt("number") - 1;
          Moment start = Moment.of(moments.get(number).instrument(), result, "timestamp");
          rows.get(number)
              .add(new Row(start, result.getLong("trades"), Remembered.averages(result)));
        }
      }
    }
    return rows;
  }

  private Map<Moment, Sum> sums(List<List<Row>> rows) throws SQLException {
    List<Span> spans = new ArrayList<>();
    for (List<Row> ofOne : rows) {
      if (!ofOne.isEmpty()) {
        spans.add(new Span(ofOne.get(0).start, ofOne.get(ofOne.size() - 1).start));
      }
    }
    Map<Moment, Sum> sums = new HashMap<>();
    String sql = AGGREGATES.formatted(timeframe.word());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Moment.bind(spans, Span::first, statement)
          .bind("timestamptz", span -> span.first.timestamp())
          .bind("timestamptz", span -> span.last.timestamp());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          Span span = spans.get(result.getInt("number") - 1);
          sums.put(
              Moment.of(span.first.instrument(), result, "bucket"),
              new Sum(
                  result.getLong("trades"),
                  new Prices(
                      result.getDouble("high"),
                      result.getDouble("low"),
                      result.getDouble("close"))));
        }
      }
    }
    return sums;
  }

  private Map<Moment, Prices> base(List<Row> rows) throws SQLException {
    if (rows.isEmpty()) {
      return Map.of();
    }
    Map<Moment, Prices> base = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(BASE)) {
      Moment.bind(rows, Row::start, statement)
          .bind("timestamptz", row -> row.start.timestamp())
          .bind("timestamptz", row -> Columns.timestamp(timeframe.endOf(row.start.micros())))
          .bind("bool", row -> !row.hasRange());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          Row row = rows.get(result.getInt("number") - 1);
          Double close = result.getObject("close", Double.class);
          if (close != null) {
            base.put(
                row.start,
                row.hasRange()
                    ? new Prices(close, close, close)
                    : new Prices(result.getDouble("high"), result.getDouble("low"), close));
          }
        }
      }
    }
    return base;
  }
}

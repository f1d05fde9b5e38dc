package io.candlestream.bench.speed;

import static io.candlestream.indicator.IndicatorValues.orNaN;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.TrendDirection;
import io.candlestream.indicator.VolatilityRegime;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.past.CandleColumns;
import io.candlestream.sink.Columns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The rows of {@code market_data}, as others read them. */
final class CandleRows {

  private static final String SINCE =
      """
      SELECT *
      FROM market_data
      WHERE symbol = ? AND source = ? AND "timestamp" >= ?
      ORDER BY "timestamp"
      """;

  private final Connection connection;

  CandleRows(Connection connection) {
    this.connection = connection;
  }

  List<Instrument> instruments() throws SQLException {
    List<Instrument> instruments = new ArrayList<>();
    try (PreparedStatement query =
            connection.prepareStatement("SELECT DISTINCT source, symbol FROM market_data");
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        instruments.add(new Instrument(row.getString("source"), row.getString("symbol")));
      }
    }
    return instruments;
  }

  /** When the newest candle of all starts; 0 without one. */
  long newestMicros() throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement("SELECT max(\"timestamp\") AS newest FROM market_data");
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getObject("newest") == null ? 0 : Columns.micros(row, "newest");
    }
  }

  /** An instrument's rows from a moment on, in the order of time. */
  List<CandleRow> since(long micros, Instrument instrument) throws SQLException {
    List<CandleRow> rows = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(SINCE)) {
      query.setString(1, instrument.symbol());
      query.setString(2, instrument.source());
      query.setObject(3, Columns.timestamp(micros).atOffset(ZoneOffset.UTC));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          rows.add(new CandleRow(CandleColumns.read(instrument, row), indicators(row)));
        }
      }
    }
    return rows;
  }

  /**
   * All rows of an instrument.
   *
   * @throws IllegalStateException if the indicators of one are not those of the candles up to it
   */
  List<CandleRow> checked(Instrument instrument) throws SQLException {
    List<CandleRow> rows = since(0, instrument);
    Indicators indicators = Indicators.start();
    for (CandleRow row : rows) {
      Candle candle = row.candle();
      indicators =
          indicators.update(
              candle.high().doubleValue(),
              candle.low().doubleValue(),
              candle.close().doubleValue());
      if (!row.indicators().equals(indicators.values())) {
        throw new IllegalStateException(
            "%s is stored with %s, and has %s"
                .formatted(candle, row.indicators(), indicators.values()));
      }
    }
    return rows;
  }

  private static IndicatorValues indicators(ResultSet row) throws SQLException {
    String trend = row.getString("trend_direction");
    String regime = row.getString("volatility_regime");
    return new IndicatorValues(
        orNaN(row.getObject("ema_9", Double.class)),
        orNaN(row.getObject("ema_21", Double.class)),
        orNaN(row.getObject("ema_50", Double.class)),
        orNaN(row.getObject("ema_200", Double.class)),
        orNaN(row.getObject("rsi_14", Double.class)),
        orNaN(row.getObject("macd", Double.class)),
        orNaN(row.getObject("macd_signal", Double.class)),
        orNaN(row.getObject("macd_histogram", Double.class)),
        orNaN(row.getObject("bb_upper", Double.class)),
        orNaN(row.getObject("bb_middle", Double.class)),
        orNaN(row.getObject("bb_lower", Double.class)),
        orNaN(row.getObject("atr_14", Double.class)),
        trend == null ? null : TrendDirection.valueOf(trend),
        regime == null ? null : VolatilityRegime.valueOf(regime));
  }
}

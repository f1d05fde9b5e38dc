package io.candlestream.past;

import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.sink.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A stored candle, closed, as a query hands it out. */
public final class CandleColumns {

  /** What a query needs beside {@code "timestamp"}. */
  public static final String WITHOUT_TIMESTAMP =
      "open, high, low, close, volume, buy_volume, turnover, trades";

  private CandleColumns() {}

  /** The candle in the current row. */
  public static Candle read(Instrument instrument, ResultSet row) throws SQLException {
    Decimal volume = Decimal.of(row.getBigDecimal("volume"));
    Decimal turnover = Decimal.of(row.getBigDecimal("turnover"));
    return new Candle(
        instrument,
        Columns.micros(row, "timestamp"),
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
}

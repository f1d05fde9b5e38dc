package io.candlestream.sink;

import static java.lang.Double.NaN;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.TrendDirection;
import io.candlestream.indicator.VolatilityRegime;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Rows to write, where only a few of their values matter to a test. */
final class SampleRows {

  static final Instant MIDNIGHT = Instant.parse("2024-08-09T00:00:00Z");

  static final IndicatorValues NONE =
      new IndicatorValues(NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, null, null);

  static final IndicatorValues WARM =
      new IndicatorValues(
          1.1,
          2.2,
          3.3,
          Double.MIN_VALUE,
          55.5,
          -0.1,
          1e-300,
          Math.nextUp(0.1),
          Double.MAX_VALUE,
          100.0 / 3,
          -7.25,
          0.0,
          TrendDirection.SIDEWAYS,
          VolatilityRegime.EXTREME);

  private SampleRows() {}

  /** A flat candle of trades of size 1. */
  static CandleRow row(String symbol, Instant start, String price, long trades) {
    return row(symbol, start, price, trades, NONE);
  }

  static CandleRow row(
      String symbol, Instant start, String price, long trades, IndicatorValues indicators) {
    Decimal flat = decimal(price);
    return new CandleRow(
        new Candle(
            new Instrument("venue", symbol),
            micros(start),
            flat,
            flat,
            flat,
            flat,
            Decimal.of(trades, 0),
            Decimal.ZERO,
            flat.multiply(Decimal.of(trades, 0)),
            flat,
            trades,
            true),
        indicators);
  }

  /** Not by {@code ChronoUnit}, whose way leads over nanoseconds and ends in the year 2262. */
  static long micros(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  static Decimal decimal(String text) {
    return Decimal.of(new BigDecimal(text));
  }

  static Reject rejected(long offset, byte[] raw, RejectReason... reasons) {
    return new Reject(
        Input.TICKS,
        new Origin("ticks", 3, offset, 0, MIDNIGHT.toEpochMilli()),
        raw,
        List.of(reasons),
        null,
        null,
        null);
  }
}

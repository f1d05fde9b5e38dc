package io.candlestream.bench.speed;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.sink.Columns;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A column of {@code market_data}, as who writes it without our sink would send it.
 *
 * @param value of the Java type that JDBC has for the column's
 */
record CandleField(String name, Function<CandleRow, Object> value) {

  /** All that a job writes. */
  static final List<CandleField> ALL =
      List.of(
          candle("symbol", candle -> candle.instrument().symbol()),
          candle("source", candle -> candle.instrument().source()),
          candle("\"timestamp\"", candle -> timestamp(candle.startMicros())),
          number("open", Candle::open),
          number("high", Candle::high),
          number("low", Candle::low),
          number("close", Candle::close),
          number("volume", Candle::volume),
          number("buy_volume", Candle::buyVolume),
          number("turnover", Candle::turnover),
          number("vwap", Candle::vwap),
          candle("trades", Candle::trades),
          candle("closed", Candle::closed),
          indicator("ema_9", IndicatorValues::ema9),
          indicator("ema_21", IndicatorValues::ema21),
          indicator("ema_50", IndicatorValues::ema50),
          indicator("ema_200", IndicatorValues::ema200),
          indicator("rsi_14", IndicatorValues::rsi14),
          indicator("macd", IndicatorValues::macd),
          indicator("macd_signal", IndicatorValues::macdSignal),
          indicator("macd_histogram", IndicatorValues::macdHistogram),
          indicator("bb_upper", IndicatorValues::bbUpper),
          indicator("bb_middle", IndicatorValues::bbMiddle),
          indicator("bb_lower", IndicatorValues::bbLower),
          indicator("atr_14", IndicatorValues::atr14),
          indicator("trend_direction", values -> values.trendDirection().name()),
          indicator("volatility_regime", values -> values.volatilityRegime().name()));

  /** How many of them are the key. */
  static final int KEYS = 3;

  private static CandleField candle(String name, Function<Candle, Object> value) {
    return new CandleField(name, row -> value.apply(row.candle()));
  }

  private static CandleField number(String name, Function<Candle, Decimal> value) {
    return candle(name, candle -> value.apply(candle).toBigDecimal());
  }

  private static CandleField indicator(String name, Function<IndicatorValues, Object> value) {
    return new CandleField(name, row -> value.apply(row.indicators()));
  }

  private static OffsetDateTime timestamp(long micros) {
    return Columns.timestamp(micros).atOffset(ZoneOffset.UTC);
  }

  /**
   * All in a list for SQL.
   *
   * @param pattern of each one's name
   */
  static String listed(List<CandleField> fields, String pattern) {
    return fields.stream()
        .map(field -> pattern.formatted(field.name()))
        .collect(Collectors.joining(", "));
  }
}

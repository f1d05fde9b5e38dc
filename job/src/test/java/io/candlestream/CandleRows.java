package io.candlestream;

import static io.candlestream.indicator.IndicatorValues.orNull;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.oracle.Row;
import io.candlestream.past.PastCandles;
import io.candlestream.past.PastCandles.Question;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes rows as the tables {@code market_data} and {@code indicators_5m} … do: upserts, and never
 * loses trades, nor that a candle is closed. What is in it is the past of whoever asks.
 */
final class CandleRows implements Stations.Tables {

  private record Key(String table, Instrument instrument, long startMicros) {}

  private static final Comparator<Candle> FULLNESS =
      Comparator.comparing(Candle::closed).thenComparing(Candle::trades);

  private static final Map<Integer, CandleRows> ALL = new ConcurrentHashMap<>();
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final int number = NUMBERS.incrementAndGet();
  private final Map<Key, CandleRow> rows = new HashMap<>();
  private long provisional;

  CandleRows() {
    ALL.put(number, this);
  }

  @Override
  public void accept(String table, CandleRow row) {
    Candle candle = row.candle();
    provisional += candle.closed() ? 0 : 1;
    rows.merge(
        new Key(table, candle.instrument(), candle.startMicros()),
        row,
        (stored, excluded) ->
            FULLNESS.compare(excluded.candle(), stored.candle()) >= 0 ? excluded : stored);
  }

  void close() {
    ALL.remove(number);
  }

  /** How many rows of open candles there were. */
  long provisional() {
    return provisional;
  }

  List<Row> all(String table) {
    List<Row> sorted = new ArrayList<>();
    rows.forEach(
        (key, row) -> {
          if (key.table().equals(table)) {
            sorted.add(row(row));
          }
        });
    sorted.sort(Row.ORDER);
    return sorted;
  }

  /** The tables as the past; an operator that is a copy of another finds them by their number. */
  PastCandles.Opener past(long lengthMicros) {
    int tables = number;
    return errors ->
        new PastCandles() {
          @Override
          public Map<Instrument, Past> read(List<Question> questions) {
            Map<Instrument, Past> pasts = new HashMap<>();
            for (Question question : questions) {
              ALL.get(tables)
                  .past(question, lengthMicros)
                  .ifPresent(past -> pasts.put(question.instrument(), past));
            }
            return pasts;
          }

          @Override
          public void close() {}
        };
  }

  private Optional<Past> past(Question question, long lengthMicros) {
    NavigableMap<Long, Candle> candles = new TreeMap<>();
    rows.forEach(
        (key, row) -> {
          if (key.table().equals("market_data")
              && key.instrument().equals(question.instrument())
              && row.candle().closed()) {
            candles.put(key.startMicros(), row.candle());
          }
        });
    Map.Entry<Long, Candle> last = candles.lowerEntry(question.beforeMicros());
    List<Candle> between =
        List.copyOf(candles.subMap(question.beforeMicros(), question.untilMicros()).values());
    if (last == null && between.isEmpty()) {
      return Optional.empty();
    }
    long before =
        last == null
            ? question.beforeMicros()
            : Math.min(question.beforeMicros(), last.getKey() + lengthMicros);
    List<Past.OfTimeframe> timeframes = new ArrayList<>();
    for (Timeframe timeframe : Timeframe.values()) {
      NavigableMap<Long, Candle> sums = new TreeMap<>();
      for (Candle candle : candles.headMap(before).values()) {
        long start = timeframe.startOf(candle.startMicros());
        sums.merge(start, candle.at(start), (sum, ignored) -> sum.with(candle, start));
      }
      Candle part = sums.remove(timeframe.startOf(before));
      timeframes.add(new Past.OfTimeframe(timeframe, indicators(sums.values()), part));
    }
    return Optional.of(
        new Past(
            before,
            indicators(candles.headMap(before).values()),
            last == null ? null : last.getValue(),
            between,
            timeframes));
  }

  private static Indicators indicators(Collection<Candle> candles) {
    Indicators indicators = Indicators.start();
    for (Candle candle : candles) {
      indicators =
          indicators.update(
              candle.high().doubleValue(),
              candle.low().doubleValue(),
              candle.close().doubleValue());
    }
    return indicators;
  }

  private static Row row(CandleRow row) {
    Candle candle = row.candle();
    IndicatorValues values = row.indicators();
    return new Row(
        candle.instrument().symbol(),
        candle.instrument().source(),
        Instant.EPOCH.plus(candle.startMicros(), ChronoUnit.MICROS),
        text(candle.open()),
        text(candle.high()),
        text(candle.low()),
        text(candle.close()),
        text(candle.volume()),
        text(candle.buyVolume()),
        text(candle.turnover()),
        text(candle.vwap()),
        candle.trades(),
        candle.closed(),
        orNull(values.ema9()),
        orNull(values.ema21()),
        orNull(values.ema50()),
        orNull(values.ema200()),
        orNull(values.rsi14()),
        orNull(values.macd()),
        orNull(values.macdSignal()),
        orNull(values.macdHistogram()),
        orNull(values.bbUpper()),
        orNull(values.bbMiddle()),
        orNull(values.bbLower()),
        orNull(values.atr14()),
        Objects.toString(values.trendDirection(), null),
        Objects.toString(values.volatilityRegime(), null));
  }

  private static String text(Decimal value) {
    return Objects.toString(value, null);
  }
}

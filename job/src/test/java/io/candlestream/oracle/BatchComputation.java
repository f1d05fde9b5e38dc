package io.candlestream.oracle;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The content of {@code market_data} that a set of valid ticks, none of them late, must lead to,
 * computed in the plainest way: parse everything, drop duplicates, group, sort, fold.
 *
 * <p>This is what judges the job, so it shares no class with it: the order of ticks, the sums, the
 * rounding and the indicators are written here a second time.
 */
public final class BatchComputation {

  /** Without limits on lengths, as the rules for ticks limit the whole record only. */
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final Pattern CANONICAL_INTEGER = Pattern.compile("0|-?[1-9][0-9]*");
  private static final int VWAP_FRACTIONAL_DIGITS = 18;

  private final long intervalMicros;
  private final String defaultSource;
  private final boolean fillsGaps;

  /**
   * @param interval the length of a candle, aligned to the epoch
   * @param defaultSource the source of ticks that name none; null when all ticks do
   */
  public BatchComputation(Duration interval, String defaultSource) {
    this(interval.toNanos() / 1_000, defaultSource, false);
  }

  private BatchComputation(long intervalMicros, String defaultSource, boolean fillsGaps) {
    this.intervalMicros = intervalMicros;
    this.defaultSource = defaultSource;
    this.fillsGaps = fillsGaps;
    if (intervalMicros <= 0) {
      throw new IllegalArgumentException("interval: " + intervalMicros + " µs is not above 0");
    }
  }

  /** The same, with or without a flat candle for every interval between two candles. */
  public BatchComputation fillingGaps(boolean fills) {
    return new BatchComputation(intervalMicros, defaultSource, fills);
  }

  /**
   * Computes the table from all its ticks.
   *
   * @param records valid canonical ticks in the order of arrival, which counts only between ticks
   *     of one identity that differ: the first is taken
   * @return closed candles with their indicators, in {@link Row#ORDER}
   */
  public List<Row> marketData(List<TickRecord> records) {
    return rows(candles(records));
  }

  /**
   * Computes the candles of a longer timeframe with indicators of their own.
   *
   * @param length a multiple of the interval
   * @param records as for {@link #marketData}
   * @return closed candles with their indicators, in {@link Row#ORDER}
   */
  public List<Row> timeframe(Duration length, List<TickRecord> records) {
    return timeframes(List.of(length), records).get(length);
  }

  /**
   * The same for several timeframes, by their length, of ticks that are too many to parse again.
   */
  public Map<Duration, List<Row>> timeframes(List<Duration> lengths, List<TickRecord> records) {
    Map<Instrument, List<Candle>> base = candles(records);
    Map<Duration, List<Row>> timeframes = new HashMap<>();
    for (Duration length : lengths) {
      timeframes.put(length, rows(sums(length.toNanos() / 1_000, base)));
    }
    return timeframes;
  }

  private static Map<Instrument, List<Candle>> sums(
      long lengthMicros, Map<Instrument, List<Candle>> instruments) {
    Map<Instrument, List<Candle>> sums = new HashMap<>();
    instruments.forEach(
        (instrument, base) -> {
          NavigableMap<Long, List<Candle>> groups = new TreeMap<>();
          for (Candle candle : base) {
            long start = candle.startMicros - Math.floorMod(candle.startMicros, lengthMicros);
            groups.computeIfAbsent(start, none -> new ArrayList<>()).add(candle);
          }
          List<Candle> candles = new ArrayList<>();
          groups.forEach((start, group) -> candles.add(Candle.ofCandles(start, group)));
          sums.put(instrument, candles);
        });
    return sums;
  }

  /** Each instrument's base candles in the order of time. */
  private Map<Instrument, List<Candle>> candles(List<TickRecord> records) {
    Map<Instrument, NavigableMap<Long, List<Tick>>> instruments = new HashMap<>();
    Set<Identity> seen = new HashSet<>();
    for (TickRecord record : records) {
      Tick tick = parse(record);
      long start = tick.micros - Math.floorMod(tick.micros, intervalMicros);
      if (tick.tradeId == null || seen.add(new Identity(tick.instrument, start, tick.tradeId))) {
        instruments
            .computeIfAbsent(tick.instrument, none -> new TreeMap<>())
            .computeIfAbsent(start, none -> new ArrayList<>())
            .add(tick);
      }
    }
    Map<Instrument, List<Candle>> candles = new HashMap<>();
    instruments.forEach(
        (instrument, ticks) -> {
          List<Candle> ofInstrument = new ArrayList<>();
          ticks.forEach((start, ofCandle) -> add(Candle.of(start, ofCandle), ofInstrument));
          candles.put(instrument, ofInstrument);
        });
    return candles;
  }

  private void add(Candle candle, List<Candle> candles) {
    if (fillsGaps && !candles.isEmpty()) {
      Candle last = candles.get(candles.size() - 1);
      for (long start = last.startMicros + intervalMicros;
          start < candle.startMicros;
          start += intervalMicros) {
        candles.add(Candle.flat(start, last.close));
      }
    }
    candles.add(candle);
  }

  private static List<Row> rows(Map<Instrument, List<Candle>> instruments) {
    List<Row> rows = new ArrayList<>();
    instruments.forEach((instrument, candles) -> rows.addAll(rowsOf(instrument, candles)));
    rows.sort(Row.ORDER);
    return rows;
  }

  private Tick parse(TickRecord record) {
    CanonicalTick tick;
    try {
      tick = JSON.readValue(record.json(), CanonicalTick.class);
    } catch (IOException e) {
      throw new UncheckedIOException("not a canonical tick: " + record, e);
    }
    String tradeId = tick.tradeId;
    return new Tick(
        new Instrument(tick.source == null ? defaultSource : tick.source, tick.symbol),
        micros(tick.timestamp),
        tick.sequence,
        tradeId,
        tradeId != null && CANONICAL_INTEGER.matcher(tradeId).matches()
            ? new BigInteger(tradeId)
            : null,
        new BigDecimal(tick.price),
        new BigDecimal(tick.size),
        "buy".equals(tick.side),
        record);
  }

  private static long micros(String timestamp) {
    if (!CANONICAL_INTEGER.matcher(timestamp).matches()) {
      Instant instant = OffsetDateTime.parse(timestamp).toInstant();
      return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
    long epoch = Long.parseLong(timestamp);
    if (epoch < 100_000_000_000L) {
      return epoch * 1_000_000;
    } else if (epoch < 100_000_000_000_000L) {
      return epoch * 1_000;
    } else if (epoch < 100_000_000_000_000_000L) {
      return epoch;
    }
    return epoch / 1_000;
  }

  private static List<Row> rowsOf(Instrument instrument, List<Candle> candles) {
    BatchIndicators indicators =
        BatchIndicators.of(
            candles.stream().mapToDouble(candle -> candle.high.doubleValue()).toArray(),
            candles.stream().mapToDouble(candle -> candle.low.doubleValue()).toArray(),
            candles.stream().mapToDouble(candle -> candle.close.doubleValue()).toArray());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < candles.size(); i++) {
      Candle candle = candles.get(i);
      rows.add(
          new Row(
              instrument.symbol,
              instrument.source,
              Instant.EPOCH.plus(candle.startMicros, ChronoUnit.MICROS),
              plain(candle.open),
              plain(candle.high),
              plain(candle.low),
              plain(candle.close),
              plain(candle.volume),
              plain(candle.buyVolume),
              plain(candle.turnover),
              candle.volume.signum() == 0 ? null : plain(candle.vwap()),
              candle.trades,
              true,
              indicators.ema9()[i],
              indicators.ema21()[i],
              indicators.ema50()[i],
              indicators.ema200()[i],
              indicators.rsi14()[i],
              indicators.macd()[i],
              indicators.macdSignal()[i],
              indicators.macdHistogram()[i],
              indicators.bbUpper()[i],
              indicators.bbMiddle()[i],
              indicators.bbLower()[i],
              indicators.atr14()[i],
              indicators.trendDirection()[i],
              indicators.volatilityRegime()[i]));
    }
    return rows;
  }

  private static String plain(BigDecimal value) {
    return value.stripTrailingZeros().toPlainString();
  }

  /** The fields as their JSON text, whether number or string there: decimals keep every digit. */
  private record CanonicalTick(
      String source,
      String symbol,
      @JsonProperty("trade_id") String tradeId,
      Long sequence,
      String price,
      String size,
      String side,
      String timestamp) {}

  private record Instrument(String source, String symbol) {}

  private record Identity(Instrument instrument, long candleStartMicros, String tradeId) {}

  /** {@code numericId} is the trade id as a number, null where it is text or absent. */
  private record Tick(
      Instrument instrument,
      long micros,
      Long sequence,
      String tradeId,
      BigInteger numericId,
      BigDecimal price,
      BigDecimal size,
      boolean buy,
      TickRecord record) {

    /** Nulls last puts numeric ids before text ids, and these before none. */
    static final Comparator<Tick> ORDER =
        Comparator.comparingLong(Tick::micros)
            .thenComparing(Tick::sequence, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Tick::numericId, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Tick::tradeId, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(tick -> tick.record.topic())
            .thenComparing(tick -> tick.record.partition())
            .thenComparing(tick -> tick.record.offset());
  }

  private record Candle(
      long startMicros,
      BigDecimal open,
      BigDecimal high,
      BigDecimal low,
      BigDecimal close,
      BigDecimal volume,
      BigDecimal buyVolume,
      BigDecimal turnover,
      long trades) {

    static Candle of(long startMicros, List<Tick> ticks) {
      List<Tick> inOrder = new ArrayList<>(ticks);
      inOrder.sort(Tick.ORDER);
      BigDecimal high = inOrder.get(0).price;
      BigDecimal low = high;
      BigDecimal volume = BigDecimal.ZERO;
      BigDecimal buyVolume = BigDecimal.ZERO;
      BigDecimal turnover = BigDecimal.ZERO;
      for (Tick tick : inOrder) {
        high = high.max(tick.price);
        low = low.min(tick.price);
        volume = volume.add(tick.size);
        buyVolume = tick.buy ? buyVolume.add(tick.size) : buyVolume;
        turnover = turnover.add(tick.price.multiply(tick.size));
      }
      return new Candle(
          startMicros,
          inOrder.get(0).price,
          high,
          low,
          inOrder.get(inOrder.size() - 1).price,
          volume,
          buyVolume,
          turnover,
          inOrder.size());
    }

    static Candle flat(long startMicros, BigDecimal price) {
      return new Candle(
          startMicros,
          price,
          price,
          price,
          price,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          0);
    }

    /** Of base candles in the order of time. */
    static Candle ofCandles(long startMicros, List<Candle> base) {
      return new Candle(
          startMicros,
          base.get(0).open,
          base.stream().map(Candle::high).reduce(BigDecimal::max).orElseThrow(),
          base.stream().map(Candle::low).reduce(BigDecimal::min).orElseThrow(),
          base.get(base.size() - 1).close,
          base.stream().map(Candle::volume).reduce(BigDecimal.ZERO, BigDecimal::add),
          base.stream().map(Candle::buyVolume).reduce(BigDecimal.ZERO, BigDecimal::add),
          base.stream().map(Candle::turnover).reduce(BigDecimal.ZERO, BigDecimal::add),
          base.stream().mapToLong(Candle::trades).sum());
    }

    BigDecimal vwap() {
      return turnover.divide(volume, VWAP_FRACTIONAL_DIGITS, RoundingMode.HALF_EVEN);
    }
  }
}

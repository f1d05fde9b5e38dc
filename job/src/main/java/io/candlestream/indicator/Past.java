package io.candlestream.indicator;

import static java.util.Objects.requireNonNull;

import io.candlestream.config.Timeframe;
import io.candlestream.market.Candle;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the database knows of an instrument's time before a moment: enough to go on as if the job
 * had never stopped.
 *
 * @param beforeMicros the moment; every candle that starts before is part of what follows here
 * @param indicators the base candles' indicators after the last of them
 * @param last the last base candle before that moment; null if there is none
 * @param between base candles from that moment on that the job has not built itself, in the order
 *     of time: they may still be corrected
 * @param timeframes the same for each timeframe above the base
 */
public record Past(
    long beforeMicros,
    Indicators indicators,
    Candle last,
    List<Candle> between,
    List<OfTimeframe> timeframes) {

  /**
   * What is known on one timeframe.
   *
   * @param indicators the timeframe's indicators after its last candle before the one that holds
   *     the moment
   * @param part what the candle that holds the moment has summed up before it; null if nothing
   */
  public record OfTimeframe(Timeframe timeframe, Indicators indicators, Candle part) {

    public OfTimeframe {
      requireNonNull(timeframe, "timeframe");
      requireNonNull(indicators, "indicators");
    }
  }

  public Past {
    requireNonNull(indicators, "indicators");
    requireNonNull(between, "between");
    requireNonNull(timeframes, "timeframes");
  }

  /** Before everything: no candle starts earlier. */
  public static final long BEGINNING_MICROS = 0;

  /** Where nothing is known: what follows begins anew. */
  public static Past nothing(List<Timeframe> timeframes) {
    return new Past(
        BEGINNING_MICROS,
        Indicators.start(),
        null,
        List.of(),
        timeframes.stream()
            .map(timeframe -> new OfTimeframe(timeframe, Indicators.start(), null))
            .toList());
  }

  /** Of one timeframe's indicators alone. */
  public static Past of(long beforeMicros, Indicators indicators) {
    return new Past(beforeMicros, indicators, null, List.of(), List.of());
  }

  /**
   * The base candles after it, in the order of time: those of the database, and in place of them
   * those that the job has built itself.
   *
   * @param built the job's own; what starts before this past's moment is left out
   */
  public List<Candle> followedBy(List<Candle> built) {
    NavigableMap<Long, Candle> candles = new TreeMap<>();
    between.forEach(candle -> candles.put(candle.startMicros(), candle));
    built.forEach(candle -> candles.put(candle.startMicros(), candle));
    return new ArrayList<>(candles.tailMap(beforeMicros, true).values());
  }
}

package io.candlestream.bench.speed;

import io.candlestream.candle.PartialCandle;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.dedup.ContentMarks;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.dedup.TradeIds;
import io.candlestream.indicator.IndicatorHistory;
import io.candlestream.ingest.RecordDecoder;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.market.Candle;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Tick;
import io.candlestream.market.TradeId;
import io.candlestream.quality.HampelFilter;
import io.candlestream.quality.RecentValues;
import io.candlestream.rollup.RollUp;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * What the job does with ticks, in one thread without Flink: a loop over the records, a map of the
 * instruments, and the job's own arithmetic. It cannot restart, nor run in two places.
 */
final class PlainLoop {

  /** After all ticks, and not so far that microseconds overflow. */
  private static final long THE_END_MILLIS = Long.MAX_VALUE / 2_000;

  private final JobConfig config;
  private final Intervals intervals;
  private final HampelFilter priceFilter;
  private final RecordDecoder<Tick> decoder;
  private final Map<Instrument, Market> markets = new HashMap<>();
  private long highestMicros = Long.MIN_VALUE;
  private long watermarkMillis = Long.MIN_VALUE;
  private long nextCloseMillis = Long.MIN_VALUE;
  private long accepted;

  PlainLoop(JobConfig config) {
    this.config = config;
    intervals =
        Intervals.of(
            config.candles().interval(),
            config.time().outOfOrderness(),
            config.time().allowedLateness());
    priceFilter = HampelFilter.of(config.quality().priceSpike());
    decoder = TickDecoders.of(config).ofPartition();
  }

  /** A candle to be, and the trades in it. */
  private static final class Minute {
    private final TradeIds ids = new TradeIds();
    private final ContentMarks marks = new ContentMarks();
    private PartialCandle candle;

    boolean hasChanged() {
      return candle != null && candle.changed();
    }
  }

  /** All about one instrument. */
  private final class Market {

    private final Instrument instrument;
    private final Map<Long, Minute> minutes = new HashMap<>();
    private final Map<Timeframe, IndicatorHistory> timeframes = new EnumMap<>(Timeframe.class);
    private DropFrontier frontier = DropFrontier.START;
    private RecentValues prices;
    private IndicatorHistory history = IndicatorHistory.start();
    private RollUp rollUp = RollUp.start();

    Market(Instrument instrument) {
      this.instrument = instrument;
    }

    void take(Tick tick) {
      advance(tick.timestampMicros());
      long start = intervals.startOf(tick.timestampMicros());
      if (frontier.isDropped(start)) {
        return;
      }
      Minute minute = minutes.computeIfAbsent(start, unknown -> new Minute());
      TradeId id = DropDuplicates.identity(tick, config.dedup().withoutId());
      if (id.isPresent()) {
        if (!minute.ids.add(id)) {
          return;
        }
        minute.marks.add(tick);
      }
      prices = priceFilter.adopt(prices);
      priceFilter.judge(prices, tick.price().doubleValue(), tick.timestampMicros());
      minute.candle = minute.candle == null ? PartialCandle.of(tick) : minute.candle.add(tick);
      accepted++;
    }

    private void advance(long timestampMicros) {
      DropFrontier now = frontier.advance(timestampMicros, watermarkMillis, intervals);
      if (now.droppedBeforeMicros() > frontier.droppedBeforeMicros()) {
        emitBefore(now.droppedBeforeMicros());
        minutes.keySet().removeIf(now::isDropped);
      }
      frontier = now;
    }

    /** Hands out what is over by the watermark. */
    void close(long startOfOpen) {
      emitBefore(startOfOpen);
      for (RollUp.Bucket bucket : rollUp.buckets()) {
        long end = bucket.startMicros() + bucket.timeframe().lengthMicros();
        if (bucket.changed() && end / 1_000 - 1 <= watermarkMillis) {
          rollUp = rollUp.close(end, this::put);
        }
      }
    }

    private void emitBefore(long startMicros) {
      minutes.entrySet().stream()
          .filter(minute -> minute.getKey() < startMicros && minute.getValue().hasChanged())
          .sorted(Map.Entry.comparingByKey())
          .forEach(minute -> emit(minute.getKey(), minute.getValue()));
    }

    private void emit(long start, Minute minute) {
      Candle candle = minute.candle.toCandle(instrument, start, true);
      minute.candle = minute.candle.markEmitted();
      long settledBefore = Math.min(frontier.droppedBeforeMicros(), start);
      history = history.settle(settledBefore).put(candle, FinalRows::put);
      rollUp = rollUp.settle(settledBefore, this::put).put(candle, config.timeframes());
    }

    private void put(Timeframe timeframe, Candle candle, long settledBefore) {
      timeframes.put(
          timeframe,
          timeframes
              .getOrDefault(timeframe, IndicatorHistory.start())
              .settle(settledBefore)
              .put(candle, row -> FinalRows.put(timeframe, row)));
    }
  }

  /** Returns how many ticks are in candles. */
  long run(MemoryLoad load) {
    for (int i = 0; i < load.size(); i++) {
      for (Tick tick : load.decode(i, decoder).accepted()) {
        markets.computeIfAbsent(tick.instrument(), Market::new).take(tick);
        if (tick.timestampMicros() > highestMicros) {
          highestMicros = tick.timestampMicros();
          advance((highestMicros - intervals.outOfOrdernessMicros()) / 1_000 - 1);
        }
      }
    }
    advance(THE_END_MILLIS);
    return accepted;
  }

  private void advance(long millis) {
    watermarkMillis = millis;
    if (millis >= nextCloseMillis) {
      long open = intervals.startOf((millis + 1) * 1_000);
      markets.values().forEach(market -> market.close(open));
      nextCloseMillis = intervals.closingWatermark(open);
    }
  }
}

package io.candlestream.recompute;

import io.candlestream.CandleSinks;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Instrument;
import io.candlestream.state.Types;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job that ends: computes the indicators of stored candles again, from a moment on, on the base
 * and every timeframe. It is for when the past has changed under rows that were there already:
 * after a backfill, or for a new indicator or timeframe.
 *
 * <pre>
 *   recompute-indicators ─▶ route-rows ─▶ market_data
 *                                  └────▶ indicators_5m …
 * </pre>
 *
 * <p>It begins again where it fails, and writes the same: a series that was under way from its
 * beginning, those that are through not at all.
 */
public final class Recompute {

  private Recompute() {}

  /**
   * One instrument, and from when on its indicators are computed again.
   *
   * @param fromMicros what starts before is left as it is, and taken as right; microseconds since
   *     the epoch. A candle of a longer timeframe that holds this moment is computed again
   */
  public record Series(Instrument instrument, long fromMicros)
      implements SourceSplit, Serializable {

    @Override
    public String splitId() {
      return instrument.toString();
    }
  }

  /**
   * The job on the candles of its configuration's database.
   *
   * @param series each instrument once
   */
  public static void define(
      StreamExecutionEnvironment env, JobConfig config, List<Series> series, CandleSinks sinks) {
    SingleOutputStreamOperator<CandleRow> base =
        env.fromSource(
                new SeriesSource(series, config),
                WatermarkStrategy.noWatermarks(),
                "recompute-indicators",
                Types.of(Recomputed.class))
            .uid("recompute-indicators")
            .process(new RouteRows(), Types.of(CandleRow.class))
            .name("route-rows")
            .uid("route-rows");
    base.sinkTo(sinks.marketData()).name("market_data").uid("market_data");
    for (Timeframe timeframe : config.timeframes()) {
      base.getSideOutput(RouteRows.output(timeframe))
          .sinkTo(sinks.indicators(timeframe))
          .name("indicators_" + timeframe.word())
          .uid("indicators_" + timeframe.word());
    }
  }
}

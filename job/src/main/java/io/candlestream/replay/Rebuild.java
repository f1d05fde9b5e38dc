package io.candlestream.replay;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.StartPosition;
import io.candlestream.config.StopPosition;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.indicator.CandleRow;
import io.candlestream.ingest.Decoders;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.GroupTicks;
import io.candlestream.ingest.KafkaRecords;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.sink.MarketData;
import io.candlestream.sink.UpsertSink;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job that ends: builds some candles of the past again, from all their ticks, and so brings in
 * those that were rejected.
 *
 * <pre>
 *   read-ticks ─▶ take-ticks ─▶ group-ticks ═▶ leave-anomalies ─▶ drop-duplicates ─▶ build-candles ═▶ check-candles ─▶ market_data
 * </pre>
 *
 * <p>It has no watermarks but the last: a candle is built when everything has been read, so that
 * nothing is late, and nothing is written in part: of no candle, and not of some candles only where
 * others cannot be rebuilt.
 */
public final class Rebuild {

  private Rebuild() {}

  /** The job on the source and the database of its configuration. */
  public static void define(StreamExecutionEnvironment env, JobConfig config, ReplayPlan plan) {
    Intervals intervals =
        Intervals.of(
            config.candles().interval(),
            config.time().outOfOrderness(),
            config.time().allowedLateness());
    Decoders<Tick> decoders = TickDecoders.of(config);
    SingleOutputStreamOperator<Verdict<Tick>> read =
        env.fromSource(
                source(config, decoders, plan),
                WatermarkStrategy.noWatermarks(),
                "read-ticks",
                decoders.verdicts())
            .uid("read-ticks");
    SingleOutputStreamOperator<Tick> ticks =
        read.process(new TakeTicks(plan, intervals), Types.of(Tick.class))
            .name("take-ticks")
            .uid("take-ticks");
    SingleOutputStreamOperator<Ticks> grouped =
        ticks
            .transform("group-ticks", Types.of(Ticks.class), new GroupTicks(intervals))
            .uid("group-ticks");
    if (config.source().type() == SourceConfig.Type.FILES) {
      // As the job does: of copies that differ, the first counts.
      read.setParallelism(1);
      ticks.setParallelism(1);
      grouped.setParallelism(1);
    }
    SingleOutputStreamOperator<Ticks> withoutAnomalies =
        grouped
            .keyBy(Ticks::instrument, Types.of(Instrument.class))
            .process(
                new LeaveAnomalies(
                    plan.leftOut().anomalies(), intervals, config.dedup().withoutId()),
                Types.of(Ticks.class))
            .name("leave-anomalies")
            .uid("leave-anomalies");
    SingleOutputStreamOperator<Ticks> distinct =
        DataStreamUtils.reinterpretAsKeyedStream(
                withoutAnomalies, Ticks::instrument, Types.of(Instrument.class))
            .process(
                new DropDuplicates(intervals, config.dedup().withoutId(), false),
                Types.of(Ticks.class))
            .name("drop-duplicates")
            .uid("drop-duplicates");
    Map<CandleKey, Long> trades = config.database().allowShrink() ? Map.of() : plan.candles();
    DataStreamUtils.reinterpretAsKeyedStream(
            distinct, Ticks::instrument, Types.of(Instrument.class))
        .process(new BuildCandles(intervals, Duration.ZERO), Types.of(CandleUpdate.class))
        .name("build-candles")
        .uid("build-candles")
        .keyBy(candle -> true, BasicTypeInfo.BOOLEAN_TYPE_INFO)
        .process(new CheckCandles(trades), Types.of(CandleRow.class))
        .name("check-candles")
        .uid("check-candles")
        .setParallelism(1)
        .sinkTo(
            new UpsertSink<>(
                MarketData.withoutIndicators(config.database().allowShrink()), config.database()))
        .name("market_data")
        .uid("market_data")
        .setParallelism(1);
  }

  private static Source<Verdict<Tick>, ?, ?> source(
      JobConfig config, Decoders<Tick> decoders, ReplayPlan plan) {
    return switch (config.source().type()) {
      case KAFKA ->
          KafkaRecords.source(
              config
                  .source()
                  .stretch(
                      new StartPosition(StartPosition.Kind.TIMESTAMP, plan.readFrom(config)),
                      new StopPosition(StopPosition.Kind.LATEST, null))
                  .kafka(),
              decoders);
      case FILES -> FileRecords.source(config.source().files().paths(), decoders);
    };
  }
}

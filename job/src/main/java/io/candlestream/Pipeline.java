package io.candlestream;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.JobConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.ComputeIndicators;
import io.candlestream.ingest.AcceptTicks;
import io.candlestream.ingest.FileTicks;
import io.candlestream.ingest.KafkaTicks;
import io.candlestream.ingest.TickWatermarks;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import io.candlestream.sink.MarketData;
import io.candlestream.sink.RejectedTicks;
import io.candlestream.sink.UpsertSink;
import io.candlestream.state.Types;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole job, in the order of the data.
 *
 * <pre>
 *   read-ticks ─▶ accept-ticks ═▶ drop-duplicates ─▶ build-candles ─▶ compute-indicators ─▶ market_data
 *                      │                  │
 *                      └──────────────────┴──▶ rejected_ticks               ═▶ the one shuffle
 * </pre>
 */
public final class Pipeline {

  /**
   * How far the job can ever scale out. Part of every savepoint, as the uids are: with another
   * value none could be restored.
   */
  private static final int MAX_PARALLELISM = 720;

  private Pipeline() {}

  /** The job on the sources and the database of its configuration. */
  public static void define(StreamExecutionEnvironment env, JobConfig config) {
    SourceConfig source = config.source();
    Source<Verdict, ?, ?> ticks =
        switch (source.type()) {
          case KAFKA -> KafkaTicks.source(source, config.validation());
          case FILES -> FileTicks.source(source, config.validation());
        };
    define(
        env,
        config,
        ticks,
        new UpsertSink<>(new MarketData(config.database().allowShrink()), config.database()),
        new UpsertSink<>(new RejectedTicks(), config.database()));
  }

  /** The same on any source and sinks. */
  public static void define(
      StreamExecutionEnvironment env,
      JobConfig config,
      Source<Verdict, ?, ?> ticks,
      Sink<CandleRow> marketData,
      Sink<RejectedTick> rejectedTicks) {
    Intervals intervals =
        Intervals.of(
            config.candles().interval(),
            config.time().outOfOrderness(),
            config.time().allowedLateness());
    env.setMaxParallelism(MAX_PARALLELISM);

    SingleOutputStreamOperator<Tick> accepted =
        env.fromSource(ticks, watermarks(config), "read-ticks", Types.of(Verdict.class))
            .uid("read-ticks")
            .process(new AcceptTicks(intervals), Types.of(Tick.class))
            .name("accept-ticks")
            .uid("accept-ticks");

    SingleOutputStreamOperator<Tick> distinct =
        accepted
            .keyBy(Tick::instrument, Types.of(Instrument.class))
            .process(
                new DropDuplicates(intervals, config.dedup().withoutId()), Types.of(Tick.class))
            .name("drop-duplicates")
            .uid("drop-duplicates");

    SingleOutputStreamOperator<CandleUpdate> candles =
        DataStreamUtils.reinterpretAsKeyedStream(
                distinct, Tick::instrument, Types.of(Instrument.class))
            .process(new BuildCandles(intervals), Types.of(CandleUpdate.class))
            .name("build-candles")
            .uid("build-candles");

    DataStreamUtils.reinterpretAsKeyedStream(
            candles, update -> update.candle().instrument(), Types.of(Instrument.class))
        .process(new ComputeIndicators(), Types.of(CandleRow.class))
        .name("compute-indicators")
        .uid("compute-indicators")
        .sinkTo(marketData)
        .name("market_data")
        .uid("market_data");

    DataStream<RejectedTick> rejected =
        accepted
            .getSideOutput(AcceptTicks.REJECTED)
            .union(distinct.getSideOutput(DropDuplicates.LATE));
    rejected.sinkTo(rejectedTicks).name("rejected_ticks").uid("rejected_ticks");
  }

  private static WatermarkStrategy<Verdict> watermarks(JobConfig config) {
    boolean bounded =
        switch (config.source().type()) {
          case KAFKA -> KafkaTicks.isBounded(config.source().kafka());
          case FILES -> true;
        };
    return bounded
        ? TickWatermarks.bounded(config.time().outOfOrderness())
        : TickWatermarks.unbounded(config.time().outOfOrderness(), config.time().idleTimeout());
  }
}

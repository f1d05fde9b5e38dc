package io.candlestream;

import io.candlestream.candle.BuildCandles;
import io.candlestream.candle.CandleUpdate;
import io.candlestream.config.JobConfig;
import io.candlestream.config.QualityConfig;
import io.candlestream.config.SourceConfig;
import io.candlestream.config.StartPosition;
import io.candlestream.config.StreamConfig;
import io.candlestream.config.TimeConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.dedup.DropCopies;
import io.candlestream.dedup.DropDuplicates;
import io.candlestream.gap.FillGaps;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.ComputeIndicators;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.ingest.AcceptRecords;
import io.candlestream.ingest.AcceptTicks;
import io.candlestream.ingest.EventWatermarks;
import io.candlestream.ingest.GroupTicks;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.Sentiment;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.past.PastCandles;
import io.candlestream.past.ResumePoint;
import io.candlestream.past.StoredCandles;
import io.candlestream.past.WarmStart;
import io.candlestream.portfolio.KeepPortfolio;
import io.candlestream.portfolio.Mark;
import io.candlestream.portfolio.PositionRow;
import io.candlestream.portfolio.TakeMarks;
import io.candlestream.quality.CheckQuality;
import io.candlestream.rollup.RollUpCandles;
import io.candlestream.sink.RejectsTopic;
import io.candlestream.state.CachedStateOperator;
import io.candlestream.state.Types;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole job, in the order of the data.
 *
 * <pre>
 *   read-ticks ─▶ accept-ticks ─▶ group-ticks ═▶ drop-duplicates ─▶ check-quality ─▶ build-candles ─▶ warm-start ─▶ fill-gaps ─┐
 *                      │                                 │                 │                                                     │
 *                      │                                 │                 │       ┌─────────────────────────────────────────────┘
 *                      │                                 │                 │       ├─▶ compute-indicators ─▶ market_data
 *                      │                                 │                 │       └─▶ roll-up-candles ─▶ compute-indicators-5m … ─▶ indicators_5m …
 *                      └─────────────────────────────────┴─────────────────┴──▶ rejected_ticks, and rejects_topic if one is configured; data_quality_events
 *                                                                                          ═▶ the one shuffle; job_progress has but one timestamp a candle
 * </pre>
 *
 * Beside it, for who has them, one's own trades and what is said of the market:
 *
 * <pre>
 *   read-fills ─▶ accept-fills ═▶ keep-portfolio ─▶ trade_history, portfolio_positions, portfolio_snapshots
 *   fill-gaps ─▶ take-marks ─────────▲
 *   read-sentiment ─▶ accept-sentiment ═▶ drop-duplicate-sentiment ─▶ sentiment_data
 * </pre>
 */
public final class Pipeline {

  /**
   * How far the job can ever scale out. Part of every savepoint, as the uids are: with another
   * value none could be restored.
   */
  private static final int MAX_PARALLELISM = 720;

  /**
   * So many candles of an instrument may close with one watermark: what they can still change is
   * settled only by ticks that come after it, so that with many, of an instrument that is seldom
   * traded and read fast, each would be put in its place among all others.
   */
  private static final int CANDLES_AT_ONCE = 10;

  private Pipeline() {}

  /** The job on the sources and the database of its configuration. */
  public static void define(StreamExecutionEnvironment env, JobConfig config) {
    SourceConfig source = config.source();
    JobConfig job =
        source.type() == SourceConfig.Type.KAFKA
                && source.kafka().start().kind() == StartPosition.Kind.RESUME
            ? config.startingAt(ResumePoint.of(config))
            : config;
    define(env, job, Sources.of(job), StoredCandles.opener(job), Sinks.of(job.database()));
  }

  /** The same on any sources, past and sinks. */
  public static void define(
      StreamExecutionEnvironment env,
      JobConfig config,
      Sources sources,
      PastCandles.Opener past,
      Sinks sinks) {
    Intervals intervals =
        Intervals.of(
            config.candles().interval(),
            config.time().outOfOrderness(),
            config.time().allowedLateness());
    env.setMaxParallelism(MAX_PARALLELISM);

    SingleOutputStreamOperator<Verdict<Tick>> read =
        env.fromSource(
                sources.ticks(),
                Pipeline.<Tick>watermarks(config.source().isBounded(), config.time())
                    .atLeastEvery(config.candles().interval().multipliedBy(CANDLES_AT_ONCE)),
                "read-ticks",
                Types.verdicts(Tick.class))
            .uid("read-ticks");
    SingleOutputStreamOperator<Tick> accepted =
        read.process(
                new AcceptTicks(
                    intervals, config.validation().maxAhead(), config.source().kafka().start()),
                Types.of(Tick.class))
            .name("accept-ticks")
            .uid("accept-ticks");
    SingleOutputStreamOperator<Ticks> grouped =
        accepted
            .transform("group-ticks", Types.of(Ticks.class), new GroupTicks(intervals))
            .uid("group-ticks");
    if (config.source().type() == SourceConfig.Type.FILES) {
      // Two days of an instrument side by side would only be in order as long as the watermark is
      // behind both, and with another instrument's files before them it is not.
      read.setParallelism(1);
      accepted.setParallelism(1);
      grouped.setParallelism(1);
    }

    SingleOutputStreamOperator<Ticks> distinct =
        grouped
            .keyBy(Ticks::instrument, Types.of(Instrument.class))
            .transform(
                "drop-duplicates",
                Types.of(Ticks.class),
                new CachedStateOperator<>(
                    new DropDuplicates(
                        intervals,
                        config.dedup().withoutId(),
                        config.quality().conflictingDuplicate())))
            .uid("drop-duplicates");

    QualityConfig quality =
        config.source().isBounded() ? config.quality().withoutSilence() : config.quality();
    SingleOutputStreamOperator<Ticks> checked =
        quality.checksTicks() ? checkQuality(distinct, quality, intervals) : distinct;

    SingleOutputStreamOperator<CandleUpdate> candles =
        DataStreamUtils.reinterpretAsKeyedStream(
                checked, Ticks::instrument, Types.of(Instrument.class))
            .transform(
                "build-candles",
                Types.of(CandleUpdate.class),
                new CachedStateOperator<>(
                    new BuildCandles(intervals, config.candles().liveEvery())))
            .uid("build-candles");

    if (config.source().type() == SourceConfig.Type.KAFKA) {
      candles
          .getSideOutput(BuildCandles.NEWEST)
          .sinkTo(sinks.jobProgress(config.source().kafka().groupId(), intervals))
          .setParallelism(1)
          .name("job_progress")
          .uid("job_progress");
    }

    DataStream<HistoryEvent> history = history(candles, intervals, past, config);

    byInstrument(history)
        .process(new ComputeIndicators(), Types.of(CandleRow.class))
        .name("compute-indicators")
        .uid("compute-indicators")
        .sinkTo(sinks.marketData())
        .name("market_data")
        .uid("market_data");

    if (!config.timeframes().isEmpty()) {
      computeTimeframes(history, config.timeframes(), sinks);
    }

    DataStream<Reject> rejected =
        accepted
            .getSideOutput(AcceptTicks.REJECTED)
            .union(
                distinct.getSideOutput(DropDuplicates.LATE),
                checked.getSideOutput(CheckQuality.ANOMALIES));
    if (config.fills().isOn()) {
      rejected = rejected.union(keepPortfolio(env, config, sources.fills(), history, sinks));
    }
    if (config.sentiment().isOn()) {
      rejected = rejected.union(keepSentiment(env, config, sources.sentiment(), sinks));
    }
    rejected.sinkTo(sinks.rejectedTicks()).name("rejected_ticks").uid("rejected_ticks");
    if (config.rejects().hasTopic()) {
      rejected
          .sinkTo(new RejectsTopic(config.rejects(), config.source().kafka()))
          .name("rejects_topic")
          .uid("rejects_topic");
    }

    if (quality.checksTicks() || quality.conflictingDuplicate()) {
      distinct
          .getSideOutput(DropDuplicates.CONFLICTS)
          .union(checked.getSideOutput(CheckQuality.EVENTS))
          .sinkTo(sinks.dataQualityEvents())
          .name("data_quality_events")
          .uid("data_quality_events");
    }
  }

  private static SingleOutputStreamOperator<Ticks> checkQuality(
      DataStream<Ticks> ticks, QualityConfig quality, Intervals intervals) {
    return DataStreamUtils.reinterpretAsKeyedStream(
            ticks, Ticks::instrument, Types.of(Instrument.class))
        .transform(
            "check-quality",
            Types.of(Ticks.class),
            new CachedStateOperator<>(new CheckQuality(quality, intervals)))
        .uid("check-quality");
  }

  /** The candles with what came before them, and what lies between them. */
  private static DataStream<HistoryEvent> history(
      DataStream<CandleUpdate> candles,
      Intervals intervals,
      PastCandles.Opener past,
      JobConfig config) {
    DataStream<HistoryEvent> history =
        DataStreamUtils.reinterpretAsKeyedStream(
                candles, update -> update.candle().instrument(), Types.of(Instrument.class))
            .process(
                new WarmStart(
                    past, config.indicators(), config.timeframes(), config.candles().fillGaps()),
                Types.of(HistoryEvent.class))
            .name("warm-start")
            .uid("warm-start");
    return config.candles().fillGaps()
        ? byInstrument(history)
            .process(new FillGaps(intervals), Types.of(HistoryEvent.class))
            .name("fill-gaps")
            .uid("fill-gaps")
        : history;
  }

  private static void computeTimeframes(
      DataStream<HistoryEvent> history, List<Timeframe> timeframes, Sinks sinks) {
    SingleOutputStreamOperator<Void> rolledUp =
        byInstrument(history)
            .process(new RollUpCandles(timeframes), Types.of(Void.class))
            .name("roll-up-candles")
            .uid("roll-up-candles");
    for (Timeframe timeframe : timeframes) {
      byInstrument(rolledUp.getSideOutput(RollUpCandles.output(timeframe)))
          .process(new ComputeIndicators(), Types.of(CandleRow.class))
          .name("compute-indicators-" + timeframe.word())
          .uid("compute-indicators-" + timeframe.word())
          .sinkTo(sinks.indicators(timeframe))
          .name("indicators_" + timeframe.word())
          .uid("indicators_" + timeframe.word());
    }
  }

  /** Books the fills, and values the positions at the candles; returns what is rejected. */
  private static DataStream<Reject> keepPortfolio(
      StreamExecutionEnvironment env,
      JobConfig config,
      Source<Verdict<Fill>, ?, ?> source,
      DataStream<HistoryEvent> history,
      Sinks sinks) {
    SingleOutputStreamOperator<Fill> fills =
        accept(env, config, Input.FILLS, config.fills(), source, Fill.class);
    KeyedStream<Mark, Instrument> marks =
        DataStreamUtils.reinterpretAsKeyedStream(
            history
                .process(new TakeMarks(), Types.of(Mark.class))
                .name("take-marks")
                .uid("take-marks"),
            Mark::instrument,
            Types.of(Instrument.class));
    SingleOutputStreamOperator<PositionRow> positions =
        fills
            .keyBy(Fill::instrument, Types.of(Instrument.class))
            .connect(marks)
            .transform(
                "keep-portfolio",
                Types.of(PositionRow.class),
                KeepPortfolio.operator(
                    Intervals.of(
                        config.candles().interval(),
                        config.time().outOfOrderness(),
                        config.fills().allowedLateness())))
            .uid("keep-portfolio");
    positions
        .getSideOutput(KeepPortfolio.BOOKED)
        .sinkTo(sinks.tradeHistory())
        .name("trade_history")
        .uid("trade_history");
    positions
        .sinkTo(sinks.portfolioPositions())
        .name("portfolio_positions")
        .uid("portfolio_positions");
    positions
        .getSideOutput(KeepPortfolio.SNAPSHOTS)
        .sinkTo(sinks.portfolioSnapshots())
        .name("portfolio_snapshots")
        .uid("portfolio_snapshots");
    return fills
        .getSideOutput(AcceptRecords.REJECTED)
        .union(positions.getSideOutput(KeepPortfolio.LATE));
  }

  /** Keeps sentiment, each item once; returns what is rejected. */
  private static DataStream<Reject> keepSentiment(
      StreamExecutionEnvironment env,
      JobConfig config,
      Source<Verdict<Sentiment>, ?, ?> source,
      Sinks sinks) {
    SingleOutputStreamOperator<Sentiment> read =
        accept(env, config, Input.SENTIMENT, config.sentiment(), source, Sentiment.class);
    SingleOutputStreamOperator<Sentiment> distinct =
        read.keyBy(
                item -> new Instrument(item.provider(), item.symbol()), Types.of(Instrument.class))
            .process(
                new DropCopies<>(
                    Input.SENTIMENT,
                    Sentiment::itemId,
                    config.time().outOfOrderness(),
                    config.sentiment().allowedLateness()),
                Types.of(Sentiment.class))
            .name("drop-duplicate-sentiment")
            .uid("drop-duplicate-sentiment");
    distinct.sinkTo(sinks.sentimentData()).name("sentiment_data").uid("sentiment_data");
    return read.getSideOutput(AcceptRecords.REJECTED)
        .union(distinct.getSideOutput(DropCopies.LATE));
  }

  /** The events of a stream beside the ticks that the rules accept. */
  private static <T extends Event> SingleOutputStreamOperator<T> accept(
      StreamExecutionEnvironment env,
      JobConfig config,
      Input input,
      StreamConfig stream,
      Source<Verdict<T>, ?, ?> source,
      Class<T> events) {
    String read = "read-" + input.word();
    String accept = "accept-" + input.word();
    return env.fromSource(source, watermarks(stream, config), read, Types.verdicts(events))
        .uid(read)
        .process(new AcceptRecords<>(input), Types.of(events))
        .name(accept)
        .uid(accept);
  }

  private static KeyedStream<HistoryEvent, Instrument> byInstrument(
      DataStream<HistoryEvent> events) {
    return DataStreamUtils.reinterpretAsKeyedStream(
        events, HistoryEvent::instrument, Types.of(Instrument.class));
  }

  /**
   * Files of such a stream have no order among them: an export may be one for each account, over
   * the same time. So time does not pass before all are read, and nothing in them is late. Nor does
   * it beside files of ticks, where the time of those that are read first says nothing of the
   * others.
   */
  private static <T extends Event> WatermarkStrategy<Verdict<T>> watermarks(
      StreamConfig stream, JobConfig config) {
    return stream.type() == SourceConfig.Type.FILES
            || config.source().type() == SourceConfig.Type.FILES
        ? WatermarkStrategy.noWatermarks()
        : watermarks(stream.isBounded(), config.time());
  }

  private static <T extends Event> EventWatermarks<T> watermarks(
      boolean isBounded, TimeConfig time) {
    return isBounded
        ? EventWatermarks.bounded(time.outOfOrderness())
        : EventWatermarks.unbounded(time.outOfOrderness(), time.idleTimeout());
  }
}

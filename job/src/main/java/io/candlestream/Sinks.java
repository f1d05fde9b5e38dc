package io.candlestream;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Fill;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.Sentiment;
import io.candlestream.portfolio.PositionRow;
import io.candlestream.portfolio.SnapshotRow;
import io.candlestream.quality.QualityEvent;
import io.candlestream.sink.DataQualityEvents;
import io.candlestream.sink.JobProgress;
import io.candlestream.sink.MarketData;
import io.candlestream.sink.PortfolioPositions;
import io.candlestream.sink.PortfolioSnapshots;
import io.candlestream.sink.RejectedTicks;
import io.candlestream.sink.SentimentData;
import io.candlestream.sink.TimeframeIndicators;
import io.candlestream.sink.TradeHistory;
import io.candlestream.sink.UpsertSink;
import org.apache.flink.api.connector.sink2.Sink;

/** Where the rows of the job's tables go. */
public interface Sinks extends CandleSinks {

  Sink<Reject> rejectedTicks();

  Sink<QualityEvent> dataQualityEvents();

  /** Takes timestamps of ticks, in microseconds. */
  Sink<Long> jobProgress(String job, Intervals intervals);

  Sink<Fill> tradeHistory();

  Sink<PositionRow> portfolioPositions();

  Sink<SnapshotRow> portfolioSnapshots();

  Sink<Sentiment> sentimentData();

  /** The tables of a database. */
  static Sinks of(DatabaseConfig database) {
    return new Sinks() {
      @Override
      public Sink<CandleRow> marketData() {
        return new UpsertSink<>(new MarketData(database.allowShrink()), database);
      }

      @Override
      public Sink<CandleRow> indicators(Timeframe timeframe) {
        return new UpsertSink<>(
            new TimeframeIndicators(timeframe, database.allowShrink()), database);
      }

      @Override
      public Sink<Reject> rejectedTicks() {
        return new UpsertSink<>(new RejectedTicks(), database);
      }

      @Override
      public Sink<QualityEvent> dataQualityEvents() {
        return new UpsertSink<>(new DataQualityEvents(), database);
      }

      @Override
      public Sink<Long> jobProgress(String job, Intervals intervals) {
        return new JobProgress(job, intervals, database);
      }

      @Override
      public Sink<Fill> tradeHistory() {
        return new UpsertSink<>(new TradeHistory(), database);
      }

      @Override
      public Sink<PositionRow> portfolioPositions() {
        return new UpsertSink<>(new PortfolioPositions(database.allowShrink()), database);
      }

      @Override
      public Sink<SnapshotRow> portfolioSnapshots() {
        return new UpsertSink<>(new PortfolioSnapshots(database.allowShrink()), database);
      }

      @Override
      public Sink<Sentiment> sentimentData() {
        return new UpsertSink<>(new SentimentData(), database);
      }
    };
  }
}

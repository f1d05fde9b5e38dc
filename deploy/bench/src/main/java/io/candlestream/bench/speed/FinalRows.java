package io.candlestream.bench.speed;

import io.candlestream.Sinks;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Fill;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.Sentiment;
import io.candlestream.portfolio.PositionRow;
import io.candlestream.portfolio.SnapshotRow;
import io.candlestream.quality.QualityEvent;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The rows of the job go nowhere. */
final class Discarding implements Sinks {

  @Override
  public Sink<CandleRow> marketData() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<CandleRow> indicators(Timeframe timeframe) {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Reject> rejectedTicks() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<QualityEvent> dataQualityEvents() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Long> jobProgress(String job, Intervals intervals) {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Fill> tradeHistory() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<PositionRow> portfolioPositions() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<SnapshotRow> portfolioSnapshots() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Sentiment> sentimentData() {
    return new DiscardingSink<>();
  }
}

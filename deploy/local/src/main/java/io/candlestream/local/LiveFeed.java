package io.candlestream.local;

import io.candlestream.local.ticks.MarketFeed;

/** A generated feed in real time: each record is sent when the clock reaches its timestamp. */
public final class LiveFeed {

  private final MarketFeed market;
  private final TopicFeed feed;

  /**
   * @param market a feed without end
   */
  public LiveFeed(MarketFeed market, TopicFeed feed) {
    this.market = market;
    this.feed = feed;
    market.advance();
  }

  /** Sends what has become due since the last time. */
  public void sendDue() {
    long nowMillis = System.currentTimeMillis();
    while (market.recordTimestampMillis() <= nowMillis) {
      feed.send(market.input(), market.key(), market.payload(), market.recordTimestampMillis());
      market.advance();
    }
  }
}

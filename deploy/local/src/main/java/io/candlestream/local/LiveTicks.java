package io.candlestream.local;

import io.candlestream.local.ticks.TickGenerator;

/** A generated feed in real time: each tick is sent when the clock reaches its timestamp. */
final class LiveTicks {

  private final TickGenerator ticks;
  private final TopicFeed feed;

  /**
   * @param ticks a feed without end
   */
  LiveTicks(TickGenerator ticks, TopicFeed feed) {
    this.ticks = ticks;
    this.feed = feed;
    ticks.advance();
  }

  /** Sends what has become due since the last time. */
  void sendDue() {
    long nowMillis = System.currentTimeMillis();
    while (ticks.recordTimestampMillis() <= nowMillis) {
      feed.send(ticks.key(), ticks.payload(), ticks.recordTimestampMillis());
      ticks.advance();
    }
  }
}

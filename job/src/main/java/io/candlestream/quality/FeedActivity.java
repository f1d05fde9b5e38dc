package io.candlestream.quality;

import io.candlestream.market.TickOrder;

/**
 * When an instrument was last heard of.
 *
 * @param arrivedMillis when its latest tick came, by the machine's clock
 * @param newest the newest of its ticks, by event time
 * @param silent whether it has been said to be silent; a timer waits for every other one
 */
public record FeedActivity(long arrivedMillis, TickOrder newest, boolean silent) {

  /** The activity once a tick has come. */
  public FeedActivity heard(TickOrder tick, long nowMillis) {
    boolean newer = tick.timestampMicros() >= newest.timestampMicros();
    return new FeedActivity(nowMillis, newer ? tick : newest, false);
  }

  /** The same, said to be silent. */
  public FeedActivity fallenSilent() {
    return new FeedActivity(arrivedMillis, newest, true);
  }
}

package io.candlestream.local.ticks;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What has happened and not arrived, in the order in which it is due. */
final class Arrivals<T> {
  private final PriorityQueue<Due<T>> queue =
      new PriorityQueue<>(
          Comparator.<Due<T>>comparingLong(Due::micros).thenComparingLong(Due::order));
  private long soFar;

  void add(long dueMicros, T what) {
    queue.add(new Due<>(dueMicros, soFar++, what));
  }

  /** Whether there is something that is due by this time. */
  boolean isDue(long byMicros) {
    return !queue.isEmpty() && queue.peek().micros() <= byMicros;
  }

  /** Takes what is due first; there must be something. */
  T take() {
    return queue.remove().what();
  }

  int size() {
    return queue.size();
  }

  /**
   * @param order breaks ties, so that the queue's order is the same everywhere
   */
  private record Due<T>(long micros, long order, T what) {}
}

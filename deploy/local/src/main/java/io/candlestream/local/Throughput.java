package io.candlestream.local;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * How fast a run is: overall, and steadily, that is from its tenth second on, when Flink has
 * started, connections are open and the code is compiled.
 */
final class Throughput {

  static final Duration WARM_UP = Duration.ofSeconds(10);

  private final long startNanos;
  private long markNanos;
  private long ticksAtMark;
  private long lastNanos;
  private long lastTicks;
  private double latestRate;

  /**
   * @param nowNanos the run's start, by {@link System#nanoTime()}, as all times here
   */
  Throughput(long nowNanos) {
    startNanos = nowNanos;
    markNanos = nowNanos;
    lastNanos = nowNanos;
  }

  /** Notes how many ticks are done with by now; more often is more exact. */
  void observe(long ticks, long nowNanos) {
    if (markNanos == startNanos && nowNanos - startNanos >= WARM_UP.toNanos()) {
      markNanos = nowNanos;
      ticksAtMark = ticks;
    }
    latestRate = perSecond(ticks - lastTicks, nowNanos - lastNanos);
    lastNanos = nowNanos;
    lastTicks = ticks;
  }

  /** From the start to the last observation. */
  Duration elapsed() {
    return Duration.ofNanos(lastNanos - startNanos);
  }

  /** Ticks a second between the last two observations. */
  double latest() {
    return latestRate;
  }

  /** Ticks a second from the start to the last observation. */
  double overall() {
    return perSecond(lastTicks, lastNanos - startNanos);
  }

  /** Ticks a second from the warm-up's end on; empty where the run did not last longer. */
  OptionalDouble steady() {
    return lastNanos > markNanos && markNanos > startNanos
        ? OptionalDouble.of(perSecond(lastTicks - ticksAtMark, lastNanos - markNanos))
        : OptionalDouble.empty();
  }

  private static double perSecond(long ticks, long nanos) {
    return nanos <= 0 ? 0 : ticks * 1e9 / nanos;
  }
}

package io.candlestream.schema;

import io.candlestream.config.SchemaConfig;
import java.time.Duration;
import java.util.Collection;

/** How long base candles are kept. */
final class Retention {
  private Retention() {}

  /**
   * As long as the longest of all, where the higher timeframes are views of the base; 0 = for ever.
   */
  static Duration ofBaseUnderViews(SchemaConfig.Retention retention) {
    Collection<Duration> timeframes = retention.timeframes().values();
    if (retention.base().isZero() || timeframes.contains(Duration.ZERO)) {
      return Duration.ZERO;
    }
    return timeframes.stream().reduce(retention.base(), (a, b) -> a.compareTo(b) > 0 ? a : b);
  }
}

package io.candlestream.config;

import java.time.Duration;

/** The timeframes above the base candle, from the shortest to the longest. */
public enum Timeframe {
  FIVE_MINUTES("5m", Duration.ofMinutes(5)),
  FIFTEEN_MINUTES("15m", Duration.ofMinutes(15)),
  ONE_HOUR("1h", Duration.ofHours(1)),
  ONE_DAY("1d", Duration.ofDays(1));

  private final String word;
  private final Duration length;

  Timeframe(String word, Duration length) {
    this.word = word;
    this.length = length;
  }

  /**
   * The timeframe with this word.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Timeframe parse(String word) {
    for (Timeframe timeframe : values()) {
      if (timeframe.word.equals(word)) {
        return timeframe;
      }
    }
    throw new IllegalArgumentException("must be 5m, 15m, 1h or 1d");
  }

  /** The word for it in the configuration and in the names of tables. */
  public String word() {
    return word;
  }

  /** How long its candles are. */
  public Duration length() {
    return length;
  }

  /** The same in microseconds. */
  public long lengthMicros() {
    return length.toMillis() * 1_000;
  }

  /** The start of the candle that holds a moment, both in microseconds since the epoch. */
  public long startOf(long micros) {
    return micros - Math.floorMod(micros, lengthMicros());
  }

  /** The end of that candle, exclusive. */
  public long endOf(long micros) {
    return startOf(micros) + lengthMicros();
  }
}

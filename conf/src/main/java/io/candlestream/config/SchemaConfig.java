package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The database schema, and what keeps the database in shape.
 *
 * @param edition which variant of the schema to migrate to
 * @param refresh how the aggregates follow the base candles, where they are continuous
 * @param columnstoreAfter how old chunks are when they go to the columnstore; 0 = never
 * @param retention how long rows are kept
 * @param staleAfter how long ago the newest candle may have ended before the feed counts as stale;
 *     0 = as long as it likes
 */
public record SchemaConfig(
    Edition edition,
    Refresh refresh,
    Duration columnstoreAfter,
    Retention retention,
    Duration staleAfter)
    implements Serializable {

  /** How much time a chunk of base candles holds, which retention drops as a whole. */
  public static final Duration CHUNK = Duration.ofDays(1);

  /** The same of sentiment. */
  public static final Duration SENTIMENT_CHUNK = Duration.ofDays(7);

  public SchemaConfig {
    Objects.requireNonNull(edition);
    Objects.requireNonNull(refresh);
    Scalars.notNegative(columnstoreAfter);
    Objects.requireNonNull(retention);
    Scalars.notNegative(staleAfter);
  }

  /** What the schema may use of the database server. */
  public enum Edition {
    /** What the server is found to offer. */
    AUTO,
    /** TimescaleDB under the Timescale licence. */
    COMMUNITY,
    /** TimescaleDB under the Apache licence. */
    APACHE,
    /** PostgreSQL without an extension. */
    POSTGRES
  }

  /**
   * Scheduled refreshes.
   *
   * @param startOffset how far back one looks for base candles that have changed; more than 0
   * @param every how often each timeframe is refreshed; more than 0
   */
  public record Refresh(Duration startOffset, Map<Timeframe, Duration> every)
      implements Serializable {

    public Refresh {
      Scalars.positive(startOffset);
      every = complete(every);
      every.values().forEach(Scalars::positive);
    }

    /**
     * How far back one of the aggregates of sentiment looks: as one of candles, but never less than
     * leaves it two buckets of its longest timeframe before what is still open.
     *
     * @param stillOpen how late sentiment may come
     */
    public Duration startOffsetOfSentiment(Duration stillOpen) {
      return startOffsetOfSentiment(startOffset, stillOpen);
    }

    static Duration startOffsetOfSentiment(Duration startOffset, Duration stillOpen) {
      Duration least = Timeframe.ONE_DAY.length().multipliedBy(3).plus(stillOpen);
      return startOffset.compareTo(least) < 0 ? least : startOffset;
    }
  }

  /**
   * How long rows are kept; 0 = for ever.
   *
   * @param base base candles
   * @param timeframes candles and indicators of each timeframe
   * @param rejectedTicks rejected ticks
   * @param qualityEvents quality events
   * @param rejectedRows rows that the database refused
   * @param tradeHistory one's own trades
   * @param portfolioSnapshots snapshots of the positions
   * @param sentimentData sentiment, item by item
   */
  public record Retention(
      Duration base,
      Map<Timeframe, Duration> timeframes,
      Duration rejectedTicks,
      Duration qualityEvents,
      Duration rejectedRows,
      Duration tradeHistory,
      Duration portfolioSnapshots,
      Duration sentimentData)
      implements Serializable {

    public Retention {
      Scalars.notNegative(base);
      timeframes = complete(timeframes);
      timeframes.values().forEach(Scalars::notNegative);
      Scalars.notNegative(rejectedTicks);
      Scalars.notNegative(qualityEvents);
      Scalars.notNegative(rejectedRows);
      Scalars.notNegative(tradeHistory);
      Scalars.notNegative(portfolioSnapshots);
      Scalars.notNegative(sentimentData);
    }
  }

  private static Map<Timeframe, Duration> complete(Map<Timeframe, Duration> durations) {
    for (Timeframe timeframe : Timeframe.values()) {
      Objects.requireNonNull(durations.get(timeframe), timeframe::word);
    }
    return Map.copyOf(durations);
  }
}

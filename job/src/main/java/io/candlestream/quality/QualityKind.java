package io.candlestream.quality;

/** What can be wrong. */
public enum QualityKind {
  /** A price far from those before it. */
  PRICE_SPIKE,
  /** A size far above those before it. */
  SIZE_SPIKE,
  /** Trades that a venue has numbered and that have not come. */
  SEQUENCE_GAP,
  /** A trade that came again with another price, size or side. */
  CONFLICTING_DUPLICATE,
  /** No tick of an instrument for longer than it may be silent. */
  FEED_SILENT,
  /** The first tick after that. */
  FEED_RESUMED
}

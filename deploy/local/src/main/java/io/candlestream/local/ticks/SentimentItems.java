package io.candlestream.local.ticks;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What two providers make of the news: the mood about a symbol wanders, and each item is somewhere
 * around it.
 */
final class SentimentItems implements SideEvents {
  /** Its news are fewer, closer to the mood, and can be read again. */
  private static final String NEWS = "sim-news";

  /** Its posts are more, and wilder; how much they were shared is their magnitude. */
  private static final String POSTS = "sim-posts";

  private static final double NEWS_SHARE = 0.4;
  private static final double MOOD_KEPT = 0.9;

  private final SeededRandom random;
  private final Map<Instrument, Double> moods = new HashMap<>();
  private long nextItem = 1;

  SentimentItems(SeededRandom random) {
    this.random = random;
  }

  @Override
  public Event next(Instrument traded, long eventMicros) {
    double mood = moods.getOrDefault(traded, 0.0) * MOOD_KEPT + 0.3 * way();
    moods.put(traded, mood);
    return event(traded, mood, nextItem++, eventMicros);
  }

  @Override
  public Event sample(Instrument traded, long eventMicros) {
    return event(traded, 0, 0, eventMicros);
  }

  private Event event(Instrument traded, double mood, long item, long eventMicros) {
    boolean isNews = random.chance(NEWS_SHARE);
    double score = Math.max(-1, Math.min(1, mood + (isNews ? 0.2 : 0.8) * way()));
    Fields said =
        Fields.NONE
            .withText("symbol", traded.listing().symbol())
            .withText("provider", isNews ? NEWS : POSTS)
            .with("score", hundredths(score))
            .withText("timestamp", Instant.ofEpochMilli(eventMicros / 1_000).toString());
    return Event.keyedBy(
        traded.listing().symbol(),
        isNews
            ? said.withText("item_id", "news-" + item)
                .withText("text_ref", "https://news.example/" + item)
            : said.with("item_id", Long.toString(item))
                .with("magnitude", hundredths(10 * random.nextDouble())));
  }

  /** Up or down, rather a little than much. */
  private double way() {
    return random.nextDouble() - random.nextDouble();
  }

  private static String hundredths(double value) {
    return BigDecimal.valueOf(Math.round(value * 100), 2).toPlainString();
  }
}

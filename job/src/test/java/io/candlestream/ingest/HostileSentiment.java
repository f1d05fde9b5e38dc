package io.candlestream.ingest;

import io.candlestream.market.RejectReason;
import java.util.List;
import java.util.Set;

/**
 * Records that try to break the reading of sentiment. Those that are accepted are all of one
 * provider and symbol, and have an id of their own each, but where it is the id that is special.
 */
public final class HostileSentiment {

  static final JsonRecord FAULTLESS =
      JsonRecord.EMPTY
          .withText("symbol", "BTC/USD")
          .withText("provider", "news-1")
          .with("item_id", "1")
          .with("score", "-0.25")
          .withText("magnitude", "3.5")
          .withText("text_ref", "https://example.com/1?q=a b")
          .with("timestamp", "1723161599");

  private static final Set<String> OPTIONAL = Set.of("magnitude", "text_ref");

  private final HostileRecords corpus = new HostileRecords(FAULTLESS, "item_id");

  private HostileSentiment() {}

  public static List<HostileRecord> all() {
    HostileSentiment sentiment = new HostileSentiment();
    sentiment.corpus.addShapes(OPTIONAL);
    sentiment.addNames();
    sentiment.addScores();
    sentiment.addMagnitudes();
    sentiment.corpus.addTimestamps();
    sentiment.addSeveralReasonsAtOnce();
    return sentiment.corpus.all();
  }

  private void addNames() {
    corpus.addName("symbol", 64, "aZ0._:/@=^#-", RejectReason.INVALID_SYMBOL);
    corpus.addName("provider", 32, "aZ0_.-", RejectReason.INVALID_PROVIDER);
    corpus.addId("item_id", RejectReason.INVALID_ITEM_ID);
    corpus.malformed("text_ref a number", corpus.good().with("text_ref", "7"));
    corpus.addText("text_ref", 2_048, RejectReason.INVALID_TEXT_REF);
    corpus.accepted("text_ref null", corpus.good().with("text_ref", "null"));
    corpus.accepted("without text_ref", corpus.good().without("text_ref"));
  }

  private void addScores() {
    corpus.addNumber("score", RejectReason.INVALID_SCORE);
    corpus.addNumbers(
        "score",
        RejectReason.INVALID_SCORE,
        "1.000000000000000001",
        "1.00000000000000001",
        "-1.00000000000000001",
        "1.1",
        "-1.1",
        "2",
        "-100",
        "1e35");
    corpus.acceptNumbers(
        "score",
        "1",
        "-1",
        "1.0",
        "-1.000",
        "1e0",
        "0",
        "-0",
        "0.5",
        "-0.999999999999999999",
        "1e-30",
        "-1e-30");
  }

  private void addMagnitudes() {
    corpus.addNumber("magnitude", RejectReason.INVALID_MAGNITUDE);
    corpus.addNumbers("magnitude", RejectReason.INVALID_MAGNITUDE, "-0.1", "-1e-30", "-1e35");
    corpus.acceptNumbers("magnitude", "0", "-0", "1e-30", "1e35", "12.5");
    corpus.accepted("magnitude null", corpus.good().with("magnitude", "null"));
    corpus.accepted("without magnitude", corpus.good().without("magnitude"));
  }

  private void addSeveralReasonsAtOnce() {
    corpus.rejected(
        "score and magnitude",
        corpus.good().with("score", "1.5").with("magnitude", "-1"),
        RejectReason.INVALID_SCORE,
        RejectReason.INVALID_MAGNITUDE);
    JsonRecord worst =
        corpus
            .good()
            .withText("symbol", "?")
            .withText("provider", "?")
            .withText("item_id", "")
            .withText("score", "NaN")
            .withText("magnitude", "NaN")
            .withText("text_ref", "")
            .with("timestamp", "4070908800");
    corpus.rejected(
        "everything",
        worst,
        RejectReason.INVALID_SYMBOL,
        RejectReason.FUTURE,
        RejectReason.INVALID_PROVIDER,
        RejectReason.INVALID_ITEM_ID,
        RejectReason.INVALID_SCORE,
        RejectReason.INVALID_MAGNITUDE,
        RejectReason.INVALID_TEXT_REF);
    corpus.malformed("everything, and a wrong type", worst.with("text_ref", "[]"));
  }
}

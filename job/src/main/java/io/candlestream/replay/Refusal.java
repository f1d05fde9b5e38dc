package io.candlestream.replay;

/** Why a reject is not replayed. Nothing changes for it: it can be replayed another time. */
public enum Refusal {
  STILL_REJECTED("rejected by the rules as they are configured now, too"),
  STILL_ANOMALY("spikes are still rejected: set quality.on-anomaly to flag"),
  NOT_BY_ITSELF("not to be read without the records before it: read its file or topic again"),
  NOT_OVER("of candles that a running job may still change: replay them later"),
  DROPPED("older than the candles that are kept: set schema.retention.base longer, and migrate"),
  NOT_IN_SOURCE(
      "no longer all in the source, or not in those that are configured: name the files or topics"
          + " that hold every trade of these candles");

  private final String explanation;

  Refusal(String explanation) {
    this.explanation = explanation;
  }

  /** For people, with what to do about it. */
  public String explanation() {
    return explanation;
  }
}

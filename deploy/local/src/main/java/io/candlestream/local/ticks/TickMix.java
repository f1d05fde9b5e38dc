package io.candlestream.local.ticks;

/**
 * How much of a stream is not as it should be: each component is the share of all records, 0 … 0.5,
 * that is of the {@link TickKind} of its name; together they are at most 0.5. The rest is {@link
 * TickKind#NORMAL}.
 *
 * <p>The shares are expectations. A kind that arrives later than it happens needs a stream that is
 * longer than its longest delay (21 min for {@link TickKind#TOO_LATE}): none occur in a shorter
 * one, and fewer in one that is barely longer.
 */
public record TickMix(
    double duplicates,
    double outOfOrder,
    double late,
    double tooLate,
    double malformed,
    double absurd) {

  /** What a bad day of a real feed looks like: 2%, 1%, 0.1%, 0.01%, 0.1% and 0.02%. */
  public static final TickMix DEFAULT = new TickMix(0.02, 0.01, 0.001, 0.0001, 0.001, 0.0002);

  /** Every record normal. */
  public static final TickMix CLEAN = new TickMix(0, 0, 0, 0, 0, 0);

  /**
   * @throws IllegalArgumentException if a share is outside 0 … 0.5, or their sum above 0.5
   */
  public TickMix {
    requireShare("duplicates", duplicates);
    requireShare("outOfOrder", outOfOrder);
    requireShare("late", late);
    requireShare("tooLate", tooLate);
    requireShare("malformed", malformed);
    requireShare("absurd", absurd);
    requireShare("the sum", duplicates + outOfOrder + late + tooLate + malformed + absurd);
  }

  /** The share of records that are of this kind. */
  public double share(TickKind kind) {
    return switch (kind) {
      case NORMAL -> 1 - (duplicates + outOfOrder + late + tooLate + malformed + absurd);
      case DUPLICATE -> duplicates;
      case OUT_OF_ORDER -> outOfOrder;
      case LATE -> late;
      case TOO_LATE -> tooLate;
      case MALFORMED -> malformed;
      case ABSURD -> absurd;
    };
  }

  private static void requireShare(String name, double share) {
    if (!(share >= 0 && share <= 0.5)) {
      throw new IllegalArgumentException(
          "tick mix: " + name + " is " + share + ", give a share from 0 to 0.5");
    }
  }
}

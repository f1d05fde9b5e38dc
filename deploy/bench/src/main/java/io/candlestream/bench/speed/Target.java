package io.candlestream.bench.speed;

import java.util.Locale;

/**
 * What is aimed at.
 *
 * @param atLeast whether more is better; otherwise less is
 */
record Target(double bound, boolean atLeast) {

  static Target atLeast(double bound) {
    return new Target(bound, true);
  }

  static Target atMost(double bound) {
    return new Target(bound, false);
  }

  /** The end of an interval that speaks less for us. */
  double worse(Spread ratio) {
    return atLeast ? ratio.low() : ratio.high();
  }

  boolean isMetBy(double value) {
    return atLeast ? value >= bound : value <= bound;
  }

  @Override
  public String toString() {
    return (atLeast ? "≥ " : "≤ ")
        + (bound == Math.rint(bound)
            ? String.format(Locale.ROOT, "%.0f", bound)
            : String.valueOf(bound));
  }
}

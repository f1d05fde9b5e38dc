package io.candlestream.bench.speed;

/**
 * One line of the table.
 *
 * @param what is measured
 * @param against what
 * @param median of all pairs; or the value, where there are none
 * @param worse the end of the interval that speaks less for us
 * @param detail what it comes from, in absolute numbers
 */
record Finding(
    String what, String against, double median, double worse, Target target, String detail) {

  static Finding of(String what, String against, Spread ratio, Target target, String detail) {
    return new Finding(what, against, ratio.median(), target.worse(ratio), target, detail);
  }

  /** Of what there is one value of, because it is counted or comes of one run. */
  static Finding counted(String what, double value, Target target, String detail) {
    return new Finding(what, "—", value, value, target, detail);
  }

  boolean isMet() {
    return target.isMetBy(worse);
  }

  String verdict() {
    if (isMet()) {
      return "met";
    }
    return target.isMetBy(median) ? "by the median only" : "NOT MET";
  }
}

package io.candlestream.bench.speed;

import java.util.Arrays;
import java.util.List;

/**
 * What several runs have shown, as their median and an interval that holds the true median with a
 * probability of at least 95%.
 *
 * <p>The interval is that of order statistics, which assumes nothing of how the values are
 * distributed: the k-th smallest and the k-th largest of n values hold the median between them but
 * for twice the probability of fewer than k heads in n throws of a coin. Of 7 these are the
 * smallest and the largest, with 98.4%; of 9 those next to them, with 96.1%.
 */
final class Spread {

  /** Of fewer, not even the smallest and the largest hold the median with that probability. */
  static final int FEWEST = 6;

  private static final double ERROR = 0.05;

  private final double[] sorted;

  private Spread(double[] sorted) {
    this.sorted = sorted;
  }

  /**
   * @throws IllegalArgumentException if there are fewer than {@value #FEWEST}
   */
  static Spread of(List<Double> values) {
    if (values.size() < FEWEST) {
      throw new IllegalArgumentException(
          "%d runs, of at least %d that an interval needs".formatted(values.size(), FEWEST));
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return new Spread(sorted);
  }

  /**
   * The same.
   *
   * @param count the last so many of the values
   */
  static Spread ofLast(int count, List<Double> values) {
    return of(values.subList(values.size() - count, values.size()));
  }

  double median() {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  double low() {
    return sorted[outside()];
  }

  double high() {
    return sorted[sorted.length - 1 - outside()];
  }

  /** How many values on either side the interval leaves out. */
  private int outside() {
    int left = 0;
    double likelihood = Math.pow(0.5, sorted.length);
    double missed = 2 * likelihood;
    while (true) {
      likelihood *= (double) (sorted.length - left) / (left + 1);
      missed += 2 * likelihood;
      if (missed > ERROR) {
        return left;
      }
      left++;
    }
  }
}

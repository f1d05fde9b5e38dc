package io.candlestream.local.ticks;

import java.util.ArrayDeque;

/**
 * Draws ranks 0 … n−1 with probability proportional to 1 / (rank + 1), Zipf's law with exponent 1,
 * in constant time by Walker's alias method as Vose builds it (IEEE Transactions on Software
 * Engineering 17(9), 1991).
 */
final class ZipfSampler {
  private final double harmonic;
  private final double[] keep;
  private final int[] alias;

  ZipfSampler(int ranks) {
    double sum = 0;
    for (int rank = 0; rank < ranks; rank++) {
      sum += 1.0 / (rank + 1);
    }
    harmonic = sum;
    keep = new double[ranks];
    alias = new int[ranks];
    fillColumns(ranks);
  }

  private void fillColumns(int ranks) {
    double[] height = new double[ranks];
    ArrayDeque<Integer> low = new ArrayDeque<>();
    ArrayDeque<Integer> high = new ArrayDeque<>();
    for (int rank = 0; rank < ranks; rank++) {
      height[rank] = share(rank) * ranks;
      (height[rank] < 1 ? low : high).add(rank);
    }
    while (!low.isEmpty() && !high.isEmpty()) {
      int filled = low.poll();
      int donor = high.peek();
      keep[filled] = height[filled];
      alias[filled] = donor;
      height[donor] -= 1 - height[filled];
      if (height[donor] < 1) {
        low.add(high.poll());
      }
    }
    // What is left differs from 1 by rounding only.
    low.forEach(rank -> keep[rank] = 1);
    high.forEach(rank -> keep[rank] = 1);
  }

  /** The probability of a rank. */
  double share(int rank) {
    return 1.0 / ((rank + 1) * harmonic);
  }

  int next(SeededRandom random) {
    double column = random.nextDouble() * keep.length;
    int rank = (int) column;
    return column - rank < keep[rank] ? rank : alias[rank];
  }
}

package io.candlestream.bench.speed;

import java.util.ArrayList;
import java.util.List;

/** Two ways to do the same work, measured in turns so that neither has the better hour. */
final class Duel {

  /** One way. */
  @FunctionalInterface
  interface Side {

    /**
     * Does the whole work once.
     *
     * @return what it has cost, in whatever unit the other side's cost has
     */
    double run() throws Exception;
  }

  /**
   * What has come of it.
   *
   * @param timesCheaper how many times as much theirs costs, in each pair
   * @param ours median cost
   * @param theirs likewise
   */
  record Outcome(Spread timesCheaper, double ours, double theirs) {}

  private Duel() {}

  /**
   * Measures pairs of runs, A B B A and so on.
   *
   * @param warmUps pairs before these that do not count
   */
  static Outcome of(Side ours, Side theirs, int warmUps, int pairs) throws Exception {
    List<Double> ourCosts = new ArrayList<>();
    List<Double> theirCosts = new ArrayList<>();
    for (int i = 0; i < warmUps + pairs; i++) {
      if (i == warmUps) {
        ourCosts.clear();
        theirCosts.clear();
      }
      if (i % 2 == 0) {
        ourCosts.add(ours.run());
        theirCosts.add(theirs.run());
      } else {
        theirCosts.add(theirs.run());
        ourCosts.add(ours.run());
      }
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      ratios.add(theirCosts.get(i) / ourCosts.get(i));
    }
    return new Outcome(
        Spread.of(ratios), Spread.of(ourCosts).median(), Spread.of(theirCosts).median());
  }
}

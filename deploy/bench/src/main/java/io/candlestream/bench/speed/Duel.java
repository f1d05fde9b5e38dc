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
    List<List<Double>> costs = inTurns(List.of(ours, theirs), warmUps, pairs);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      ratios.add(costs.get(1).get(i) / costs.get(0).get(i));
    }
    return new Outcome(
        Spread.of(ratios), Spread.of(costs.get(0)).median(), Spread.of(costs.get(1)).median());
  }

  /**
   * Measures rounds of any number of sides, forward and backward.
   *
   * @param warmUps rounds before these that do not count
   * @return for each side what its rounds have cost
   */
  static List<List<Double>> inTurns(List<? extends Side> sides, int warmUps, int rounds)
      throws Exception {
    List<List<Double>> costs = new ArrayList<>();
    sides.forEach(side -> costs.add(new ArrayList<>()));
    for (int round = 0; round < warmUps + rounds; round++) {
      for (int i = 0; i < sides.size(); i++) {
        int turn = round % 2 == 0 ? i : sides.size() - 1 - i;
        double cost = sides.get(turn).run();
        if (round >= warmUps) {
          costs.get(turn).add(cost);
        }
      }
    }
    return costs;
  }
}

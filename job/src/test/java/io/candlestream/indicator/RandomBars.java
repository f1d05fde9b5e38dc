package io.candlestream.indicator;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.DoubleArbitrary;

/**
 * Random series of 0 to 450 candles that begin anywhere between 0.000001 and 1,000,000,000,000:
 * walks, walks with standstills and jumps by up to tenfold, ticks of a billionth, and prices that
 * never move. They shrink to fewer candles and smaller moves.
 */
final class RandomBars {

  private static final int LONGEST = 450;
  private static final double LOWEST_PRICE = 1e-6;
  private static final double HIGHEST_PRICE = 1e12;

  /** One candle relative to the close before it. */
  private record Move(double factor, double above, double below) {}

  private RandomBars() {}

  static Arbitrary<Bars> any() {
    Arbitrary<Move> standstill = Arbitraries.just(new Move(1, 0, 0));
    Arbitrary<Move> walk = moves(between(-0.02, 0.02).map(Math::exp), between(0, 0.01));
    Arbitrary<Move> jump =
        moves(between(-1, 1).map(exponent -> Math.pow(10, exponent)), between(0, 0.5));
    Arbitrary<Move> tick =
        moves(
            Arbitraries.integers().between(-3, 3).map(ticks -> 1 + ticks * 1e-9),
            Arbitraries.integers().between(0, 2).map(ticks -> ticks * 1e-9));
    Arbitrary<Move> mixed =
        Arbitraries.frequencyOf(
            Tuple.of(6, walk), Tuple.of(3, standstill), Tuple.of(2, tick), Tuple.of(1, jump));
    Arbitrary<List<Move>> series =
        Arbitraries.frequencyOf(
            Tuple.of(4, series(mixed)),
            Tuple.of(3, series(walk)),
            Tuple.of(2, series(tick)),
            Tuple.of(1, series(standstill)));
    Arbitrary<Double> start = between(-6, 12).map(exponent -> Math.pow(10, exponent));
    return Combinators.combine(start, series).as(RandomBars::bars);
  }

  private static Arbitrary<Move> moves(Arbitrary<Double> factor, Arbitrary<Double> spread) {
    return Combinators.combine(factor, spread, spread).as(Move::new).withoutEdgeCases();
  }

  private static Arbitrary<List<Move>> series(Arbitrary<Move> move) {
    return move.list().ofMaxSize(LONGEST).withSizeDistribution(RandomDistribution.uniform());
  }

  private static DoubleArbitrary between(double min, double max) {
    return Arbitraries.doubles()
        .between(min, max)
        .ofScale(6)
        .withDistribution(RandomDistribution.uniform());
  }

  private static Bars bars(double start, List<Move> moves) {
    double[] high = new double[moves.size()];
    double[] low = new double[moves.size()];
    double[] close = new double[moves.size()];
    double price = start;
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      price = Math.max(LOWEST_PRICE, Math.min(HIGHEST_PRICE, price * move.factor));
      high[i] = price * (1 + move.above);
      low[i] = price * (1 - move.below);
      close[i] = price;
    }
    return new Bars(high, low, close);
  }
}

package io.candlestream.bench.speed;

import io.candlestream.bench.speed.Ta4jIndicators.Ranking;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** One candle more, and all indicators at it. */
final class IndicatorUpdates {

  private static final int CANDLES = 20_000;
  private static final int ROUNDS = 10;

  /** By then the averages of both have forgotten how they began, the longest of 200 included. */
  private static final int SETTLED_AFTER = 6_000;

  private static final double TOLERANCE = 1e-9;
  private static final Target TARGET = Target.atLeast(20);

  private record Bar(double high, double low, double close) {}

  private final List<Bar> bars = new ArrayList<>();

  /** Kept, so that no compiler finds that nobody asks for it. */
  private IndicatorValues latest;

  private IndicatorUpdates() {
    Random random = new Random(1);
    double close = 100;
    for (int i = 0; i < CANDLES; i++) {
      close *= Math.exp(0.001 * random.nextGaussian());
      double range = close * 0.001;
      bars.add(
          new Bar(close + range * random.nextDouble(), close - range * random.nextDouble(), close));
    }
  }

  static List<Finding> measure(int pairs) throws Exception {
    IndicatorUpdates updates = new IndicatorUpdates();
    return List.of(
        updates.compare(Ranking.CACHED, "ta4j 0.17 on doubles", pairs),
        updates.compare(Ranking.IN_ARRAY, "likewise, ranks by an array of one's own", pairs));
  }

  private Finding compare(Ranking ranking, String against, int pairs) throws Exception {
    double difference = requireEqual(ranking);
    Duel.Outcome outcome = Duel.of(this::ours, () -> theirs(ranking), 3, pairs);
    return Finding.of(
        "one update of all indicators",
        against,
        outcome.timesCheaper(),
        TARGET,
        String.format(
            Locale.ROOT,
            "%.0f ns : %.0f ns; values differ by %.0e at most",
            outcome.ours(),
            outcome.theirs(),
            difference));
  }

  /** Returns the greatest relative difference. */
  private double requireEqual(Ranking ranking) {
    Indicators ours = Indicators.start();
    Ta4jIndicators theirs = new Ta4jIndicators(ranking);
    double greatest = 0;
    for (int i = 0; i < CANDLES; i++) {
      Bar bar = bars.get(i);
      ours = ours.update(bar.high(), bar.low(), bar.close());
      theirs.update(bar.high(), bar.low(), bar.close());
      // Asked for at each candle: ta4j goes on from what it has computed.
      IndicatorValues values = theirs.values();
      if (i >= SETTLED_AFTER) {
        double difference = difference(ours.values(), values, bar.close());
        if (difference > TOLERANCE) {
          throw new IllegalStateException(
              "candle %d: %s, but %s".formatted(i, ours.values(), values));
        }
        greatest = Math.max(greatest, difference);
      }
    }
    return greatest;
  }

  /** Relative to the close, for what is a price or a difference of prices. */
  private static double difference(IndicatorValues ours, IndicatorValues theirs, double close) {
    List<Double> some = prices(ours);
    List<Double> others = prices(theirs);
    double greatest = Math.abs(ours.rsi14() - theirs.rsi14()) / 100;
    for (int i = 0; i < some.size(); i++) {
      greatest = Math.max(greatest, Math.abs(some.get(i) - others.get(i)) / close);
    }
    boolean sameWords =
        ours.trendDirection() == theirs.trendDirection()
            && ours.volatilityRegime() == theirs.volatilityRegime();
    return sameWords ? greatest : Double.POSITIVE_INFINITY;
  }

  private static List<Double> prices(IndicatorValues values) {
    return List.of(
        values.ema9(),
        values.ema21(),
        values.ema50(),
        values.ema200(),
        values.macd(),
        values.macdSignal(),
        values.macdHistogram(),
        values.bbUpper(),
        values.bbMiddle(),
        values.bbLower(),
        values.atr14());
  }

  /** Returns the nanoseconds for each candle. */
  private double ours() throws Exception {
    return Cpu.nanosOf(
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                Indicators indicators = Indicators.start();
                for (Bar bar : bars) {
                  indicators = indicators.update(bar.high(), bar.low(), bar.close());
                  latest = indicators.values();
                }
              }
            })
        / ((double) CANDLES * ROUNDS);
  }

  /** Returns the nanoseconds for each candle. */
  private double theirs(Ranking ranking) throws Exception {
    return Cpu.nanosOf(
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                Ta4jIndicators indicators = new Ta4jIndicators(ranking);
                for (Bar bar : bars) {
                  indicators.update(bar.high(), bar.low(), bar.close());
                  latest = indicators.values();
                }
              }
            })
        / ((double) CANDLES * ROUNDS);
  }
}

package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

class VolatilityRegimeWindowTest {

  @Test
  void ranksTheLatestValueAmongItsWindow() {
    VolatilityRegimeWindow window = VolatilityRegimeWindow.start();
    assertThat(window.regime()).isEmpty();
    for (int value = 1; value <= 20; value++) {
      assertThat(window.regime()).isEmpty();
      window = window.update(value);
    }
    assertThat(window.regime()).hasValue(VolatilityRegime.EXTREME);
    window = window.update(4.5);
    assertThat(window.regime()).hasValue(VolatilityRegime.LOW);
    window = window.update(15.5);
    assertThat(window.regime()).hasValue(VolatilityRegime.HIGH);
  }

  @Test
  void hasTheDocumentedRegimeAtEveryRankOfEveryWindowSize() {
    for (int size = 20; size <= 100; size++) {
      for (int rank = 1; rank <= size; rank++) {
        assertThat(regimeAt(rank, size))
            .as("rank %s of %s", rank, size)
            .isEqualTo(
                100 * rank < 25 * size
                    ? VolatilityRegime.LOW
                    : 100 * rank < 75 * size
                        ? VolatilityRegime.NORMAL
                        : 100 * rank < 95 * size
                            ? VolatilityRegime.HIGH
                            : VolatilityRegime.EXTREME);
      }
    }
  }

  @Test
  void forgetsWhatIsOlderThanItsWindow() {
    VolatilityRegimeWindow window = VolatilityRegimeWindow.start();
    for (int i = 0; i < 100; i++) {
      window = window.update(1000);
    }
    for (int i = 0; i < 100; i++) {
      window = window.update(i);
    }
    assertThat(window.volatilities())
        .isEqualTo(Window.of(IntStream.range(0, 100).asDoubleStream().toArray()));
  }

  @Property(tries = 1000)
  void equalsThePlainDefinitionWhateverTiesThereAre(@ForAll("volatilities") List<Double> values) {
    VolatilityRegimeWindow window = VolatilityRegimeWindow.start();
    List<VolatilityRegime> regimes = new ArrayList<>();
    List<VolatilityRegime> expected = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      window = window.update(values.get(i));
      regimes.add(window.regime().orElse(null));
      expected.add(TaLib.regime(values.subList(0, i + 1)));
    }
    // Collected first: a statistic still empty when the law fails would hide the counterexample.
    Statistics.label("last regime").collect(TaLib.regime(values));
    assertThat(regimes).isEqualTo(expected);
    Statistics.label("last regime")
        .coverage(
            coverage -> {
              for (VolatilityRegime regime : VolatilityRegime.values()) {
                coverage.check(regime).count(count -> count > 10);
              }
            });
  }

  @Provide
  Arbitrary<List<Double>> volatilities() {
    return Arbitraries.integers()
        .between(0, 12)
        .map(Integer::doubleValue)
        .list()
        .ofMaxSize(250)
        .withSizeDistribution(RandomDistribution.uniform());
  }

  @Test
  void refusesMoreValuesThanItHolds() {
    assertThatThrownBy(() -> new VolatilityRegimeWindow(Window.of(new double[101])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("volatility window holds 101 values, more than 100");
  }

  /**
   * The regime where the latest of {@code size} different values is the {@code rank}-th smallest.
   */
  private static VolatilityRegime regimeAt(int rank, int size) {
    double[] values =
        IntStream.concat(
                IntStream.rangeClosed(1, size).filter(value -> value != rank), IntStream.of(rank))
            .asDoubleStream()
            .toArray();
    return new VolatilityRegimeWindow(Window.of(values)).regime().orElseThrow();
  }
}

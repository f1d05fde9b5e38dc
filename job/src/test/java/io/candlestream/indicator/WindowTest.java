package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class WindowTest {

  /**
   * A window made from an earlier one.
   *
   * @param back how many windows before the last
   */
  record Step(int back, double value) {}

  @Property
  void everyWindowKeepsItsValuesWhateverIsMadeOfIt(@ForAll("steps") List<Step> steps) {
    int capacity = 5;
    List<Window> windows = new ArrayList<>(List.of(Window.empty()));
    List<List<Double>> expected = new ArrayList<>(List.of(List.<Double>of()));
    for (Step step : steps) {
      int from = Math.max(0, windows.size() - 1 - step.back());
      windows.add(windows.get(from).append(step.value(), capacity));
      List<Double> values = new ArrayList<>(expected.get(from));
      values.add(step.value());
      expected.add(values.subList(Math.max(0, values.size() - capacity), values.size()));
    }
    for (int i = 0; i < windows.size(); i++) {
      assertThat(valuesOf(windows.get(i))).isEqualTo(expected.get(i));
      assertThat(windows.get(i)).hasToString(expected.get(i).toString());
    }
  }

  private static List<Double> valuesOf(Window window) {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < window.size(); i++) {
      values.add(window.get(i));
    }
    return values;
  }

  @Test
  void windowsCompareByContent() {
    Window moved = Window.of(9, 1, 2).append(3, 2);
    assertThat(moved)
        .isEqualTo(Window.of(2, 3))
        .hasSameHashCodeAs(Window.of(2, 3))
        .isNotEqualTo(Window.of(1, 2))
        .isNotEqualTo(Window.of(1, 2, 3));
    assertThat(moved.append(4, 1)).isEqualTo(Window.of(4));
  }

  @Test
  void countsWhatIsAtMostSoMuch() {
    Window window = Window.of(7, 1, 2, 2).append(3, 4);
    assertThat(window.countAtMost(0.5)).isZero();
    assertThat(window.countAtMost(2)).isEqualTo(3);
    assertThat(window.countAtMost(3)).isEqualTo(4);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(1, 1), Tuple.of(1, 40)),
            Arbitraries.integers().between(-9, 9))
        .as((back, value) -> new Step(back, value))
        .list()
        .ofMaxSize(120);
  }
}

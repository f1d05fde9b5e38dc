package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DuelTest {

  private final List<String> runs = new ArrayList<>();

  @Test
  void bothSidesRunInTurnsAndWarmUpsDoNotCount() throws Exception {
    Duel.Outcome outcome = Duel.of(() -> run("ours", 2), () -> run("theirs", 6), 2, 6);

    assertThat(runs.subList(0, 8))
        .containsExactly("ours", "theirs", "theirs", "ours", "ours", "theirs", "theirs", "ours");
    assertThat(runs).hasSize(16);
    assertThat(outcome.ours()).isEqualTo(2);
    assertThat(outcome.theirs()).isEqualTo(6);
    assertThat(outcome.timesCheaper().low()).isEqualTo(3);
    assertThat(outcome.timesCheaper().high()).isEqualTo(3);
  }

  @Test
  void ofManyNoneIsAlwaysFirst() throws Exception {
    List<List<Double>> costs =
        Duel.inTurns(List.of(() -> run("a", 1), () -> run("b", 2), () -> run("c", 3)), 2, 2);

    assertThat(runs.subList(0, 6)).containsExactly("a", "b", "c", "c", "b", "a");
    assertThat(runs).hasSize(12);
    assertThat(costs).containsExactly(List.of(1., 1.), List.of(2., 2.), List.of(3., 3.));
  }

  /** The first runs of each cost a hundred times as much. */
  private double run(String side, double cost) {
    runs.add(side);
    return runs.size() <= 4 ? 100 * cost * runs.size() : cost;
  }

  @Test
  void theEndThatSpeaksLessForUsDecides() {
    Spread spread = Spread.of(List.of(1.9, 2.1, 2.1, 2.1, 2.1, 2.2));
    assertThat(finding(spread, Target.atLeast(2)).isMet()).isFalse();
    assertThat(finding(spread, Target.atLeast(1.9)).isMet()).isTrue();
    assertThat(finding(spread, Target.atMost(2.1)).isMet()).isFalse();
    assertThat(finding(spread, Target.atMost(2.2)).isMet()).isTrue();
  }

  @Test
  void itIsSaidWhereTheMedianAloneMeetsTheTarget() {
    Spread spread = Spread.of(List.of(1.9, 2.1, 2.1, 2.1, 2.1, 2.2));
    assertThat(finding(spread, Target.atLeast(1.9)).verdict()).isEqualTo("met");
    assertThat(finding(spread, Target.atLeast(2)).verdict()).isEqualTo("by the median only");
    assertThat(finding(spread, Target.atLeast(2.15)).verdict()).isEqualTo("NOT MET");
    assertThat(finding(spread, Target.atMost(2.2)).verdict()).isEqualTo("met");
    assertThat(finding(spread, Target.atMost(2.1)).verdict()).isEqualTo("by the median only");
    assertThat(finding(spread, Target.atMost(2)).verdict()).isEqualTo("NOT MET");
  }

  private static Finding finding(Spread spread, Target target) {
    return Finding.of("this", "that", spread, target, "");
  }
}

package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {

  @Test
  void theDearestMayCostOneAndAHalfTimesTheCheapestWhereItIsToBeFlat() {
    assertThat(growth(point(1, 30), point(10, 20), point(100, 90)).flatness().isMet()).isTrue();
    assertThat(growth(point(1, 30), point(10, 19), point(100, 19)).flatness().isMet()).isFalse();
    assertThat(growth(point(1, 20), point(10, 31), point(100, 31)).flatness().median())
        .isEqualTo(1.55);
  }

  @Test
  void theIntervalIsThatOfTheRounds() {
    Growth growth =
        growth(
            new Growth.Point(1, List.of(10., 20., 10., 20., 10., 20.)),
            new Growth.Point(10, List.of(11., 22., 12., 24., 13., 26.)));
    assertThat(growth.flatness().median()).isEqualTo(1.2);
    assertThat(growth.flatness().worse()).isEqualTo(1.3);
  }

  @Test
  void whatCostsNothingHasNotBeenMeasured() {
    Growth growth = growth(point(1, 10), new Growth.Point(10, List.of(9., 9., 9., 9., 9., -1.)));
    assertThatIllegalStateException().isThrownBy(growth::flatness);
  }

  @Test
  void eachSizeIsComparedWithTheReference() {
    assertThat(
            Growth.table(List.of(growth(point(1, 30), point(10, 20), point(100, 90))))
                .rows()
                .stream()
                .map(row -> List.of(row.get(0), row.get(2), row.get(5), row.get(6))))
        .containsExactly(
            List.of(1L, 30., 1.5, 10L), List.of(10L, 20., 1., 10L), List.of(100L, 90., 4.5, 10L));
  }

  @Test
  void whereEachIsAsActiveACandleHasAsManyTicksAtEachSize() {
    assertThat(Growth.asActive(3_000_000))
        .extracting(TickLoad::symbols, TickLoad::minutes)
        .containsExactly(
            tuple(10, 10_000), tuple(100, 1_000), tuple(1_000, 100), tuple(10_000, 10));
    assertThat(Growth.asActive(2_000)).extracting(TickLoad::minutes).containsExactly(6, 1, 1, 1);
  }

  private static Growth growth(Growth.Point... points) {
    return new Growth("things", 10, 10, "a load", List.of(points));
  }

  private static Growth.Point point(int size, double nanos) {
    return new Growth.Point(size, Collections.nCopies(Spread.FEWEST, nanos));
  }
}

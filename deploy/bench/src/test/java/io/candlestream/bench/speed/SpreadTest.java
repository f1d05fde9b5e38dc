package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {

  @Test
  void theMedianIsTheMiddleOrTheMeanOfBoth() {
    assertThat(Spread.of(List.of(7., 1., 3., 2., 9., 8., 4.)).median()).isEqualTo(4);
    assertThat(Spread.of(List.of(7., 1., 3., 2., 9., 8.)).median()).isEqualTo(5);
  }

  /** From tables of the sign test, such as Conover's: ranks of a 95% interval of the median. */
  @ParameterizedTest
  @CsvSource({
    "6, 1, 6",
    "7, 1, 7",
    "8, 1, 8",
    "9, 2, 8",
    "11, 2, 10",
    "12, 3, 10",
    "15, 4, 12",
    "20, 6, 15",
    "25, 8, 18"
  })
  void theIntervalIsThatOfOrderStatistics(int count, double low, double high) {
    Spread spread = Spread.of(IntStream.rangeClosed(1, count).asDoubleStream().boxed().toList());
    assertThat(spread.low()).isEqualTo(low);
    assertThat(spread.high()).isEqualTo(high);
  }

  @Test
  void ofFewerThanSixThereIsNoInterval() {
    assertThatThrownBy(() -> Spread.of(DoubleStream.of(1, 2, 3, 4, 5).boxed().toList()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("5 runs, of at least 6 that an interval needs");
  }
}

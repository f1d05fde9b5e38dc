package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.portfolio.Marks.Close;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MarksTest {

  @Test
  void closesAreKeptInTheOrderOfTimeHoweverTheyCome() {
    Marks marks =
        Marks.NONE.put(20, price(2)).put(30, price(3)).put(10, price(1)).put(25, price(4));
    assertThat(marks.closes())
        .containsExactly(close(10, 1), close(20, 2), close(25, 4), close(30, 3));
  }

  @Test
  void aCorrectedCandleReplacesItsClose() {
    Marks marks = Marks.NONE.put(10, price(1)).put(20, price(2)).put(30, price(3));
    assertThat(marks.put(20, price(7)).closes())
        .containsExactly(close(10, 1), close(20, 7), close(30, 3));
    assertThat(marks.of(20)).isEqualTo(close(20, 2));
  }

  @Test
  void thereIsNoCloseWhereThereIsNoCandle() {
    assertThat(Marks.NONE.of(0)).isNull();
    Marks marks = Marks.NONE.put(10, price(1)).put(30, price(3));
    assertThat(marks.of(9)).isNull();
    assertThat(marks.of(20)).isNull();
    assertThat(marks.of(31)).isNull();
  }

  @Property
  void areTheLastCloseOfEachCandle(@ForAll("puts") List<Close> puts) {
    Marks marks = Marks.NONE;
    Map<Long, Decimal> last = new TreeMap<>();
    for (Close put : puts) {
      marks = marks.put(put.startMicros(), put.price());
      last.put(put.startMicros(), put.price());
      assertThat(marks.closes())
          .isEqualTo(
              last.entrySet().stream()
                  .map(close -> new Close(close.getKey(), close.getValue(), false))
                  .toList());
      for (long start = -1; start <= 12; start++) {
        Close found = marks.of(start);
        assertThat(found == null ? null : found.price()).isEqualTo(last.get(start));
      }
    }
  }

  @Test
  void onceValuedACandleStaysSoWhenItsCloseChanges() {
    Marks marks = Marks.NONE.put(10, price(1)).put(20, price(2));
    Marks valued = marks.value(marks.of(10));
    assertThat(valued.closes()).containsExactly(new Close(10, price(1), true), close(20, 2));
    assertThat(valued.put(10, price(7)).of(10)).isEqualTo(new Close(10, price(7), true));
    assertThat(valued.value(valued.of(10))).isSameAs(valued);
  }

  private static Close close(long startMicros, long price) {
    return new Close(startMicros, price(price), false);
  }

  private static Decimal price(long value) {
    return Decimal.of(value, 0);
  }

  @Provide
  Arbitrary<List<Close>> puts() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 11), Arbitraries.longs().between(1, 99))
        .as(MarksTest::close)
        .list()
        .ofMaxSize(20);
  }
}

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
        .containsExactly(
            new Close(10, price(1)),
            new Close(20, price(2)),
            new Close(25, price(4)),
            new Close(30, price(3)));
  }

  @Test
  void aCorrectedCandleReplacesItsClose() {
    Marks marks = Marks.NONE.put(10, price(1)).put(20, price(2)).put(30, price(3));
    assertThat(marks.put(20, price(7)).closes())
        .containsExactly(new Close(10, price(1)), new Close(20, price(7)), new Close(30, price(3)));
    assertThat(marks.of(20)).isEqualTo(price(2));
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
                  .map(close -> new Close(close.getKey(), close.getValue()))
                  .toList());
      for (long start = -1; start <= 12; start++) {
        assertThat(marks.of(start)).isEqualTo(last.get(start));
      }
    }
  }

  private static Decimal price(long value) {
    return Decimal.of(value, 0);
  }

  @Provide
  Arbitrary<List<Close>> puts() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 11),
            Arbitraries.longs().between(1, 99).map(MarksTest::price))
        .as(Close::new)
        .list()
        .ofMaxSize(20);
  }
}

package io.candlestream.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TickOrderTest {

  private static final Origin HERE = new Origin("ticks", 0, 5, 0, 0);

  @Test
  void ticksOrderByTimestampThenSequenceThenIdThenOrigin() {
    List<TickOrder> inOrder =
        List.of(
            new TickOrder(-1, null, TradeId.NONE, HERE),
            new TickOrder(0, Long.MIN_VALUE, TradeId.NONE, HERE),
            new TickOrder(0, 1L, TradeId.of(9), HERE),
            new TickOrder(0, 2L, TradeId.of(1), HERE),
            new TickOrder(0, 2L, TradeId.of(2), HERE),
            new TickOrder(0, 2L, TradeId.of("a"), HERE),
            new TickOrder(0, 2L, TradeId.NONE, HERE),
            new TickOrder(0, null, TradeId.of(1), HERE),
            new TickOrder(0, null, TradeId.NONE, new Origin("other", 9, 9, 9, 9)),
            new TickOrder(0, null, TradeId.NONE, new Origin("ticks", 0, 4, 1, 0)),
            new TickOrder(0, null, TradeId.NONE, HERE),
            new TickOrder(0, null, TradeId.NONE, new Origin("ticks", 0, 5, 1, 0)),
            new TickOrder(0, null, TradeId.NONE, new Origin("ticks", 0, 10, 0, 0)),
            new TickOrder(0, null, TradeId.NONE, new Origin("ticks", 1, 0, 0, 0)),
            new TickOrder(1, null, TradeId.NONE, HERE));
    for (int i = 0; i < inOrder.size(); i++) {
      for (int j = 0; j < inOrder.size(); j++) {
        assertThat(Integer.signum(inOrder.get(i).compareTo(inOrder.get(j))))
            .as("%s against %s", inOrder.get(i), inOrder.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void whenARecordWasProducedIsNoPartOfItsPlace() {
    assertThat(new Origin("ticks", 0, 5, 0, 1)).isEqualByComparingTo(HERE);
  }

  @Property
  void theOrderIsTotal(
      @ForAll("orders") TickOrder a, @ForAll("orders") TickOrder b, @ForAll("orders") TickOrder c) {
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
    assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
    if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
      assertThat(a).isLessThanOrEqualTo(c);
    }
  }

  /** Few values each, so that ties are frequent. */
  @Provide
  Arbitrary<TickOrder> orders() {
    Arbitrary<Origin> origins =
        Combinators.combine(
                Arbitraries.of("a", "b"),
                Arbitraries.integers().between(0, 1),
                Arbitraries.longs().between(0, 1),
                Arbitraries.integers().between(0, 1))
            .as((topic, partition, offset, item) -> new Origin(topic, partition, offset, item, 0));
    return Combinators.combine(
            Arbitraries.longs().between(0, 1),
            Arbitraries.longs().between(0, 1).injectNull(0.3),
            Arbitraries.of(TradeId.of(1), TradeId.of(10), TradeId.of("x"), TradeId.NONE),
            origins)
        .as(TickOrder::new);
  }
}

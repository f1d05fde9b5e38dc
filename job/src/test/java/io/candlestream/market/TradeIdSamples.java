package io.candlestream.market;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Trade ids of all kinds, close enough to each other that some are equal. */
public final class TradeIdSamples {

  private TradeIdSamples() {}

  public static Arbitrary<TradeId> present() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.longs().between(-300, 300).map(TradeId::of)),
        Tuple.of(2, Arbitraries.longs().map(TradeId::of)),
        Tuple.of(
            1, Arbitraries.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L, -1L, 63L, 64L).map(TradeId::of)),
        Tuple.of(2, Arbitraries.integers().between(-20, 20).map(i -> TradeId.of("" + i))),
        Tuple.of(
            1,
            Arbitraries.strings()
                .withChars("0123456789")
                .ofMinLength(19)
                .ofMaxLength(21)
                .map(TradeId::of)),
        Tuple.of(
            2,
            Arbitraries.strings()
                .withChars("-07aé\uD83D\uDE00")
                .ofMinLength(1)
                .ofMaxLength(3)
                .map(TradeId::of)));
  }

  public static Arbitrary<TradeId> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(9, present()), Tuple.of(1, Arbitraries.just(TradeId.NONE)));
  }
}

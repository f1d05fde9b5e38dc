package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import io.candlestream.market.TradeId;
import java.math.BigDecimal;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Fills of one position, for tests. */
final class SomeFills {

  private SomeFills() {}

  /**
   * Fills at all times of ten minutes, many of which close what others have opened, among them dust
   * and prices of many digits.
   */
  static Arbitrary<BookedFill> any() {
    Arbitrary<Long> times =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.longs().between(0, 599_999_999)),
            Tuple.of(2, Arbitraries.longs().between(0, 19).map(i -> i * 30_000_000)));
    Arbitrary<TradeId> ids =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.longs().between(0, 99).map(TradeId::of)),
            Tuple.of(1, Arbitraries.integers().between(0, 99).map(i -> TradeId.of("t" + i))));
    return Combinators.combine(times, ids, sizes(), Arbitraries.of(1, -1), prices(), fees())
        .as(
            (time, id, size, sign, price, fee) ->
                new BookedFill(
                    time,
                    id,
                    sign < 0 ? size.negate() : size,
                    price,
                    fee == null ? null : fee.amount(),
                    fee == null ? null : fee.currency()));
  }

  private static Arbitrary<Decimal> sizes() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.longs().between(1, 12).map(size -> Decimal.of(size, 0))),
        Tuple.of(2, Arbitraries.longs().between(1, 999_999).map(size -> Decimal.of(size, 3))),
        Tuple.of(1, Arbitraries.longs().between(1, 30).map(size -> Decimal.of(size, 18))),
        Tuple.of(1, Arbitraries.longs().between(1, 30).map(size -> Decimal.of(size, 30))));
  }

  private static Arbitrary<Decimal> prices() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.longs().between(1, 30).map(price -> Decimal.of(price, 0))),
        Tuple.of(
            2,
            Arbitraries.longs()
                .between(1, 999_999_999_999_999_999L)
                .map(price -> Decimal.of(price, 12))),
        Tuple.of(
            1,
            Arbitraries.longs()
                .between(1, 999_999_999_999_999_999L)
                .map(price -> Decimal.of(price, 30))));
  }

  private static Arbitrary<Fee> fees() {
    return Combinators.combine(
            Arbitraries.of("USD", "BNB", "EUR"), Arbitraries.longs().between(-50, 500))
        .as((currency, amount) -> new Fee(currency, Decimal.of(amount, 2)))
        .injectNull(0.3);
  }

  /** The same with the other side. */
  static BookedFill mirrored(BookedFill fill) {
    return new BookedFill(
        fill.timestampMicros(),
        fill.fillId(),
        fill.signedSize().negate(),
        fill.price(),
        fill.fee(),
        fill.feeCurrency());
  }

  static BigDecimal size(BookedFill fill) {
    return fill.signedSize().toBigDecimal();
  }

  /** What the fill has brought in, below zero what it has taken; without its fee. */
  static BigDecimal cashFlow(BookedFill fill) {
    return size(fill).multiply(fill.price().toBigDecimal()).negate();
  }
}

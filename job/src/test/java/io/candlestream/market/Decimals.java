package io.candlestream.market;

import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/**
 * Decimals of every magnitude, small and huge, on both sides of what 64 bits hold, with zero and
 * trailing zeros among them.
 */
public final class Decimals {

  private static final BigInteger HUGE = BigInteger.TEN.pow(60);

  private Decimals() {}

  /** Up to 60 digits, up to 66 of them fractional. */
  public static Arbitrary<BigDecimal> big() {
    Arbitrary<BigInteger> unscaled =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just(BigInteger.ZERO)),
            Tuple.of(4, Arbitraries.longs().between(-1_000, 1_000).map(BigInteger::valueOf)),
            Tuple.of(
                4,
                Arbitraries.longs()
                    .withDistribution(RandomDistribution.uniform())
                    .map(BigInteger::valueOf)),
            Tuple.of(
                2,
                Arbitraries.bigIntegers()
                    .between(HUGE.negate(), HUGE)
                    .withDistribution(RandomDistribution.uniform())));
    return Combinators.combine(
            unscaled, Arbitraries.integers().between(0, 60), Arbitraries.integers().between(0, 6))
        .as(
            (digits, scale, zeros) ->
                new BigDecimal(digits.multiply(BigInteger.TEN.pow(zeros)), scale + zeros));
  }

  public static Arbitrary<Decimal> any() {
    return big().map(Decimal::of);
  }

  /** Prices and sizes as a tick may have them. */
  public static Arbitrary<Decimal> positive() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.longs().between(1, 100_000)),
                Tuple.of(1, Arbitraries.longs().between(1, 999_999_999_999_999_999L))),
            Arbitraries.integers().between(0, Decimal.MAX_FRACTIONAL_DIGITS))
        .as(Decimal::of);
  }
}

package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.Decimal;
import io.candlestream.market.SomeFill;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** {@link Ledger} against worked numbers, its identity, and exact average cost. */
class LedgerTest {

  private static final SomeFill FILL = SomeFill.of("ACME");

  /** Half of the last digit that a part of a cost is rounded to. */
  private static final BigDecimal HALF_UNIT =
      new BigDecimal(BigInteger.valueOf(5), Ledger.COST_FRACTIONAL_DIGITS + 1);

  private static final List<SomeFill> EXAMPLE =
      List.of(
          FILL.buy("100", "10").fee("1", "USD"),
          FILL.buy("50", "16").fee("0.002", "BNB"),
          FILL.sell("60", "15").fee("-0.25", "USD"),
          FILL.sell("120", "14"),
          FILL.buy("10", "11").fee("-1", "USD"),
          FILL.buy("20", "15").fee("0.001", "BNB"));

  @Test
  void theWorkedExampleIsBookedFillByFill() {
    assertThat(amounts(EXAMPLE))
        .containsExactly(
            "100 1000 0", "150 1800 0", "90 1080 180", "-30 -420 360", "-20 -280 390", "0 0 370");
  }

  @Test
  void theOtherSideOfEveryTradeHasTheSameBooksWithTheOtherSign() {
    assertThat(amounts(EXAMPLE.stream().map(LedgerTest::otherSide).toList()))
        .containsExactly(
            "-100 -1000 0",
            "-150 -1800 0",
            "-90 -1080 -180",
            "30 420 -360",
            "20 280 -390",
            "0 0 -370");
  }

  @Test
  void feesAreKeptApartByTheirCurrencyAndRebatesTakenOff() {
    assertThat(books(EXAMPLE))
        .extracting(Ledger::fees)
        .containsExactly(
            List.of(fee("USD", "1")),
            List.of(fee("BNB", "0.002"), fee("USD", "1")),
            List.of(fee("BNB", "0.002"), fee("USD", "0.75")),
            List.of(fee("BNB", "0.002"), fee("USD", "0.75")),
            List.of(fee("BNB", "0.002"), fee("USD", "-0.25")),
            List.of(fee("BNB", "0.003"), fee("USD", "-0.25")));
  }

  @Test
  void aFeeIsInNoCostAndNoProfit() {
    assertThat(amounts(EXAMPLE))
        .isEqualTo(amounts(EXAMPLE.stream().map(fill -> fill.fee(null, null)).toList()));
  }

  @Test
  void theBooksTellHowManyFillsTheyHaveAndWhenTheLastOneWas() {
    List<SomeFill> fills =
        List.of(FILL.atSeconds(10), FILL.atSeconds(10).id(2), FILL.atSeconds(30).sell("2", "1"));
    assertThat(books(fills)).extracting(Ledger::fills).containsExactly(1L, 2L, 3L);
    assertThat(books(fills))
        .extracting(Ledger::lastFillMicros)
        .containsExactly(10_000_000L, 10_000_000L, 30_000_000L);
    assertThat(Ledger.EMPTY.fills()).isZero();
    assertThat(Ledger.EMPTY.lastFillMicros()).isZero();
  }

  @Test
  void aPositionIsFlatBeforeItsFirstFillAndAfterClosingAll() {
    assertThat(Ledger.EMPTY.isFlat()).isTrue();
    assertThat(books(List.of(FILL.buy("3", "1"), FILL.sell("1", "1"), FILL.sell("2", "1"))))
        .extracting(Ledger::isFlat)
        .containsExactly(false, false, true);
  }

  @Test
  void aThirdIsRoundedAndTheLastPartTakesTheWholeRemainder() {
    assertThat(amounts(FILL.buy("3", "1"), FILL.buy("3", "0.666666666666666666")))
        .containsExactly("3 3 0", "6 4.999999999999999998 0");
    assertThat(
            amounts(
                FILL.buy("2", "0.5"),
                FILL.buy("1", "9"),
                FILL.sell("1", "4"),
                FILL.sell("1", "4"),
                FILL.sell("1", "4")))
        .containsExactly(
            "2 1 0",
            "3 10 0",
            // 10 / 3, and 4 less that
            "2 6.666666666666666667 0.666666666666666667",
            // 6.666666666666666667 / 2 lies between two digits: to the even one
            "1 3.333333333333333333 1.333333333333333333",
            "0 0 2");
  }

  @Test
  void aShortPositionIsRoundedLikeALongOne() {
    assertThat(
            amounts(
                FILL.sell("2", "0.5"),
                FILL.sell("1", "9"),
                FILL.buy("1", "4"),
                FILL.buy("1", "4"),
                FILL.buy("1", "4")))
        .containsExactly(
            "-2 -1 0",
            "-3 -10 0",
            "-2 -6.666666666666666667 -0.666666666666666667",
            "-1 -3.333333333333333333 -1.333333333333333333",
            "0 0 -2");
  }

  @Test
  void halfOfTheLastDigitGoesToTheEvenOne() {
    // Half of ...1 is ...0, and half of ...3 is ...2, of what is closed.
    assertThat(amounts(FILL.buy("2", "0.0000000000000000005"), FILL.sell("1", "1")))
        .containsExactly("2 0.000000000000000001 0", "1 0.000000000000000001 1");
    assertThat(amounts(FILL.buy("2", "0.0000000000000000015"), FILL.sell("1", "1")))
        .containsExactly("2 0.000000000000000003 0", "1 0.000000000000000001 0.999999999999999998");
  }

  @Test
  void dustHasItsBooksToTheLastDigit() {
    String dust = "0.000000000000000001";
    String price = "0.123456789012345678901234567899";
    // The longest price that is read has 18 digits.
    assertThatThrownBy(() -> FILL.buy(dust, price).fill())
        .isInstanceOf(NumberFormatException.class);
    assertThat(
            amounts(
                FILL.buy(dust, "0.000000000000123456789012345678"),
                FILL.buy(dust, "1"),
                FILL.sell(dust, "2"),
                FILL.sell(dust, "0.000000000000000000000000000001")))
        .containsExactly(
            "0.000000000000000001 0.000000000000000000000000000000123456789012345678 0",
            "0.000000000000000002 0.000000000000000001000000000000123456789012345678 0",
            // Half of the cost is 0.5000000000000617…e-18: a whole last digit.
            "0.000000000000000001 0.000000000000000000000000000000123456789012345678"
                + " 0.000000000000000001",
            "0 0 0.000000000000000000999999999999876543210987654323");
  }

  @Test
  void whereAllThatIsHeldIsDustRoundingCanTakeTheWholeCostOrMore() {
    assertThat(amounts(FILL.buy("3", "0.000000000000000000333"), FILL.sell("2", "1")))
        .containsExactly(
            "3 0.000000000000000000999 0", "1 -0.000000000000000000001 1.999999999999999999");
    assertThat(
            amounts(
                FILL.buy("4", "0.00000000000000000025"),
                FILL.sell("3", "1"),
                FILL.sell("1", "0.000000000000000002")))
        .containsExactly(
            "4 0.000000000000000001 0", "1 0 2.999999999999999999", "0 0 3.000000000000000001");
  }

  @Test
  void aFillThroughZeroClosesOnePositionAndOpensTheOtherAtItsPrice() {
    assertThat(amounts(FILL.buy("3", "10"), FILL.sell("5", "12"), FILL.buy("7", "11")))
        .containsExactly("3 30 0", "-2 -24 6", "5 55 8");
    assertThat(amounts(FILL.sell("3", "10"), FILL.buy("5", "12"), FILL.sell("7", "11")))
        .containsExactly("-3 -30 0", "2 24 -6", "-5 -55 -8");
  }

  @Test
  void aPositionThatWasClosedIsOpenedAnewWithoutAnyTraceOfItsCost() {
    assertThat(amounts(FILL.buy("3", "10"), FILL.sell("3", "9"), FILL.sell("1", "7")))
        .containsExactly("3 30 0", "0 0 -3", "-1 -7 -3");
  }

  @Test
  void nothingHasNoCost() {
    Decimal one = Decimal.of(1, 0);
    assertThatThrownBy(() -> new Ledger(Decimal.ZERO, one, one, List.of(), 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cost 1 of nothing");
  }

  @Property
  void whatWasRealizedLessWhatTheRestHasCostIsTheCashFlowExactly(
      @ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    BigDecimal cash = BigDecimal.ZERO;
    for (BookedFill fill : fills) {
      ledger = ledger.add(fill);
      cash = cash.add(SomeFills.cashFlow(fill));
      assertThat(value(ledger.realized()).subtract(value(ledger.cost())))
          .isEqualByComparingTo(cash);
    }
  }

  @Property
  void theQuantityIsTheSumOfWhatWasTraded(@ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    BigDecimal quantity = BigDecimal.ZERO;
    for (BookedFill fill : fills) {
      ledger = ledger.add(fill);
      quantity = quantity.add(SomeFills.size(fill));
      assertThat(value(ledger.quantity())).isEqualByComparingTo(quantity);
      assertThat(ledger.isFlat()).isEqualTo(quantity.signum() == 0);
    }
  }

  /** Nothing or less is what rounding can leave of the cost of dust. */
  @Property
  void theCostHasTheSignOfTheQuantityOrIsWithinHalfAUnitOfZero(
      @ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    for (BookedFill fill : fills) {
      ledger = ledger.add(fill);
      int sign = ledger.quantity().signum();
      if (sign == 0) {
        assertThat(ledger.cost()).isEqualTo(Decimal.ZERO);
      } else if (ledger.cost().signum() != sign) {
        assertThat(value(ledger.cost()).abs()).isLessThan(HALF_UNIT);
      }
    }
  }

  @Property
  void fillsAreCountedAndFeesOfEachCurrencyAddedUp(@ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    Map<String, BigDecimal> sums = new TreeMap<>();
    for (int i = 0; i < fills.size(); i++) {
      BookedFill fill = fills.get(i);
      ledger = ledger.add(fill);
      if (fill.fee() != null) {
        sums.merge(fill.feeCurrency(), value(fill.fee()), BigDecimal::add);
      }
      assertThat(ledger.fills()).isEqualTo(i + 1);
      assertThat(ledger.lastFillMicros()).isEqualTo(fill.timestampMicros());
      assertThat(ledger.fees())
          .isEqualTo(
              sums.entrySet().stream()
                  .map(sum -> new Fee(sum.getKey(), Decimal.of(sum.getValue())))
                  .toList());
    }
  }

  @Property
  void withEverySideTurnedRoundQuantityCostAndProfitHaveTheOtherSign(
      @ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    Ledger mirrored = Ledger.EMPTY;
    for (BookedFill fill : fills) {
      ledger = ledger.add(fill);
      mirrored = mirrored.add(SomeFills.mirrored(fill));
      assertThat(mirrored)
          .isEqualTo(
              new Ledger(
                  ledger.quantity().negate(),
                  ledger.cost().negate(),
                  ledger.realized().negate(),
                  ledger.fees(),
                  ledger.fills(),
                  ledger.lastFillMicros()));
    }
  }

  /** The identity makes the error of the profit that of the cost: none once all is closed. */
  @Property
  void eachFillRoundsTheExactAverageCostByNoMoreThanHalfAUnit(
      @ForAll("fills") List<BookedFill> fills) {
    Ledger ledger = Ledger.EMPTY;
    AverageCost exact = AverageCost.NONE;
    int roundings = 0;
    for (BookedFill fill : fills) {
      ledger = ledger.add(fill);
      exact = exact.trade(Fraction.of(fill.signedSize()), Fraction.of(fill.price()));
      roundings = ledger.isFlat() ? 0 : roundings + 1;
      Fraction bound = Fraction.of(Decimal.of(5L * roundings, Ledger.COST_FRACTIONAL_DIGITS + 1));
      assertThat(Fraction.of(ledger.quantity())).isEqualTo(exact.quantity());
      assertThat(Fraction.of(ledger.cost()).distance(exact.cost())).isLessThanOrEqualTo(bound);
      assertThat(Fraction.of(ledger.realized()).distance(exact.realized()))
          .isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void theExactAverageCostIsThatOfTheWorkedExample() {
    AverageCost exact = AverageCost.NONE;
    List<String> amounts = new ArrayList<>();
    for (SomeFill some : EXAMPLE) {
      BookedFill fill = BookedFill.of(some.fill());
      exact = exact.trade(Fraction.of(fill.signedSize()), Fraction.of(fill.price()));
      amounts.add(exact.quantity() + " " + exact.average() + " " + exact.realized());
    }
    assertThat(amounts)
        .containsExactly(
            "100 10 0", "150 12 0", "90 12 180", "-30 14 360", "-20 14 390", "0 0 370");
  }

  /** Quantity, cost and realized profit after each fill. */
  private static List<String> amounts(SomeFill... fills) {
    return amounts(List.of(fills));
  }

  private static List<String> amounts(List<SomeFill> fills) {
    return books(fills).stream()
        .map(books -> books.quantity() + " " + books.cost() + " " + books.realized())
        .toList();
  }

  private static List<Ledger> books(List<SomeFill> fills) {
    List<Ledger> books = new ArrayList<>();
    Ledger last = Ledger.EMPTY;
    for (SomeFill fill : fills) {
      last = last.add(BookedFill.of(fill.fill()));
      books.add(last);
    }
    return books;
  }

  private static SomeFill otherSide(SomeFill fill) {
    return switch (fill.side()) {
      case BUY -> fill.sell(fill.size(), fill.price());
      case SELL -> fill.buy(fill.size(), fill.price());
      case UNKNOWN -> throw new IllegalArgumentException("a fill of no side");
    };
  }

  private static Fee fee(String currency, String amount) {
    return new Fee(currency, Decimal.parse(amount));
  }

  private static BigDecimal value(Decimal decimal) {
    return decimal.toBigDecimal();
  }

  @Provide
  Arbitrary<List<BookedFill>> fills() {
    return SomeFills.any().list().ofMaxSize(25);
  }

  /** A position as a quantity at an average price, both exact. */
  private record AverageCost(Fraction quantity, Fraction average, Fraction realized) {

    static final AverageCost NONE = new AverageCost(Fraction.ZERO, Fraction.ZERO, Fraction.ZERO);

    Fraction cost() {
      return quantity.times(average);
    }

    AverageCost trade(Fraction size, Fraction price) {
      Fraction after = quantity.plus(size);
      if (after.signum() == 0) {
        return new AverageCost(Fraction.ZERO, Fraction.ZERO, earning(quantity, price));
      }
      if (quantity.signum() == 0) {
        return new AverageCost(after, price, realized);
      }
      if (size.signum() == quantity.signum()) {
        return new AverageCost(after, cost().plus(size.times(price)).over(after), realized);
      }
      return after.signum() == quantity.signum()
          ? new AverageCost(after, average, earning(size.negated(), price))
          : new AverageCost(after, price, earning(quantity, price));
    }

    private Fraction earning(Fraction closed, Fraction price) {
      return realized.plus(closed.times(price.plus(average.negated())));
    }
  }

  /** An exact rational number in lowest terms, its denominator above zero. */
  private record Fraction(BigInteger numerator, BigInteger denominator)
      implements Comparable<Fraction> {

    static final Fraction ZERO = new Fraction(BigInteger.ZERO, BigInteger.ONE);

    Fraction {
      BigInteger common = numerator.gcd(denominator);
      if (denominator.signum() < 0) {
        common = common.negate();
      }
      numerator = numerator.divide(common);
      denominator = denominator.divide(common);
    }

    static Fraction of(Decimal decimal) {
      return new Fraction(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()));
    }

    int signum() {
      return numerator.signum();
    }

    Fraction negated() {
      return new Fraction(numerator.negate(), denominator);
    }

    Fraction plus(Fraction other) {
      return new Fraction(
          numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
          denominator.multiply(other.denominator));
    }

    Fraction times(Fraction other) {
      return new Fraction(
          numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    Fraction over(Fraction other) {
      return new Fraction(
          numerator.multiply(other.denominator), denominator.multiply(other.numerator));
    }

    Fraction distance(Fraction other) {
      Fraction difference = plus(other.negated());
      return difference.signum() < 0 ? difference.negated() : difference;
    }

    @Override
    public int compareTo(Fraction other) {
      return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    @Override
    public String toString() {
      return denominator.equals(BigInteger.ONE) ? "" + numerator : numerator + "/" + denominator;
    }
  }
}

package io.candlestream.portfolio;

import io.candlestream.market.Decimal;
import java.util.ArrayList;
import java.util.List;

/**
 * A position's books by the average-cost method, in the currency of its prices: what is held, what
 * it has cost, what closing parts of it has earned.
 *
 * <p>A short position, which was sold for money, has cost less than nothing. Closing a part takes
 * away the same part of the cost, rounded half-even to {@value #COST_FRACTIONAL_DIGITS} fractional
 * digits, and earns what was received for it less that cost; closing all takes away the whole
 * remainder, so that no dust stays behind. A fill through zero closes one position and opens the
 * other. So quantity and cost have one sign, but where the cost of what is left is below half a
 * unit of the last of these digits: then rounding can leave no cost, or one of the other sign,
 * below half a unit too. After every fill, exactly:
 *
 * <pre>
 *   realized − cost = what sales have brought in − what purchases have cost
 * </pre>
 *
 * <p>Fees are in no price and no profit: they are kept apart, by the currency they were paid in.
 *
 * <p>Worked example:
 *
 * <pre>
 *   fill              quantity      cost   realized
 *   buy  100 at 10         100     1,000          0
 *   buy   50 at 16         150     1,800          0    average cost 12
 *   sell  60 at 15          90     1,080        180    60 × (15 − 12)
 *   sell 120 at 14         −30      −420        360    90 × (14 − 12), and 30 sold short at 14
 *   buy   10 at 11         −20      −280        390    10 × (14 − 11)
 *   buy   20 at 15           0         0        370    20 × (14 − 15)
 * </pre>
 *
 * @param quantity what is held; below zero what is owed
 * @param cost what it has cost; zero where the quantity is
 * @param realized profit and loss of what was closed
 * @param fees in the order of their currencies' names, one each
 * @param fills how many fills these are the books of
 * @param lastFillMicros the timestamp of the last of them, in microseconds since the epoch; 0 where
 *     there is none
 */
public record Ledger(
    Decimal quantity,
    Decimal cost,
    Decimal realized,
    List<Fee> fees,
    long fills,
    long lastFillMicros) {

  /** The books of what was never traded. */
  public static final Ledger EMPTY =
      new Ledger(Decimal.ZERO, Decimal.ZERO, Decimal.ZERO, List.of(), 0, 0);

  static final int COST_FRACTIONAL_DIGITS = 18;

  public Ledger {
    fees = List.copyOf(fees);
    if (quantity.signum() == 0 && cost.signum() != 0) {
      throw new IllegalArgumentException("cost " + cost + " of nothing");
    }
  }

  /** These books with a fill that comes after all of them. */
  public Ledger add(BookedFill fill) {
    Decimal traded = fill.signedSize();
    Ledger booked;
    if (quantity.signum() * traded.signum() >= 0) {
      booked = open(traded, fill.price());
    } else if (traded.abs().compareTo(quantity.abs()) < 0) {
      booked = close(traded, fill.price());
    } else {
      booked = closeAll(fill.price()).open(quantity.add(traded), fill.price());
    }
    return booked.count(fill);
  }

  private Ledger open(Decimal traded, Decimal price) {
    return holding(quantity.add(traded), cost.add(traded.multiply(price)), realized);
  }

  private Ledger close(Decimal traded, Decimal price) {
    Decimal closedCost = cost.multiply(traded.abs()).divide(quantity.abs(), COST_FRACTIONAL_DIGITS);
    return holding(
        quantity.add(traded),
        cost.subtract(closedCost),
        realized.subtract(traded.multiply(price)).subtract(closedCost));
  }

  private Ledger closeAll(Decimal price) {
    return holding(
        Decimal.ZERO, Decimal.ZERO, realized.add(quantity.multiply(price)).subtract(cost));
  }

  private Ledger holding(Decimal newQuantity, Decimal newCost, Decimal newRealized) {
    return new Ledger(newQuantity, newCost, newRealized, fees, fills, lastFillMicros);
  }

  private Ledger count(BookedFill fill) {
    return new Ledger(
        quantity,
        cost,
        realized,
        fill.fee() == null ? fees : with(fill.fee(), fill.feeCurrency()),
        fills + 1,
        fill.timestampMicros());
  }

  private List<Fee> with(Decimal amount, String currency) {
    List<Fee> sums = new ArrayList<>(fees);
    int at = 0;
    while (at < sums.size() && sums.get(at).currency().compareTo(currency) < 0) {
      at++;
    }
    if (at < sums.size() && sums.get(at).currency().equals(currency)) {
      sums.set(at, new Fee(currency, sums.get(at).amount().add(amount)));
    } else {
      sums.add(at, new Fee(currency, amount));
    }
    return sums;
  }

  public boolean isFlat() {
    return quantity.signum() == 0;
  }
}

package io.candlestream.local.ticks;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;

/** Executions of a few accounts, at the prices and times at which the market trades. */
final class Fills implements SideEvents {
  private static final Account[] ACCOUNTS = Account.values();
  private static final int FEE_FRACTIONAL_DIGITS = 8;

  /** How often an order is executed in one piece more. */
  private static final double GOES_ON = 0.3;

  private final SeededRandom random;
  private final Map<Holder, Position> positions = new HashMap<>();
  private long nextFill;
  private long nextOrder = 1;

  Fills(SeededRandom random) {
    this.random = random;
    this.nextFill = 1 + random.below(1_000_000_000);
  }

  private record Holder(Account account, Instrument instrument) {}

  /**
   * @param lots held, below zero if short
   * @param traded lots of the last trade, below zero if sold
   * @param order the last trade's
   */
  private record Position(long lots, long traded, long order) {
    static final Position NONE = new Position(0, 0, 0);
  }

  @Override
  public Event next(Instrument traded, long eventMicros) {
    Account account = drawAccount();
    Holder holder = new Holder(account, traded);
    Position before = positions.getOrDefault(holder, Position.NONE);
    long most = 2L * traded.listing().medianLots();
    long lots = account.trade(before.lots(), 1 + random.below(most), random);
    boolean sameWay = Long.signum(lots) == Long.signum(before.traded());
    long order = sameWay && random.chance(GOES_ON) ? before.order() : nextOrder++;
    positions.put(holder, new Position(before.lots() + lots, lots, order));
    return event(account, traded, lots, nextFill++, order, eventMicros);
  }

  @Override
  public Event sample(Instrument traded, long eventMicros) {
    return event(drawAccount(), traded, 1, 0, 0, eventMicros);
  }

  private Account drawAccount() {
    return ACCOUNTS[(int) random.below(ACCOUNTS.length)];
  }

  private static Event event(
      Account account, Instrument traded, long lots, long fill, long order, long eventMicros) {
    Listing listing = traded.listing();
    BigDecimal price = traded.price();
    BigDecimal size = listing.lot().multiply(BigDecimal.valueOf(Math.abs(lots)));
    String feeCurrency = account.feeCurrency(listing.currency());
    BigDecimal fee =
        price
            .multiply(size)
            .multiply(account.feeRate)
            .multiply(Listing.dollars(listing.currency()))
            .divide(Listing.dollars(feeCurrency), FEE_FRACTIONAL_DIGITS, RoundingMode.HALF_EVEN);
    return Event.keyedBy(
        account.word,
        Fields.NONE
            .withText("account", account.word)
            .withText("source", listing.venue().source)
            .withText("symbol", listing.symbol())
            .with("fill_id", Long.toString(fill))
            .withText("order_id", "order-" + order)
            .withText("side", lots > 0 ? "buy" : "sell")
            .withText("price", price.toPlainString())
            .withText("size", size.toPlainString())
            .withText("currency", listing.currency())
            .withText("fee", fee.stripTrailingZeros().toPlainString())
            .withText("fee_currency", feeCurrency)
            .with("timestamp", traded.timestamp(eventMicros)));
  }
}

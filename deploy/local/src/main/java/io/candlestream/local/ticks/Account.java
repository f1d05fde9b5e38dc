package io.candlestream.local.ticks;

import java.math.BigDecimal;

/** The simulated accounts, and how each of them trades. */
enum Account {
  /** Buys, and takes profits of a part now and then; is never short. */
  DESK_1("desk-1", "0.001", "") {
    @Override
    long trade(long held, long lots, SeededRandom random) {
      return held > 0 && random.chance(0.4) ? -partOf(held, random) : lots;
    }
  },
  /** Goes either way, also from long to short with one trade, and pays its fees in a coin. */
  DESK_2("desk-2", "0.00075", "BNB") {
    @Override
    long trade(long held, long lots, SeededRandom random) {
      long way = held == 0 ? (random.chance(0.5) ? 1 : -1) : Long.signum(held);
      double draw = random.nextDouble();
      if (held == 0 || draw < 0.45) {
        return way * lots;
      }
      if (draw < 0.75) {
        return -way * partOf(Math.abs(held), random);
      }
      return draw < 0.85 ? -held : -held - way * lots;
    }
  },
  /** Buys and sells alike, rather back towards nothing held, and is paid for it. */
  MARKET_MAKER("market-maker", "-0.0001", "") {
    @Override
    long trade(long held, long lots, SeededRandom random) {
      boolean sells = held == 0 ? random.chance(0.5) : random.chance(0.7) == held > 0;
      return sells ? -lots : lots;
    }
  };

  final String word;

  /** Part of a trade's worth that is its fee; below zero for a rebate. */
  final BigDecimal feeRate;

  private final String feeCurrency;

  Account(String word, String feeRate, String feeCurrency) {
    this.word = word;
    this.feeRate = new BigDecimal(feeRate);
    this.feeCurrency = feeCurrency;
  }

  /**
   * What it does next in an instrument.
   *
   * @param held lots that it holds, below zero if it is short
   * @param lots how many it thinks of, above zero
   * @return the lots that it buys, or below zero sells; never zero
   */
  abstract long trade(long held, long lots, SeededRandom random);

  /** What it pays its fees in, for a trade at a price in this currency. */
  String feeCurrency(String currency) {
    return feeCurrency.isEmpty() ? currency : feeCurrency;
  }

  /** At least one, at most all. */
  private static long partOf(long lots, SeededRandom random) {
    return 1 + random.below(lots);
  }
}

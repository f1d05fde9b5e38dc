package io.candlestream.local.ticks;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One instrument's terms: where it trades, under which name, around which price, and in which steps
 * of price and size.
 *
 * @param currency what its price is in: money, or the coin it is traded against
 * @param level the price it starts near
 * @param increment the tick size: every price is a whole multiple of it
 * @param lot the lot size: every size is a whole multiple of it
 * @param medianLots the median trade, in lots
 */
record Listing(
    Venue venue,
    String symbol,
    String currency,
    BigDecimal level,
    BigDecimal increment,
    BigDecimal lot,
    int medianLots) {

  static final int MAX_COUNT = 100_000;
  static final BigDecimal MIN_PRICE = new BigDecimal("0.000001");
  static final BigDecimal MAX_PRICE = new BigDecimal("1000000");

  /** How far from its level a price may wander, as a factor either way. */
  static final BigDecimal WANDER = BigDecimal.valueOf(4);

  private static final Venue[] VENUES = Venue.values();
  private static final String[] MONEY = {"USD", "USDT", "EUR", "GBP"};
  private static final BigDecimal BITCOIN = new BigDecimal("67000");
  private static final BigDecimal BNB = new BigDecimal("580");
  private static final BigDecimal MEDIAN_COIN_TRADE = new BigDecimal("800");
  private static final int MAX_MEDIAN_LOTS = 5_000;

  private static final String[] COINS = {
    "BTC 67000", "ETH 3500", "SOL 150", "XRP 0.6", "BNB 580", "DOGE 0.12", "ADA 0.45", "AVAX 28",
        "LINK 14", "DOT 6",
    "LTC 70", "UNI 8", "ATOM 7", "XLM 0.1", "SHIB 0.00002", "GRT 0.2", "AAVE 140", "BCH 350",
        "NEAR 5", "FIL 4"
  };
  private static final String[] SHARES = {
    "AAPL 230", "NVDA 120", "MSFT 420", "TSLA 220", "AMZN 185", "META 520", "GOOGL 165", "AMD 150",
        "AVGO 160", "JPM 205",
    "BRK.B 430", "NFLX 650", "COST 870", "XOM 115", "UNH 560", "LLY 900", "V 275", "KO 68",
        "DIS 95", "F 11"
  };
  private static final String[] FUTURES = {
    "ES 5500 0.25",
    "NQ 19000 0.25",
    "CL 75 0.01",
    "GC 2500 0.1",
    "YM 40000 1",
    "RTY 2200 0.1",
    "6E 1.09 0.00005",
    "HG 4.2 0.0005",
    "NKD 38000 5",
    "NG 2.1 0.001"
  };

  /**
   * The first {@code count} listings, from the most to the least active; the venues take turns.
   * Names do not depend on the random numbers, and a shorter list has the names with which a longer
   * one begins.
   */
  static List<Listing> draw(int count, SeededRandom random) {
    int perVenue = (count + VENUES.length - 1) / VENUES.length;
    List<Map.Entry<String, BigDecimal>> coins =
        levels(COINS, perVenue + 1, Listing::coinCode, -2, 3, random);
    List<Map.Entry<String, BigDecimal>> shares =
        levels(SHARES, perVenue, Listing::shareCode, 0.5, 2.7, random);
    List<Map.Entry<String, BigDecimal>> roots =
        levels(FUTURES, perVenue, Listing::shareCode, 1, 4.5, random);
    List<Listing> listings = new ArrayList<>(count);
    for (int rank = 0; rank < count; rank++) {
      int nth = rank / VENUES.length;
      Venue venue = VENUES[rank % VENUES.length];
      listings.add(
          switch (venue) {
            case SPOT -> {
              var coin = coins.get(nth / MONEY.length);
              String money = MONEY[nth % MONEY.length];
              yield coin(venue, coin.getKey() + "-" + money, money, coin.getValue());
            }
            case CROSS -> {
              var coin = coins.get(nth + 1);
              yield coin(venue, coin.getKey() + "/BTC", "BTC", coin.getValue());
            }
            case PERPETUAL -> {
              var coin = coins.get(nth);
              yield coin(venue, coin.getKey() + "USDT-PERP", "USDT", coin.getValue());
            }
            case STOCK -> {
              var share = shares.get(nth);
              yield new Listing(
                  venue,
                  share.getKey(),
                  "USD",
                  share.getValue(),
                  new BigDecimal("0.01"),
                  BigDecimal.ONE,
                  40);
            }
            case FUTURE -> {
              var root = roots.get(nth / 4);
              BigDecimal increment =
                  nth / 4 < FUTURES.length ? knownIncrement(nth / 4) : new BigDecimal("0.05");
              yield new Listing(
                  venue,
                  root.getKey() + ".c." + nth % 4,
                  "USD",
                  root.getValue(),
                  increment,
                  BigDecimal.ONE,
                  3);
            }
          });
    }
    return listings;
  }

  private static BigDecimal knownIncrement(int future) {
    return new BigDecimal(FUTURES[future].split(" ")[2]);
  }

  /**
   * The tick size leaves a price five significant digits; the lot size leaves the median trade
   * three.
   */
  private static Listing coin(Venue venue, String symbol, String currency, BigDecimal dollars) {
    BigDecimal level =
        dollars.divide(dollars(currency), MathContext.DECIMAL32).max(MIN_PRICE.multiply(WANDER));
    BigDecimal increment = BigDecimal.ONE.scaleByPowerOfTen(Math.min(0, magnitude(level) - 4));
    BigDecimal medianSize = MEDIAN_COIN_TRADE.divide(dollars, MathContext.DECIMAL32);
    BigDecimal lot = BigDecimal.ONE.scaleByPowerOfTen(Math.min(3, magnitude(medianSize) - 2));
    int medianLots = medianSize.divide(lot, 0, RoundingMode.HALF_EVEN).intValueExact();
    return new Listing(
        venue, symbol, currency, level, increment, lot, Math.min(MAX_MEDIAN_LOTS, medianLots));
  }

  /** What one of a currency is worth, about: all money is of one worth here. */
  static BigDecimal dollars(String currency) {
    return switch (currency) {
      case "BTC" -> BITCOIN;
      case "BNB" -> BNB;
      default -> BigDecimal.ONE;
    };
  }

  /** The power of ten of the first digit. */
  private static int magnitude(BigDecimal value) {
    return value.precision() - value.scale() - 1;
  }

  /**
   * Known names with their prices, then made-up ones with prices 10^{@code lowest} to 10^{@code
   * highest}.
   */
  private static List<Map.Entry<String, BigDecimal>> levels(
      String[] known,
      int count,
      NameSource madeUp,
      double lowest,
      double highest,
      SeededRandom random) {
    Map<String, BigDecimal> levels = new LinkedHashMap<>();
    for (String line : known) {
      String[] words = line.split(" ");
      levels.put(words[0], new BigDecimal(words[1]));
    }
    for (int index = 0; levels.size() < count; index++) {
      double level = StrictMath.pow(10, lowest + random.nextDouble() * (highest - lowest));
      levels.putIfAbsent(madeUp.name(index), new BigDecimal(level, new MathContext(5)));
    }
    return List.copyOf(levels.entrySet());
  }

  private interface NameSource {
    String name(int index);
  }

  /** Four letters one can say, such as {@code BAKT}; 40,000 of them. */
  private static String coinCode(int index) {
    String consonants = "BCDFGHJKLMNPQRSTVWXZ";
    String vowels = "AEIOU";
    return letters(index, consonants, consonants, vowels, consonants);
  }

  /** Four letters, 456,976 of them. */
  private static String shareCode(int index) {
    String any = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return letters(index, any, any, any, any);
  }

  private static String letters(int index, String... alphabets) {
    int codes = 1;
    for (String alphabet : alphabets) {
      codes *= alphabet.length();
    }
    // A prime that divides neither number of codes: a permutation, so that neighbours do not look
    // alike.
    long rest = index * 7919L % codes;
    StringBuilder code = new StringBuilder();
    for (String alphabet : alphabets) {
      code.append(alphabet.charAt((int) (rest % alphabet.length())));
      rest /= alphabet.length();
    }
    return code.reverse().toString();
  }
}

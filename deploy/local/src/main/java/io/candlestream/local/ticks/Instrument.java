package io.candlestream.local.ticks;

import static io.candlestream.local.ticks.TickJson.ascii;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/**
 * One instrument as it trades: its price walks on the tick grid, its trade ids count up by one.
 *
 * <p>The walk's steps are triangular around 0 and rounded to the grid at random, which keeps them
 * fair where a step is less than a tick. It is reflected at a quarter and at four times the listed
 * level, inside the pipeline's default price bounds.
 */
final class Instrument {
  private static final byte[] TRADE_ID = ascii(",\"trade_id\":");
  private static final byte[] SEQUENCE = ascii(",\"sequence\":");
  private static final byte[] PRICE = ascii(",\"price\":");
  private static final byte[] SIZE = ascii(",\"size\":");
  private static final byte[] BUY = ascii(",\"side\":\"buy\"");
  private static final byte[] SELL = ascii(",\"side\":\"sell\"");
  private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");

  /** How often a trade leaves the price where it was. */
  private static final double STANDSTILL = 0.4;

  /** How often the price moves the aggressor's way: a buyer lifts it. */
  private static final double AGGRESSION = 0.7;

  private static final double[] SIZE_FACTORS = logNormal(4096, 1.4);

  private final Listing listing;
  private final TickForm form;
  private final byte[] key;
  private final byte[] opening;
  private final long incrementUnscaled;
  private final int priceScale;
  private final long lotUnscaled;
  private final int sizeScale;
  private final long lowestPrice;
  private final long highestPrice;
  private final double longestStep;
  private final long idSalt;

  private long nextId;
  private long price;
  private long lots;
  private boolean bought;
  private long lastTradeMicros;

  /**
   * @param form of its ticks
   * @param volatility standard deviation of a trade's price change, relative to the price
   */
  Instrument(Listing listing, TickForm form, double volatility, SeededRandom random) {
    this.listing = listing;
    this.form = form;
    this.key = ascii(listing.venue().source + "/" + listing.symbol());
    this.opening =
        ascii(
            "{\"source\":\""
                + listing.venue().source
                + "\",\"symbol\":\""
                + listing.symbol()
                + "\"");
    this.incrementUnscaled = unscaled(listing.increment());
    this.priceScale = Math.max(0, listing.increment().scale());
    this.lotUnscaled = unscaled(listing.lot());
    this.sizeScale = Math.max(0, listing.lot().scale());
    this.price = increments(listing.level(), RoundingMode.HALF_EVEN);
    BigDecimal lowest =
        listing.level().divide(Listing.WANDER, 18, RoundingMode.UP).max(Listing.MIN_PRICE);
    BigDecimal highest = listing.level().multiply(Listing.WANDER).min(Listing.MAX_PRICE);
    this.lowestPrice = increments(lowest, RoundingMode.CEILING);
    this.highestPrice = increments(highest, RoundingMode.FLOOR);
    // The triangular distribution on ±s has the deviation s / √6.
    this.longestStep = price * volatility * StrictMath.sqrt(6);
    this.idSalt = random.nextLong();
    this.nextId = 1 + random.below(1_000_000_000);
  }

  private long increments(BigDecimal value, RoundingMode rounding) {
    return value.divide(listing.increment(), 0, rounding).longValueExact();
  }

  private static long unscaled(BigDecimal value) {
    return value.movePointRight(Math.max(0, value.scale())).longValueExact();
  }

  Listing listing() {
    return listing;
  }

  TickForm form() {
    return form;
  }

  /** The Kafka key: one instrument's ticks, whatever their kind, go to one partition. */
  byte[] key() {
    return key;
  }

  /** What it last traded at. */
  BigDecimal price() {
    return BigDecimal.valueOf(price * incrementUnscaled, priceScale);
  }

  /** When it last traded in order; 0 before. */
  long lastTradeMicros() {
    return lastTradeMicros;
  }

  void tradedAt(long eventMicros) {
    lastTradeMicros = eventMicros;
  }

  /** Moves the price and draws the next trade's size and aggressor; {@link #write} tells of it. */
  void trade(SeededRandom random) {
    long bits = random.nextLong();
    lots = Math.max(1, (long) (listing.medianLots() * SIZE_FACTORS[(int) (bits & 0xfff)]));
    bought = (bits & 0x1000) != 0;
    if (random.chance(STANDSTILL)) {
      return;
    }
    double way = random.nextDouble() - random.nextDouble();
    if (way < 0 == bought && random.chance(2 * AGGRESSION - 1)) {
      way = -way;
    }
    price += (long) Math.floor(way * longestStep + random.nextDouble());
    if (price < lowestPrice) {
      price = Math.min(highestPrice, 2 * lowestPrice - price);
    } else if (price > highestPrice) {
      price = Math.max(lowestPrice, 2 * highestPrice - price);
    }
  }

  /** Writes the trade just drawn and, if it is to carry an id, uses the next one up. */
  void write(TickJson json, long eventMicros, boolean withId) {
    json.raw(opening);
    if (withId) {
      writeId(json, nextId++);
    }
    writeDecimal(json.raw(PRICE), price * incrementUnscaled, priceScale);
    writeDecimal(json.raw(SIZE), lots * lotUnscaled, sizeScale);
    if (form.tellsSide()) {
      json.raw(bought ? BUY : SELL);
    }
    writeTimestamp(json.raw(TIMESTAMP), eventMicros);
    json.raw('}');
  }

  private void writeId(TickJson json, long id) {
    json.raw(TRADE_ID);
    switch (form.idStyle()) {
      case NUMBER -> json.number(id);
      case TEXT_NUMBER -> json.raw('"').number(id).raw('"');
      case UUID_AND_SEQUENCE ->
          json.raw('"')
              .uuid(SeededRandom.mix(idSalt + id), SeededRandom.mix(idSalt ^ ~id))
              .raw('"')
              .raw(SEQUENCE)
              .number(id);
    }
  }

  private void writeDecimal(TickJson json, long unscaled, int scale) {
    if (form.quotesDecimals()) {
      json.raw('"').decimal(unscaled, scale).raw('"');
    } else {
      json.decimal(unscaled, scale);
    }
  }

  /** JSON text of a time, as it is written in its ticks. */
  String timestamp(long micros) {
    TickJson text = new TickJson();
    writeTimestamp(text, micros);
    return new String(text.toBytes(), StandardCharsets.US_ASCII);
  }

  private void writeTimestamp(TickJson json, long micros) {
    switch (form.timeStyle()) {
      case MILLIS -> json.number(micros / 1_000);
      case MICROS -> json.number(micros);
      case NANOS -> json.number(micros * 1_000);
      case ISO -> json.raw('"').isoMicros(micros).raw('"');
    }
  }

  /**
   * Multiples of the median, log-normally distributed and cut at 3.5 deviations; drawn once, for
   * speed.
   */
  private static double[] logNormal(int count, double sigma) {
    SeededRandom random = new SeededRandom(0, SeededRandom.Stream.SIZES);
    double[] factors = new double[count];
    for (int index = 0; index < count; index++) {
      // Box and Muller's transform of two uniform numbers.
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
      double normal = radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
      factors[index] = StrictMath.exp(sigma * Math.max(-3.5, Math.min(3.5, normal)));
    }
    return factors;
  }
}

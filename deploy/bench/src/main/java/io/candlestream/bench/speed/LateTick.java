package io.candlestream.bench.speed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import java.time.Duration;
import java.util.List;

/**
 * A tick for a candle that is closed. It is the candle's last, and at another price than the one
 * that was: so every moving average after it changes.
 *
 * @param stored the candle, as it is before
 * @param newest the row of its instrument that is newest, and changes with it
 * @param number tells the tick from others; of one candle, later ones have higher numbers
 */
record LateTick(Candle stored, CandleRow newest, long number) {

  private static final Decimal SIZE = Decimal.of(1, 0);
  private static final long LAST_MICROS = Duration.ofMinutes(1).toMillis() * 1_000 - 1;

  /** Whether there can be one for the first of some rows, to be seen in the last. */
  static boolean fits(List<CandleRow> rows) {
    return rows.size() > 1
        && !Double.isNaN(rows.get(rows.size() - 1).indicators().ema9())
        && rows.get(0).candle().low().compareTo(rows.get(0).candle().high()) < 0;
  }

  /** For the first of some rows. */
  static LateTick of(List<CandleRow> rows, long number) {
    return new LateTick(rows.get(0).candle(), rows.get(rows.size() - 1), number);
  }

  Instrument instrument() {
    return stored.instrument();
  }

  /** The candle as it is with this tick. */
  Candle corrected() {
    Decimal price = price();
    Decimal turnover = price.multiply(SIZE);
    Candle alone =
        new Candle(
            instrument(),
            stored.startMicros(),
            price,
            price,
            price,
            price,
            SIZE,
            SIZE,
            turnover,
            Candle.vwap(turnover, SIZE),
            1,
            true);
    return stored.with(alone, stored.startMicros());
  }

  private Decimal price() {
    return stored.close().equals(stored.high()) ? stored.low() : stored.high();
  }

  /** The key of all ticks of the instrument. */
  byte[] key() {
    return (instrument().source() + "/" + instrument().symbol()).getBytes(US_ASCII);
  }

  byte[] payload() {
    return """
    {"source":"%s","symbol":"%s","trade_id":"late-%012d","price":"%s","size":"%s","side":"buy","timestamp":%d}\
    """
        .formatted(
            instrument().source(),
            instrument().symbol(),
            number,
            price(),
            SIZE,
            stored.startMicros() + LAST_MICROS)
        .getBytes(US_ASCII);
  }
}

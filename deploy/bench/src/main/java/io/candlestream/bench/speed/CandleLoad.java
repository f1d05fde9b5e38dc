package io.candlestream.bench.speed;

import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.Indicators;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Candles of one minute with all their indicators, in the order in which a job writes them: minute
 * by minute, those of all instruments together. Prices are on random walks, of 2 to 8 fractional
 * digits by instrument.
 */
record CandleLoad(int symbols, int minutes) {

  /** By then no indicator is null. */
  private static final int WARM_AFTER = 250;

  private static final List<String> SOURCES = List.of("binance", "coinbase", "kraken");
  private static final long MINUTE_MICROS = Duration.ofMinutes(1).toSeconds() * 1_000_000;
  private static final long START_MICROS = TickLoad.START.getEpochSecond() * 1_000_000;

  int size() {
    return symbols * minutes;
  }

  /** The rows. */
  List<CandleRow> rows() {
    return rows(0);
  }

  /** The same, once each candle has got a late trade, at another price than its last. */
  List<CandleRow> corrected() {
    return rows(1);
  }

  private List<CandleRow> rows(int lateTrades) {
    List<Walk> walks = new ArrayList<>();
    for (int i = 0; i < symbols; i++) {
      walks.add(new Walk(i, lateTrades));
    }
    List<CandleRow> rows = new ArrayList<>(size());
    for (int minute = -WARM_AFTER; minute < minutes; minute++) {
      for (Walk walk : walks) {
        CandleRow row = walk.next(START_MICROS + minute * MINUTE_MICROS);
        if (minute >= 0) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /** One instrument on its way. */
  private static final class Walk {

    private final Instrument instrument;
    private final int digits;
    private final int sizeDigits;
    private final int lateTrades;
    private final Random random;
    private long ticks;
    private Indicators indicators = Indicators.start();

    Walk(int number, int lateTrades) {
      instrument = new Instrument(SOURCES.get(number % 3), "X%05dUSDT".formatted(number));
      digits = 2 + number % 7;
      sizeDigits = number % 5;
      this.lateTrades = lateTrades;
      random = new Random(number);
      ticks = 100_000 + random.nextInt(900_000);
    }

    CandleRow next(long startMicros) {
      long open = ticks;
      ticks = Math.max(1_000, open + Math.round(0.001 * open * random.nextGaussian()));
      long high = Math.max(open, ticks) + 1 + random.nextInt(20);
      long low = Math.min(open, ticks) - random.nextInt(20);
      long size = 1 + random.nextInt(1_000_000);
      long bought = (long) (size * random.nextDouble());
      long trades = 1 + random.nextInt(200);
      Decimal volume = Decimal.of(size + lateTrades, sizeDigits);
      Decimal turnover =
          price((open + ticks) / 2)
              .multiply(Decimal.of(size, sizeDigits))
              .add(price(high).multiply(Decimal.of(lateTrades, sizeDigits)));
      Candle candle =
          new Candle(
              instrument,
              startMicros,
              price(open),
              price(high),
              price(low),
              price(lateTrades > 0 ? high : ticks),
              volume,
              Decimal.of(bought, sizeDigits),
              turnover,
              Candle.vwap(turnover, volume),
              trades + lateTrades,
              true);
      indicators =
          indicators.update(
              candle.high().doubleValue(),
              candle.low().doubleValue(),
              candle.close().doubleValue());
      return new CandleRow(candle, indicators.values());
    }

    private Decimal price(long ticks) {
      return Decimal.of(ticks, digits);
    }
  }
}

package io.candlestream.bench.speed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.candle.PartialCandle;
import io.candlestream.config.JobConfig;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import java.util.List;
import org.junit.jupiter.api.Test;

class LateTickTest {

  private static final Instrument INSTRUMENT = new Instrument("venue", "BTC-USD");
  private static final long START = 1_723_118_400_000_000L;
  private static final IndicatorValues WARM =
      IndicatorValues.ofAverages(1., null, null, null, null, null);
  private static final IndicatorValues COLD =
      IndicatorValues.ofAverages(null, null, null, null, null, null);

  @Test
  void theCandleIsAsIfTheTickHadComeRight() {
    PartialCandle onTime =
        PartialCandle.of(tick(1, "10.5", START)).add(tick(2, "12", START + 59_000_000));
    LateTick late = LateTick.of(rows(onTime), 7);

    Tick read = decoded(late.payload());
    assertThat(read.price()).hasToString("10.5");
    assertThat(late.corrected()).isEqualTo(closed(onTime.add(read), START));
    assertThat(late.key()).isEqualTo("venue/BTC-USD".getBytes(US_ASCII));
  }

  @Test
  void theOneOfHigherNumberIsTheClose() {
    PartialCandle onTime =
        PartialCandle.of(tick(1, "10.5", START)).add(tick(2, "12", START + 59_000_000));
    LateTick first = LateTick.of(rows(onTime), 9);
    PartialCandle once = onTime.add(decoded(first.payload()));
    LateTick second = LateTick.of(rows(once), 10);

    assertThat(second.corrected()).isEqualTo(closed(once.add(decoded(second.payload())), START));
    assertThat(second.corrected().close()).hasToString("12");
  }

  @Test
  void whereNothingWouldChangeItDoesNotFit() {
    PartialCandle moving = PartialCandle.of(tick(1, "10", START)).add(tick(2, "12", START + 1));
    PartialCandle flat = PartialCandle.of(tick(1, "10", START)).add(tick(2, "10", START + 1));

    assertThat(LateTick.fits(rows(moving))).isTrue();
    assertThat(LateTick.fits(rows(flat))).isFalse();
    assertThat(LateTick.fits(rows(moving).subList(0, 1))).isFalse();
    assertThat(LateTick.fits(List.of(rows(moving).get(0), rows(moving).get(0)))).isFalse();
  }

  /** That of the candle, and one after it, whose averages alone are defined. */
  private static List<CandleRow> rows(PartialCandle first) {
    PartialCandle next = PartialCandle.of(tick(3, "11", START + 60_000_000));
    return List.of(
        new CandleRow(closed(first, START), COLD),
        new CandleRow(closed(next, START + 60_000_000), WARM));
  }

  private static Candle closed(PartialCandle candle, long startMicros) {
    return candle.toCandle(INSTRUMENT, startMicros, true);
  }

  private static Tick tick(int id, String price, long micros) {
    return decoded(
        """
        {"source":"venue","symbol":"BTC-USD","trade_id":%d,"price":%s,"size":2,"side":"sell","timestamp":%d}\
        """
            .formatted(id, price, micros)
            .getBytes(US_ASCII));
  }

  private static Tick decoded(byte[] record) {
    return TickDecoders.of(JobConfig.of(List.of("source.kafka.topics=ticks")))
        .ofPartition()
        .decode(record, new Origin("ticks", 0, 0, 0, START / 1_000), START / 1_000 + 60_000)
        .accepted()
        .get(0);
  }
}

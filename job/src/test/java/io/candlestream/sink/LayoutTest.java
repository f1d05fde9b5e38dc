package io.candlestream.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.indicator.CandleRow;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {

  private static final Layout<CandleRow> MARKET_DATA =
      new Layout<>(new MarketData(false).columns());

  @Test
  void keyIsShownByItsColumns() {
    CandleRow row = SampleRows.row("BTC/\"USDT\"", SampleRows.MIDNIGHT, "1.50", 3);

    assertThat(MARKET_DATA.key(row))
        .isEqualTo(
            "{\"symbol\":\"BTC/\\\"USDT\\\"\",\"source\":\"venue\",\"timestamp\":\"2024-08-09T00:00:00Z\"}");
    assertThat(MARKET_DATA.time(row)).isEqualTo(SampleRows.MIDNIGHT);
  }

  @Test
  void contentHoldsEveryDigitAndEveryNull() {
    String fine = "0.123456789012345678901234567891";
    CandleRow row =
        SampleRows.row("A", Instant.parse("9999-12-31T23:59:00Z"), fine, Long.MAX_VALUE);

    assertThat(MARKET_DATA.content(row))
        .startsWith(
            "{\"symbol\":\"A\",\"source\":\"venue\",\"timestamp\":\"9999-12-31T23:59:00Z\",\"open\":"
                + fine
                + ",")
        .contains("\"trades\":9223372036854775807,\"closed\":true,\"ema_9\":null,")
        .endsWith("\"trend_direction\":null,\"volatility_regime\":null}");
  }

  @Test
  void bytesAndTextArraysAreShownAsPostgresqlReadsThem() {
    Reject tick =
        new Reject(
            Input.TICKS,
            new Origin("ticks", 3, 7, 0, SampleRows.MIDNIGHT.toEpochMilli()),
            new byte[] {0, (byte) 0xff},
            List.of(RejectReason.INVALID_PRICE, RejectReason.LATE),
            null,
            "A",
            null);
    Layout<Reject> columns = new Layout<>(new RejectedTicks().columns());

    assertThat(columns.content(tick))
        .isEqualTo(
            "{\"stream\":\"ticks\",\"topic\":\"ticks\",\"partition\":3,\"offset\":7,\"item\":0,"
                + "\"record_timestamp\":\"2024-08-09T00:00:00Z\","
                + "\"reasons\":\"{INVALID_PRICE,LATE}\",\"source\":null,\"symbol\":\"A\","
                + "\"timestamp\":null,\"raw\":\"\\\\x00ff\"}");
    assertThat(columns.time(tick)).isEqualTo(SampleRows.MIDNIGHT);
  }

  @Test
  void jsonIsShownAsItself() {
    Layout<String> columns = new Layout<>(List.of(Column.of("detail", "jsonb", x -> x)));

    assertThat(columns.content("{\"k\": [1.50, null]}"))
        .isEqualTo("{\"detail\":{\"k\": [1.50, null]}}");
  }

  @Test
  void doublesThatAreNoNumbersAreTexts() {
    Layout<Double> columns = new Layout<>(List.of(Column.of("x", "float8", x -> x)));

    assertThat(columns.content(Double.NaN)).isEqualTo("{\"x\":\"NaN\"}");
    assertThat(columns.content(-1e-300)).isEqualTo("{\"x\":-1.0E-300}");
    assertThat(columns.key(1.0)).isEqualTo("{}");
    assertThat(columns.time(1.0)).as("no time in the key").isEqualTo(Instant.EPOCH);
  }
}

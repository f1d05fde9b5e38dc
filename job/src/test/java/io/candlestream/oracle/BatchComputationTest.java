package io.candlestream.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchComputationTest {

  private static final Instant LAST_MINUTE = Instant.parse("2024-08-08T23:59:00Z");
  private static final Instant MIDNIGHT = Instant.parse("2024-08-09T00:00:00Z");

  private final BatchComputation batch = new BatchComputation(Duration.ofMinutes(1), "venue");

  @Test
  void aHandComputedExampleComesOutDigitByDigit() {
    List<TickRecord> ticks =
        topic(
            """
            {"symbol":"ABC","trade_id":12,"price":"10.50","size":"2.0","side":"sell","timestamp":1723161570000}
            {"symbol":"ABC","trade_id":"7","price":10.1,"size":0.5,"side":"buy","timestamp":"2024-08-09T01:59:10.5+02:00"}
            {"symbol":"ABC","trade_id":7,"price":10.1,"size":0.5,"side":"buy","timestamp":1723161550500000}
            {"symbol":"ABC","price":11,"size":0,"timestamp":1723161570}
            {"symbol":"ABC","price":1.07e1,"size":0.25,"side":"buy","timestamp":1723161570}
            {"symbol":"ABC","trade_id":"x-1","price":"9.90","size":"1","side":"sell","timestamp":1723161570000}
            {"symbol":"ABC","trade_id":7,"price":"10","size":"0.000","side":"buy","timestamp":1723161600000000000}
            {"symbol":"ABC","trade_id":99,"sequence":3,"price":"12.000","size":"0.10","side":"buy","timestamp":1723161570000}
            {"source":"other","symbol":"ABC","trade_id":7,"price":100,"size":200,"timestamp":1723161599999999999}
            """);

    assertThat(Row.difference(expectedOfHandComputedExample(), batch.marketData(ticks))).isEmpty();
  }

  private static List<Row> expectedOfHandComputedExample() {
    // Turnover 21 + 5.05 + 0 + 2.675 + 9.9 + 1.2; 39.825 / 3.85 = 10.3441558441558441558...
    return List.of(
        candle("other", LAST_MINUTE, "100", "100", "100", "100", "200", "0", "20000", "100", 1),
        candle(
            "venue",
            LAST_MINUTE,
            "10.1",
            "12",
            "9.9",
            "10.7",
            "3.85",
            "0.85",
            "39.825",
            "10.344155844155844156",
            6),
        candle("venue", MIDNIGHT, "10", "10", "10", "10", "0", "0", "0", null, 1));
  }

  private static Row candle(
      String source,
      Instant timestamp,
      String open,
      String high,
      String low,
      String close,
      String volume,
      String buyVolume,
      String turnover,
      String vwap,
      long trades) {
    return new Row(
        "ABC", source, timestamp, open, high, low, close, volume, buyVolume, turnover, vwap, trades,
        true, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
  }

  @Test
  void ticksOfOneMicrosecondAreOrderedBySequenceThenIdThenPosition() {
    List<String> inOrder =
        List.of(
            "\"sequence\":-1",
            "\"sequence\":2,\"trade_id\":100",
            "\"sequence\":10,\"trade_id\":1",
            "\"trade_id\":-5",
            "\"trade_id\":9",
            "\"trade_id\":\"10\"",
            "\"trade_id\":18446744073709551616",
            "\"trade_id\":\"007\"",
            "\"trade_id\":\"10x\"",
            "\"trade_id\":\"a\"",
            "\"trade_id\":null");
    for (int first = 0; first < inOrder.size(); first++) {
      for (int second = first + 1; second < inOrder.size(); second++) {
        assertOrder(
            record("t", 0, 1, tick(inOrder.get(first), "1")),
            record("t", 0, 0, tick(inOrder.get(second), "2")));
      }
    }
    assertOrder(record("t", 0, 5, tick("", "1")), record("t", 0, 10, tick("", "2")));
    assertOrder(record("t", 2, 9, tick("", "1")), record("t", 10, 0, tick("", "2")));
    assertOrder(record("t", 9, 9, tick("", "1")), record("u", 0, 0, tick("", "2")));
  }

  private void assertOrder(TickRecord first, TickRecord last) {
    for (List<TickRecord> arrival : List.of(List.of(first, last), List.of(last, first))) {
      Row row = batch.marketData(arrival).get(0);
      assertThat(List.of(row.open(), row.close()))
          .as("%s before %s", first, last)
          .containsExactly("1", "2");
    }
  }

  private static String tick(String order, String price) {
    String fields = order.isEmpty() ? "" : order + ",";
    return "{%s\"symbol\":\"ABC\",\"price\":%s,\"size\":1,\"timestamp\":1723161570}"
        .formatted(fields, price);
  }

  @Test
  void ofTwoTicksWithOneIdInOneCandleTheFirstToArriveCounts() {
    List<TickRecord> ticks =
        topic(
            """
            {"symbol":"ABC","trade_id":1,"price":5,"size":1,"timestamp":1723161570}
            {"symbol":"ABC","trade_id":1,"price":6,"size":1,"timestamp":1723161560}
            """);

    assertThat(batch.marketData(ticks)).extracting(Row::open).containsExactly("5");
    Collections.reverse(ticks);
    assertThat(batch.marketData(ticks)).extracting(Row::open).containsExactly("6");
  }

  @Test
  void equalTicksWithoutIdAllCount() {
    List<TickRecord> ticks =
        topic((tick("", "10") + "\n").repeat(3) + tick("\"trade_id\":null", "10"));

    assertThat(batch.marketData(ticks)).extracting(Row::trades).containsExactly(4L);
  }

  @Test
  void vwapIsRoundedHalfEvenAtTheEighteenthFractionalDigit() {
    assertThat(vwap("1e-18", "2e-18")).isEqualTo("0.000000000000000002");
    assertThat(vwap("1e-18", "4e-18")).isEqualTo("0.000000000000000002");
    assertThat(vwap("1000", "3000")).isEqualTo("2000");
  }

  private String vwap(String price, String otherPrice) {
    return batch.marketData(topic(tick("", price) + "\n" + tick("", otherPrice))).get(0).vwap();
  }

  @Test
  void realTicksGiveTheSameRowsInAnyOrderOfArrival() throws IOException {
    List<TickRecord> ticks = TickRecord.linesOf(SharedData.require("binance-6-streams.jsonl.gz"));
    List<Row> rows = batch.marketData(ticks);

    assertThat(ticks).hasSize(78_638);
    assertThat(rows.stream().mapToLong(Row::trades).sum()).isEqualTo(78_638);
    assertThat(rows.stream().map(row -> row.source() + " " + row.symbol()).distinct())
        .containsExactlyInAnyOrder(
            "binance BTCUSDT",
            "binance ETHUSDT",
            "binance-usdm BTCUSDT",
            "binance-usdm ETHUSDT",
            "binance-coinm BTCUSD_PERP",
            "binance-coinm ETHUSD_PERP");
    assertThat(rows).isSortedAccordingTo(Row.ORDER);

    List<TickRecord> shuffled = new ArrayList<>(ticks);
    shuffled.addAll(ticks.subList(10_000, 20_000));
    Collections.shuffle(shuffled, new Random(7));
    assertThat(Row.difference(rows, batch.marketData(shuffled))).isEmpty();
  }

  private static List<TickRecord> topic(String lines) {
    List<TickRecord> records = new ArrayList<>();
    lines.lines().forEach(line -> records.add(record("ticks", 0, records.size(), line)));
    return records;
  }

  private static TickRecord record(String topic, int partition, long offset, String json) {
    return new TickRecord(topic, partition, offset, json.getBytes(StandardCharsets.UTF_8));
  }
}

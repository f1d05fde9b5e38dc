package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read without a JSON parser is read as with one. */
class PlainRecordTest {

  private final PlainRecord plain = new PlainRecord();
  private final Canonical.Reader whole =
      new Canonical.Reader(
          FeedSettings.ofTopic(JobConfig.of(List.of("source.kafka.topics=ticks")).source()));

  @Property(tries = 5_000)
  void whatIsPlainIsReadAsByTheParser(@ForAll("records") byte[] record) {
    Trade trade = plain.read(record);
    Statistics.label("plain")
        .collect(trade != null)
        .coverage(cases -> cases.check(true).percentage(share -> share > 20));
    if (trade != null) {
      assertThat(trade).isEqualTo(byTheParser(record));
    }
  }

  /** Null for what it refuses. */
  private Trade byTheParser(byte[] record) {
    try {
      return whole.readAny(record);
    } catch (MalformedRecord refused) {
      return null;
    }
  }

  @Test
  void whatFeedsSendIsPlain() {
    assertThat(
            read(
                """
                {"source":"v-1","symbol":"BTC/USD","trade_id":42,"sequence":7,"price":"61837.630","size":0.5,"side":"buy","timestamp":1723161255342}
                """))
        .isEqualTo(
            new Trade(
                "v-1",
                "BTC/USD",
                TradeId.of(42),
                7L,
                Decimal.parse("61837.63"),
                Decimal.parse("0.5"),
                Side.BUY,
                1_723_161_255_342_000L));
    assertThat(
            read(
                """
                { "timestamp": "2024-08-08T23:54:15.342001Z", "symbol": "A", "source": "v", "size": 1, "price": 2.50, "trade_id": "a-1", "side": "sell" }
                """))
        .isEqualTo(
            new Trade(
                "v",
                "A",
                TradeId.of("a-1"),
                null,
                Decimal.parse("2.5"),
                Decimal.parse("1"),
                Side.SELL,
                1_723_161_255_342_001L));
    assertThat(
            read(
                """
                {"source":"v","symbol":"A","trade_id":"9","price":1,"size":0,"timestamp":1723118430577048000}
                """))
        .isEqualTo(
            new Trade(
                "v",
                "A",
                TradeId.of(9),
                null,
                Decimal.parse("1"),
                Decimal.ZERO,
                Side.UNKNOWN,
                1_723_118_430_577_048L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1,\"size\":1,\"timestamp\":1,\"more\":1}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1,\"price\":1,\"size\":1,\"timestamp\":1}",
        "{\"source\":\"v\",\"symbol\":\"\\u0041\",\"price\":1,\"size\":1,\"timestamp\":1}",
        "{\"source\":\"v\",\"symbol\":\"Ä\",\"price\":1,\"size\":1,\"timestamp\":1}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1e2,\"size\":1,\"timestamp\":1}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1234567890123456789,\"size\":1,\"timestamp\":1}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1,\"size\":1,\"timestamp\":9223372036854775808}",
        "{\"source\":\"v\",\"symbol\":\"A\",\"price\":1,\"size\":1,\"timestamp\":1}x",
        "{\"source\":\"v\",\"symbol\":\"A\",\"trade_id\":9223372036854775808,\"price\":1,\"size\":1,\"timestamp\":1}",
        "{\"source\":null,\"symbol\":\"A\",\"price\":1,\"size\":1,\"timestamp\":1}"
      })
  void ofOthersItSaysNothing(String record) {
    assertThat(read(record)).isNull();
  }

  private Trade read(String record) {
    return plain.read(record.strip().getBytes(UTF_8));
  }

  /** Records of all fields in any order, some of which have one byte or two changed. */
  @Provide
  Arbitrary<byte[]> records() {
    Arbitrary<String> numbers =
        Arbitraries.of(
            "0",
            "1",
            "42",
            "0.5",
            "12.50",
            "00",
            "01",
            "1.",
            ".5",
            "-1",
            "-0",
            "1e3",
            "1E-2",
            "123456789012345678",
            "1234567890123456789",
            "12345678901234567.8",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999",
            "null",
            "true",
            "[1]",
            "0.000000000000000001",
            "1723161255342",
            "1723118430577048000");
    Arbitrary<String> texts =
        Arbitraries.of(
            "",
            "v",
            "BTC/USD",
            "buy",
            "sell",
            "Buy",
            "a b",
            "\\n",
            "\\u0042",
            "é",
            "007",
            "12",
            "2024-08-08T23:54:15Z",
            "2024-08-08T23:54:15.123456789Z",
            "2024-02-30T00:00:00Z",
            "2024-08-08T23:54:15+02:00",
            "c15ed97f-d54c-1a62-cdf8-708aadde6eb7");
    Arbitrary<String> any =
        Arbitraries.oneOf(
            numbers, numbers.map(PlainRecordTest::quoted), texts.map(PlainRecordTest::quoted));
    Arbitrary<List<String>> members =
        Combinators.combine(
                sometimes("source", quoted("v"), any),
                sometimes("symbol", quoted("BTC-USD"), any),
                sometimes("trade_id", "77", any),
                sometimes("sequence", "8", any),
                sometimes("price", "61837.6", any),
                sometimes("size", quoted("0.25"), any),
                sometimes("side", quoted("buy"), any),
                sometimes("timestamp", "1723161255342", any))
            .as((a, b, c, d, e, f, g, h) -> Stream.of(a, b, c, d, e, f, g, h).toList());
    return Combinators.combine(
            members,
            Arbitraries.longs(),
            Arbitraries.of(",", ",", ",", ", ", " , ", " ,\t", ",\"more\":1,", ",\"size\":1,"),
            Arbitraries.frequency(Tuple.of(4, 0), Tuple.of(1, 1), Tuple.of(1, 2)))
        .as(
            (fields, seed, separator, changes) -> {
              Random random = new Random(seed);
              List<String> shuffled = new ArrayList<>(fields);
              shuffled.removeIf(String::isEmpty);
              Collections.shuffle(shuffled, random);
              byte[] bytes = ("{" + String.join(separator, shuffled) + "}").getBytes(UTF_8);
              for (int i = 0; i < changes; i++) {
                bytes[random.nextInt(bytes.length)] =
                    (byte) "{}[]\":,.0123456789 eE-\\x".charAt(random.nextInt(23));
              }
              return bytes;
            });
  }

  private static Arbitrary<String> sometimes(String name, String usual, Arbitrary<String> any) {
    return Arbitraries.frequencyOf(
        Tuple.of(30, Arbitraries.just(quoted(name) + ":" + usual)),
        Tuple.of(2, any.map(value -> quoted(name) + ":" + value)),
        Tuple.of(1, Arbitraries.just("")));
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}

package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged records of every format: each gets its verdict, and harms none that follows. */
class HostileFeedsTest {

  private static final Origin ORIGIN = new Origin("ticks", 3, 42, 0, 7);
  private static final long FAR_AHEAD_MILLIS = 4_102_444_800_000L;

  /** A record of each format with two trades where it can hold as many. */
  private static final Map<String, String> RECORDS =
      Map.of(
          "binance",
          "{\"stream\":\"x@trade\",\"data\":{\"e\":\"trade\",\"E\":1723161256322,\"s\":\"BTCUSDT\","
              + "\"t\":5266583935,\"p\":\"61800.30\",\"q\":\"0.006\",\"T\":1723161256322,"
              + "\"X\":\"MARKET\",\"m\":false}}",
          "bitfinex",
          "[17470,[[2,1574694478808,-0.005,7245.3],[1,1574694475039,0.005,7244.9]],9]",
          "bitstamp",
          "{\"data\":{\"id\":216000477,\"amount\":0.0792,\"amount_str\":\"0.07920000\","
              + "\"price_str\":\"3805.44\",\"type\":0,\"microtimestamp\":\"1641343699596000\"},"
              + "\"channel\":\"live_trades_ethusd\",\"event\":\"trade\"}",
          "bybit",
          "{\"topic\":\"publicTrade.BTCUSDT\",\"data\":[{\"T\":1672304486865,\"s\":\"BTCUSDT\","
              + "\"S\":\"Buy\",\"v\":\"0.001\",\"p\":\"16578.50\",\"i\":\"20f4-d8\",\"seq\":1},"
              + "{\"T\":1672304486866,\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"0.002\","
              + "\"p\":\"16578.00\",\"i\":\"20f4-d9\",\"seq\":1}]}",
          "canonical",
          "{\"source\":\"v\",\"symbol\":\"S\",\"trade_id\":7,\"price\":\"1\",\"size\":2,"
              + "\"side\":\"buy\",\"timestamp\":1723161255342}",
          "coinbase",
          "{\"type\":\"match\",\"trade_id\":280232,\"side\":\"sell\",\"size\":\"985\","
              + "\"price\":\"0.00001305\",\"product_id\":\"SKL-BTC\","
              + "\"time\":\"2021-04-17T16:43:37.089723Z\"}",
          "csv",
          "v,\"S\",7,1.5,2,buy,1723161255342",
          "kraken",
          "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"A/B\","
              + "\"side\":\"sell\",\"price\":0.5117,\"qty\":40.0,\"trade_id\":4665906,"
              + "\"timestamp\":\"2023-09-25T07:49:37.708706Z\"},{\"symbol\":\"A/B\","
              + "\"side\":\"buy\",\"price\":0.5118,\"qty\":4e1,\"trade_id\":4665907,"
              + "\"timestamp\":\"2023-09-25T07:49:38Z\"}]}",
          "okx",
          "{\"arg\":{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"},\"data\":[{\"instId\":"
              + "\"BTC-USDT\",\"tradeId\":\"338476307\",\"px\":\"30236\",\"sz\":\"0.0002\","
              + "\"side\":\"buy\",\"ts\":\"1652459224818\"}]}");

  private static TickDecoder decoder(String format) {
    TickDecoder decoder =
        Decoding.decoder(
            new RecordRules(JobConfig.of(List.of()).validation(), false),
            "source.format=" + format,
            "source.csv.columns=[source, symbol, trade_id, price, size, side, timestamp]");
    String subscribed =
        "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":17470,\"symbol\":\"tBTCUSD\"}";
    decoder.recall(subscribed.getBytes(UTF_8));
    return decoder;
  }

  static Stream<String> formats() {
    return RECORDS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aRecordThatIsCutAnywhereIsRejectedAsAWhole(String format) {
    TickDecoder decoder = decoder(format);
    byte[] record = RECORDS.get(format).getBytes(UTF_8);
    Verdict<Tick> whole = decoder.decode(record, ORIGIN, FAR_AHEAD_MILLIS);
    assertThat(whole.accepted()).isNotEmpty();
    assertThat(whole.rejected()).isEmpty();
    for (int length = 0; length < record.length; length++) {
      // A number may be cut to another one, which CSV cannot tell.
      boolean canTell = !format.equals("csv") || length < record.length - "723161255342".length();
      byte[] cut = Arrays.copyOf(record, length);
      Verdict<Tick> verdict = decoder.decode(cut, ORIGIN, FAR_AHEAD_MILLIS);
      if (canTell) {
        assertThat(verdict.accepted()).as(new String(cut, UTF_8)).isEmpty();
        assertThat(verdict.rejected()).as(new String(cut, UTF_8)).hasSize(1);
        assertThat(verdict.rejected().get(0).reasons()).containsExactly(RejectReason.MALFORMED);
        assertThat(verdict.rejected().get(0).raw()).isEqualTo(cut);
      }
    }
    assertThat(decoder.decode(record, ORIGIN, FAR_AHEAD_MILLIS))
        .usingRecursiveComparison()
        .isEqualTo(whole);
  }

  @Property(tries = 4_000)
  void whateverTheBytesThereIsAVerdictOnEachOfItsTrades(
      @ForAll("damagedRecords") Map.Entry<String, byte[]> damaged) {
    TickDecoder decoder = decoder(damaged.getKey());
    byte[] given = damaged.getValue().clone();

    Verdict<Tick> verdict = decoder.decode(given, ORIGIN, FAR_AHEAD_MILLIS);

    assertThat(given).isEqualTo(damaged.getValue());
    assertThat(verdict.origin()).isEqualTo(ORIGIN);
    List<Origin> origins =
        Stream.concat(
                verdict.accepted().stream().map(tick -> tick.order().origin()),
                verdict.rejected().stream().map(Reject::origin))
            .sorted()
            .toList();
    assertThat(origins)
        .isEqualTo(
            IntStream.range(0, origins.size())
                .mapToObj(item -> new Origin("ticks", 3, 42, item, 7))
                .toList());
    if (origins.size() == 1) {
      assertThat(
              Stream.concat(
                  verdict.accepted().stream().map(Tick::raw),
                  verdict.rejected().stream().map(Reject::raw)))
          .singleElement()
          .isEqualTo(given);
    }
  }

  /** A record of some format with a few bytes replaced, removed or put in. */
  @Provide
  Arbitrary<Map.Entry<String, byte[]>> damagedRecords() {
    Arbitrary<List<Damage>> damages =
        Damage.ofJson("\r", "[[[[[[[[", "{\"a\":1},", "[],", "true", "\uFEFF");
    return Combinators.combine(Arbitraries.of(formats().toList()), damages)
        .as((format, list) -> Map.entry(format, Damage.of(RECORDS.get(format), list)));
  }
}

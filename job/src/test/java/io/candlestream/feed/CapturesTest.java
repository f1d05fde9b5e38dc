package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions as the venues sent them: subscriptions, books and tickers among the trades. */
class CapturesTest {

  /** What the project that recorded the sessions took for their trades. */
  private record Expected(
      String symbol, TradeId id, long micros, Decimal price, Decimal size, Side side) {

    static Expected of(Trade trade) {
      return new Expected(
          trade.symbol(),
          trade.tradeId(),
          trade.timestampMicros(),
          trade.price(),
          trade.size(),
          trade.side());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BINANCE,         binance,  binance,      2",
    "BINANCE_FUTURES, binance,  binance-usdm, 91",
    "BITFINEX,        bitfinex, bitfinex,     210",
    "BITSTAMP,        bitstamp, bitstamp,     10",
    "BYBIT,           bybit,    bybit,        150",
    "COINBASE,        coinbase, coinbase,     107",
    "OKX,             okx,      okx,          74"
  })
  void everyTradeOfTheSessionIsReadAndNothingElse(
      String name, String format, String venue, int count) throws IOException {
    List<String> received = received(name);
    List<Expected> expected = expected(name);
    assertThat(expected).hasSize(count);

    ReadTrades feed = ReadTrades.from(format);
    List<Trade> read = received.stream().flatMap(line -> feed.trades(line).stream()).toList();

    assertThat(read.stream().map(Expected::of)).containsExactlyElementsOf(expected);
    assertThat(read).extracting(Trade::source).containsOnly(venue);
  }

  @ParameterizedTest
  @CsvSource({
    "BINANCE, binance",
    "BITFINEX, bitfinex",
    "BITSTAMP, bitstamp",
    "BYBIT, bybit",
    "COINBASE, coinbase",
    "OKX, okx"
  })
  void whatIsKeptOfEachTradeIsReadAsThatTradeAlone(String name, String format) throws IOException {
    ReadTrades feed = ReadTrades.from(format);
    for (String line : received(name)) {
      for (ReadTrades.Read read : feed.read(line)) {
        assertThat(feed.read(read.raw())).containsExactly(read);
      }
    }
  }

  @Test
  void aCombinedStreamOfSpotAndFuturesIsReadAsTheCanonicalTicksMadeOfIt() throws IOException {
    ReadTrades binance = ReadTrades.from("binance");
    ReadTrades canonical = ReadTrades.from("canonical");
    List<String> messages =
        lines("captures/binance-6-streams.raw.txt.gz").stream()
            .map(line -> line.substring(line.indexOf(' ') + 1))
            .toList();
    List<String> ticks = lines("binance-6-streams.jsonl.gz");

    assertThat(messages).hasSize(78_638).hasSameSizeAs(ticks);
    for (int i = 0; i < messages.size(); i++) {
      assertThat(binance.trade(messages.get(i))).isEqualTo(canonical.trade(ticks.get(i)));
    }
  }

  /** Lines of what was sent, {@code url <- time: message}, are left out. */
  private static List<String> received(String name) throws IOException {
    Path folder = SharedData.require("captures");
    try (var files = Files.newDirectoryStream(folder, name + ".ws.*.gz")) {
      return lines("captures/" + files.iterator().next().getFileName()).stream()
          .filter(line -> line.matches("\\d+\\.\\d+: .+"))
          .map(line -> line.substring(line.indexOf(": ") + 2))
          .toList();
    }
  }

  private static List<Expected> expected(String venue) throws IOException {
    List<Expected> expected = new ArrayList<>();
    for (String line : lines("captures/expected-trades.csv.gz")) {
      String[] fields = line.split(",");
      if (fields[1].equals(venue) && isOfTheSession(venue, fields[2])) {
        expected.add(
            new Expected(
                fields[2],
                TradeId.of(fields[3]),
                micros(fields[4], fields[5]),
                Decimal.parse(fields[7]),
                Decimal.parse(fields[8]),
                Side.valueOf(fields[9].toUpperCase())));
      }
    }
    return expected;
  }

  /** Bybit's trades were recorded from two connections, of which the session here is one. */
  private static boolean isOfTheSession(String venue, String symbol) {
    return !venue.equals("BYBIT") || Set.of("BTCUSD", "EOSUSD").contains(symbol);
  }

  /** The time as the venue wrote it, which may be finer than a millisecond. */
  private static long micros(String millis, String asWritten) {
    if (asWritten.endsWith("Z")) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(asWritten));
    }
    return asWritten.length() == 16 ? Long.parseLong(asWritten) : Long.parseLong(millis) * 1_000;
  }

  private static List<String> lines(String file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(SharedData.require(file))), UTF_8))) {
      return lines.lines().toList();
    }
  }
}

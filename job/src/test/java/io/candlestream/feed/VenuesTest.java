package io.candlestream.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages of the venues that the recorded sessions do not have, mostly as their docs show them.
 */
class VenuesTest {

  private static final String SPOT =
      "{\"e\":\"trade\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"t\":12345,\"p\":\"0.001\","
          + "\"q\":\"100\",\"T\":1672515782136,\"m\":true,\"M\":true}";
  private static final String FUTURES =
      "{\"e\":\"trade\",\"E\":1723161257687,\"T\":1723161257679,\"s\":\"BTCUSD_PERP\","
          + "\"t\":849714402,\"p\":\"61804.8\",\"q\":\"4\",\"X\":\"MARKET\",\"m\":false}";
  private static final String BITFINEX_SUBSCRIBED =
      "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":17470,\"symbol\":\"tBTCUSD\","
          + "\"pair\":\"BTCUSD\"}";
  private static final String KRAKEN_SNAPSHOT =
      """
      {"channel":"trade","type":"snapshot","data":[
        {"symbol":"MATIC/USD","side":"buy","price":0.5147,"qty":6423.46326,"ord_type":"limit",
         "trade_id":4665846,"timestamp":"2023-09-25T07:48:36.925533Z"},
        {"symbol":"MATIC/USD","side":"sell","price":0.5147,"qty":1136.19677815,"ord_type":"limit",
         "trade_id":4665847,"timestamp":"2023-09-25T07:49:36.925603Z"}]}\
      """;

  @Test
  void anUnknownFormatIsNamedWithThoseThereAre() {
    assertThatThrownBy(() -> FeedFormats.named("nyse"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "source.format: there is no format nyse; there are acme, binance, bitfinex, bitstamp,"
                + " bybit, canonical, coinbase, csv, kraken, okx");
  }

  @Test
  void binanceSendsPlainTradesToo() {
    assertThat(ReadTrades.from("binance").trade(SPOT))
        .isEqualTo(
            trade("binance", "BNBBTC", 12345, "0.001", "100", Side.SELL, 1672515782136_000L));
  }

  @ParameterizedTest
  @CsvSource({
    "BTCUSD_PERP, binance-coinm",
    "BTCUSD_240927, binance-coinm",
    "BTCUSDT, binance-usdm",
    "BTCUSDT_240927, binance-usdm",
    "BTCUSDC, binance-usdm"
  })
  void binancesFuturesMarketsAreToldByTheSymbol(String symbol, String venue) {
    assertThat(ReadTrades.from("binance").trade(FUTURES.replace("BTCUSD_PERP", symbol)).source())
        .isEqualTo(venue);
  }

  @Test
  void whatBinancesInsuranceFundTradesIsNoTradeOfTheMarket() {
    ReadTrades binance = ReadTrades.from("binance");
    assertThat(binance.trades(FUTURES.replace("MARKET", "INSURANCE_FUND"))).isEmpty();
    assertThat(binance.trades(FUTURES.replace("MARKET", "NA"))).isEmpty();
  }

  @Test
  void aDefaultSourceReplacesTheVenueOfMessagesThatNameNone() {
    ReadTrades other = ReadTrades.from("binance", "source.default-source=binance-us");
    assertThat(other.trade(SPOT).source()).isEqualTo("binance-us");
    assertThat(other.trade(FUTURES).source()).isEqualTo("binance-us");
    assertThat(ReadTrades.from("kraken", "source.default-source=mine").trades(KRAKEN_SNAPSHOT))
        .extracting(Trade::source)
        .containsOnly("mine");
  }

  @Test
  void krakenSendsSeveralTradesInOneMessage() {
    List<Trade> trades = ReadTrades.from("kraken").trades(KRAKEN_SNAPSHOT);
    assertThat(trades)
        .containsExactly(
            trade(
                "kraken",
                "MATIC/USD",
                4665846,
                "0.5147",
                "6423.46326",
                Side.BUY,
                micros("2023-09-25T07:48:36.925533Z")),
            trade(
                "kraken",
                "MATIC/USD",
                4665847,
                "0.5147",
                "1136.19677815",
                Side.SELL,
                micros("2023-09-25T07:49:36.925603Z")));
    assertThat(ReadTrades.from("kraken").trades(KRAKEN_SNAPSHOT.replace("snapshot", "update")))
        .isEqualTo(trades);
  }

  @Test
  void numbersAreTakenDigitByDigit() {
    Trade trade =
        ReadTrades.from("kraken")
            .trade(
                "{\"channel\":\"trade\",\"data\":[{\"symbol\":\"A/B\",\"side\":\"buy\","
                    + "\"price\":0.123456789012345678,\"qty\":1e-8,\"trade_id\":1,"
                    + "\"timestamp\":\"2023-09-25T07:48:36Z\"}]}");
    assertThat(trade.price()).hasToString("0.123456789012345678");
    assertThat(trade.size()).hasToString("0.00000001");
  }

  @Test
  void bybitsVersion5IsReadWithItsSequence() {
    assertThat(
            ReadTrades.from("bybit")
                .trade(
                    "{\"topic\":\"publicTrade.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1672304486868,"
                        + "\"data\":[{\"T\":1672304486865,\"s\":\"BTCUSDT\",\"S\":\"Buy\","
                        + "\"v\":\"0.001\",\"p\":\"16578.50\",\"L\":\"PlusTick\","
                        + "\"i\":\"20f43950-d8dd-5b31-9112-a178eb6023af\",\"BT\":false,"
                        + "\"seq\":1783284617}]}"))
        .isEqualTo(
            new Trade(
                "bybit",
                "BTCUSDT",
                TradeId.of("20f43950-d8dd-5b31-9112-a178eb6023af"),
                1783284617L,
                Decimal.parse("16578.5"),
                Decimal.parse("0.001"),
                Side.BUY,
                1672304486865_000L));
  }

  @Test
  void aTradeOfBitfinexCountsAsTuAndNotAsTe() {
    ReadTrades bitfinex = ReadTrades.from("bitfinex");
    assertThat(bitfinex.trades(BITFINEX_SUBSCRIBED)).isEmpty();
    assertThat(bitfinex.trades("[17470,\"te\",[401597395,1574694478808,0.005,7245.3]]")).isEmpty();
    assertThat(bitfinex.trade("[17470,\"tu\",[401597395,1574694478808,0.005,7245.3]]"))
        .isEqualTo(
            trade(
                "bitfinex", "tBTCUSD", 401597395, "7245.3", "0.005", Side.BUY, 1574694478808_000L));
    assertThat(bitfinex.trade("[17470,\"tu\",[401597396,1574694478808,-2e-3,7245.3],9]"))
        .isEqualTo(
            trade(
                "bitfinex",
                "tBTCUSD",
                401597396,
                "7245.3",
                "0.002",
                Side.SELL,
                1574694478808_000L));
    assertThat(bitfinex.trades("[17470,\"hb\"]")).isEmpty();
    assertThat(bitfinex.remembers()).isTrue();
  }

  @Test
  void aChannelOfBitfinexMeansWhatItsLatestSubscriptionSays() {
    ReadTrades bitfinex = ReadTrades.from("bitfinex");
    String trade = "[17470,\"tu\",[1,1574694478808,1,2]]";
    bitfinex.read(BITFINEX_SUBSCRIBED);
    bitfinex.read(BITFINEX_SUBSCRIBED.replace("BTC", "ETH"));
    assertThat(bitfinex.trade(trade).symbol()).isEqualTo("tETHUSD");
    bitfinex.read(BITFINEX_SUBSCRIBED.replace("trades", "ticker"));
    assertThat(bitfinex.trades("[17470,[1,2,3,4,5,6,7,8,9,10]]")).isEmpty();
    bitfinex.read(BITFINEX_SUBSCRIBED.replace("tBTCUSD", "fUSD"));
    assertThat(bitfinex.trades("[17470,[[133323072,1574694245478,-258.7,0.0002587,30]]]"))
        .isEmpty();
    assertThat(bitfinex.trades("[17470,\"ftu\",[1,1574694605000,-59,0.000184,4]]")).isEmpty();
  }

  @Test
  void tradesOfAnUnknownChannelOfBitfinexAreNotLostSilently() {
    ReadTrades bitfinex = ReadTrades.from("bitfinex");
    assertThat(bitfinex.isMalformed("[17470,\"tu\",[1,1574694478808,1,2]]")).isTrue();
    assertThat(bitfinex.isMalformed("[17470,[[1,1574694478808,1,2]]]")).isTrue();
    assertThat(bitfinex.trades("[17470,\"te\",[1,1574694478808,1,2]]")).isEmpty();
    assertThat(bitfinex.trades("[17470,[[7254.7,3,3.3],[7254.6,1,0.3]]]")).isEmpty();
    assertThat(bitfinex.trades("[17470,\"hb\"]")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          binance  | {"result":null,"id":1}
          binance  | {"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]}
          coinbase | {"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD"}
          kraken   | {"channel":"heartbeat"}
          kraken   | {"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","last":1}]}
          kraken   | {"method":"subscribe","result":{"channel":"trade"},"success":true}
          bybit    | {"op":"pong","args":["1750000000000"],"conn_id":"x"}
          okx      | pong
          okx      | {"event":"error","code":"60012","msg":"Invalid request"}
          okx      | {"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"}}
          bitstamp | {"event":"bts:heartbeat","channel":"","data":{"status":"success"}}
          bitstamp | {"event":"order_created","channel":"live_orders_btcusd","data":{"id":1}}
          bitfinex | {"event":"info","version":2,"platform":{"status":1}}
          """)
  void messagesThatAreNoTradesHoldNone(String format, String message) {
    assertThat(ReadTrades.from(format).read(message)).isEmpty();
  }

  @Test
  void aBadTradeAmongGoodOnesIsTheOnlyOneThatIsMalformed() {
    List<ReadTrades.Read> read =
        ReadTrades.from("kraken").read(KRAKEN_SNAPSHOT.replaceFirst("\"qty\"", "\"quantity\""));
    assertThat(read).extracting(ReadTrades.Read::trade).hasSize(2).first().isNull();
    assertThat(read.get(0).raw()).contains("4665846").doesNotContain("4665847");
    assertThat(read.get(1).trade().tradeId()).isEqualTo(TradeId.of(4665847));
    assertThat(read.get(1).raw()).contains("4665847").doesNotContain("4665846");
  }

  @Test
  void whatIsKeptOfOneTradeOfSeveralIsAMessageOfItsOwn() {
    ReadTrades kraken = ReadTrades.from("kraken");
    // The byte order mark moves all that follows.
    for (String message : List.of(KRAKEN_SNAPSHOT, "\uFEFF" + KRAKEN_SNAPSHOT)) {
      for (ReadTrades.Read read : kraken.read(message)) {
        assertThat(kraken.read(read.raw())).containsExactly(read);
        assertThat(read.raw().length()).isLessThan(message.length());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "null",
        "{}{}",
        "{",
        "{\"channel\":\"trade\"}",
        "{\"channel\":\"trade\",\"channel\":\"trade\",\"data\":[]}",
        "{\"channel\":\"trade\",\"data\":{}}",
        "{\"channel\":\"trade\",\"data\":[1,2]}",
        "{\"a\":[[[[[[[[1]]]]]]]]}"
      })
  void whatIsNoMessageIsMalformed(String record) {
    assertThat(ReadTrades.from("kraken").isMalformed(record)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"p\":\"61804.8\",|",
        "\"p\":\"61804.8\"|\"p\":null",
        "\"p\":\"61804.8\"|\"p\":[]",
        "\"p\":\"61804.8\"|\"p\":1,\"p\":1",
        "\"s\":\"BTCUSD_PERP\"|\"s\":7",
        "\"t\":849714402|\"t\":1.5",
        "\"m\":false|\"m\":\"false\"",
        "\"T\":1723161257679|\"T\":\"noon\"",
        "\"T\":1723161257679|\"T\":-1",
        "\"T\":1723161257679|\"T\":99999999999999999999"
      })
  void aTradeThatLacksARequiredFieldIsMalformed(String change) {
    String[] parts = change.split("\\|", -1);
    assertThat(FUTURES).contains(parts[0]);
    assertThat(ReadTrades.from("binance").read(FUTURES.replace(parts[0], parts[1])))
        .extracting(ReadTrades.Read::trade)
        .hasSize(1)
        .containsOnlyNulls();
  }

  @Test
  void whatIsThereButNoDecimalIsLeftToTheRules() {
    ReadTrades binance = ReadTrades.from("binance");
    assertThat(binance.trade(FUTURES.replace("61804.8", "NaN")).price()).isNull();
    assertThat(binance.trade(FUTURES.replace("\"61804.8\"", "1e999999999")).price()).isNull();
    assertThat(binance.trade(FUTURES.replace("849714402", "\"" + "x".repeat(129) + "\"")).tradeId())
        .isNull();
  }

  @Test
  void aLargeBookIsNoTradeAndOneBeyondTheLimitIsMalformed() {
    String level = "[\"14.8024\",\"12.77\"]";
    String book =
        "{\"type\":\"snapshot\",\"product_id\":\"BAND-GBP\",\"asks\":["
            + (level + ",").repeat(40_000)
            + level
            + "]}";
    assertThat(book.length()).isBetween(65_536, JsonFeedReader.MAX_RECORD_BYTES);
    ReadTrades coinbase = ReadTrades.from("coinbase");
    assertThat(coinbase.read(book)).isEmpty();
    assertThat(coinbase.isMalformed(book + " ".repeat(JsonFeedReader.MAX_RECORD_BYTES))).isTrue();
  }

  /** Each of many trades would keep all that stands around them. */
  @Test
  void manyTradesInALongMessageAreNotKeptOneByOne() {
    String padding = "\"padding\":\"" + "x".repeat(200_000) + "\",";
    String trades = "{},".repeat(999) + "{}";
    String record = "{" + padding + "\"channel\":\"trade\",\"data\":[" + trades + "]}";
    assertThat(ReadTrades.from("kraken").isMalformed(record)).isTrue();
    assertThat(ReadTrades.from("kraken").read(record.replace(padding, ""))).hasSize(1_000);
  }

  private static Trade trade(
      String venue,
      String symbol,
      long id,
      String price,
      String size,
      Side side,
      long timestampMicros) {
    return new Trade(
        venue,
        symbol,
        TradeId.of(id),
        null,
        Decimal.parse(price),
        Decimal.parse(size),
        side,
        timestampMicros);
  }

  private static long micros(String time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
  }
}

package io.candlestream.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

  /** Spot trades of data.binance.vision have no header. */
  private static final String BINANCE_COLUMNS =
      "source.csv.columns=[trade_id, price, size, \"-\", timestamp, buyer_is_maker, \"-\"]";

  private static final Trade TRADE =
      new Trade(
          "venue",
          "BTC/USD",
          TradeId.of(7),
          -3L,
          Decimal.parse("61837.63"),
          Decimal.parse("0.02"),
          Side.SELL,
          1_723_161_255_342_000L);

  @Test
  void aHeaderTellsTheColumnsInAnyOrder() {
    ReadTrades file = ReadTrades.fromFile("csv", "", "");
    assertThat(file.read("note,size,price,timestamp,Side,source,symbol,trade_id,sequence,other"))
        .isEmpty();
    assertThat(file.trade("x,0.020,61837.63,1723161255342,sell,venue,BTC/USD,7,-3,"))
        .isEqualTo(TRADE);
    assertThat(file.trade("x,0.02,61837.630,2024-08-08T23:54:15.342Z,SELL,venue,BTC/USD,7,-3,\r"))
        .isEqualTo(TRADE);
  }

  @Test
  void whatALineLeavesEmptyIsTheDefaultOrAbsent() {
    ReadTrades file = ReadTrades.fromFile("csv", "home", "ETH");
    file.read("symbol,source,trade_id,sequence,side,price,size,timestamp");
    assertThat(file.trade(",,,,,1,2,1723161255"))
        .isEqualTo(
            new Trade(
                "home",
                "ETH",
                TradeId.NONE,
                null,
                Decimal.parse("1"),
                Decimal.parse("2"),
                Side.UNKNOWN,
                1_723_161_255_000_000L));
    assertThat(file.trade("X,v,,,,1,2,1723161255").symbol()).isEqualTo("X");
    assertThat(file.isMalformed(",,,,,,2,1723161255")).isTrue();
    assertThat(file.isMalformed(",,,,,1,2,")).isTrue();
  }

  @Test
  void withoutASymbolThereIsNoTrade() {
    ReadTrades file = ReadTrades.fromFile("csv", "home", "");
    file.read("price,size,timestamp");
    assertThat(file.isMalformed("1,2,1723161255")).isTrue();
  }

  @Test
  void configuredColumnsNeedNoHeader() {
    ReadTrades file = ReadTrades.fromFile("csv", "binance", "BTCUSDT", BINANCE_COLUMNS);
    assertThat(
            file.trade("4000000001,67000.01000000,0.00100000,67.00001,1735689600123456,True,True"))
        .isEqualTo(
            new Trade(
                "binance",
                "BTCUSDT",
                TradeId.of(4_000_000_001L),
                null,
                Decimal.parse("67000.01"),
                Decimal.parse("0.001"),
                Side.SELL,
                1_735_689_600_123_456L));
    assertThat(file.trade("1,1,1,1,1704067200123,false,True").timestampMicros())
        .isEqualTo(1_704_067_200_123_000L);
    assertThat(file.trade("1,1,1,1,1704067200123,false,True").side()).isEqualTo(Side.BUY);
  }

  @Test
  void aHeaderIsPassedOverWhereColumnsAreConfiguredButOnlyAsTheFirstLine() {
    String header = "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match";
    ReadTrades file = ReadTrades.fromFile("csv", "binance", "BTCUSDT", BINANCE_COLUMNS);
    assertThat(file.remembers()).isTrue();
    assertThat(file.read(header)).isEmpty();
    assertThat(file.remembers()).isFalse();
    assertThat(file.isMalformed(header)).isTrue();
    assertThat(
            ReadTrades.from("csv", BINANCE_COLUMNS.replace("\"-\"]", "symbol]"))
                .isMalformed(header))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          id,price,qty,quote_qty,time,is_buyer_maker                               | 9,2,3,6,1704067200123,true
          agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker | 9,2,3,7,8,1704067200123,true
          timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue     | 1704067200.1230,X,Sell,3,2,PlusTick,9,1e8
          """)
  void theHeadersOfPublicArchivesAreKnown(String header, String line) {
    ReadTrades file = ReadTrades.fromFile("csv", "venue", "X");
    file.read(header);
    assertThat(file.trade(line))
        .isEqualTo(
            new Trade(
                "venue",
                "X",
                TradeId.of(9),
                null,
                Decimal.parse("2"),
                Decimal.parse("3"),
                Side.SELL,
                1_704_067_200_123_000L));
  }

  @Test
  void valuesMayBeQuoted() {
    ReadTrades file = ReadTrades.fromFile("csv", "", "");
    file.read("\"source\",\"symbol\",\"trade_id\",\"price\",\"size\",\"timestamp\"");
    Trade trade = file.trade("v,\"A/B\",\"a \"\"b\"\", c\",\"1.50\", 2 ,\"1723161255\"");
    assertThat(trade.symbol()).isEqualTo("A/B");
    assertThat(trade.tradeId()).isEqualTo(TradeId.of("a \"b\", c"));
    assertThat(trade.price()).isEqualTo(Decimal.parse("1.5"));
    assertThat(trade.size()).isEqualTo(Decimal.parse("2"));
    assertThat(file.isMalformed("v,A/B,\"1,1,1,1723161255")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {";", "|", "\t"})
  void anotherDelimiterCanBeConfigured(String delimiter) {
    ReadTrades file =
        ReadTrades.fromFile("csv", "v", "S", "source.csv.delimiter=\"" + delimiter + "\"");
    file.read(String.join(delimiter, "price", "size", "timestamp"));
    assertThat(file.trade(String.join(delimiter, "1.5", "2", "1723161255")).price())
        .isEqualTo(Decimal.parse("1.5"));
    assertThat(file.isMalformed("1,2,1723161255")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1,2",
        "1,2,1723161255,9",
        "1,2,noon",
        "1,2,-1",
        "1,2,2024-08-08",
        "1,2,1723161255\n1,2,1723161255",
        "1,2,99999999999999999999",
        "1,2,1723161255,"
      })
  void aLineThatDoesNotFitTheColumnsIsMalformed(String line) {
    ReadTrades file = ReadTrades.fromFile("csv", "v", "S");
    file.read("price,size,timestamp");
    assertThat(file.isMalformed(line)).isTrue();
    assertThat(file.trades("1,2,1723161255")).hasSize(1);
  }

  @Test
  void whatIsThereButNoDecimalIsLeftToTheRules() {
    ReadTrades file = ReadTrades.fromFile("csv", "v", "S");
    file.read("price,size,timestamp");
    assertThat(file.trade("NaN,1e999999999,1723161255"))
        .extracting(Trade::price, Trade::size)
        .containsOnlyNulls();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "price,size",
        "1,2,1723161255",
        "price,size,timestamp,price",
        "price,size,timestamp,qty",
        "price,size,timestamp,side,is_buyer_maker"
      })
  void withoutAUsableHeaderEveryLineIsMalformed(String header) {
    ReadTrades file = ReadTrades.fromFile("csv", "v", "S");
    assertThat(file.isMalformed(header)).isTrue();
    assertThat(file.isMalformed("1,2,1723161255")).isTrue();
  }

  @Test
  void lineOfBytesThatAreNoTextIsMalformed() {
    ReadTrades file = ReadTrades.fromFile("csv", "v", "S");
    file.read("\uFEFFprice,size,timestamp");
    for (String line : List.of("1,2,1723161255\0", "1,2,1723161255" + " ".repeat(70_000))) {
      assertThat(file.isMalformed(line)).isTrue();
    }
  }
}

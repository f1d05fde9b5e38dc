package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Records that try to break the reading of ticks, each with the verdict that the rules demand.
 *
 * <p>They are to be judged as records of a topic, at the clock {@link #NOW}, without a default
 * source, and with the default limits: age up to 24 h, ahead up to 5 s, prices 0.000001 to 1000000,
 * sizes 0 to 1000000000.
 *
 * <p>A record that cannot be read is {@code MALFORMED} and nothing else; of one that can be read,
 * every other reason that applies is expected. Every accepted tick is the only one of its
 * instrument, so that a test through the whole pipeline finds it as that instrument's candle.
 */
public final class HostileTicks {

  /** The clock the corpus is judged at, and the timestamp of its Kafka records. */
  public static final Instant NOW = Instant.parse("2024-08-09T00:00:00Z");

  private static final String MALFORMED = "MALFORMED";
  private static final String INVALID_SOURCE = "INVALID_SOURCE";
  private static final String INVALID_SYMBOL = "INVALID_SYMBOL";
  private static final String INVALID_TRADE_ID = "INVALID_TRADE_ID";
  private static final String INVALID_PRICE = "INVALID_PRICE";
  private static final String INVALID_SIZE = "INVALID_SIZE";
  private static final String STALE = "STALE";
  private static final String FUTURE = "FUTURE";

  private static final int MAX_RECORD_BYTES = 65_536;
  private static final long NOW_MICROS = ChronoUnit.MICROS.between(Instant.EPOCH, NOW);
  private static final long ONE_SECOND_AGO = NOW_MICROS - 1_000_000;

  private final List<Case> cases = new ArrayList<>();

  private HostileTicks() {}

  /**
   * One record of the corpus.
   *
   * @param name says what is special about it; unique
   * @param raw the record's value; empty also stands for a null value
   */
  public record Case(String name, byte[] raw, Expected expected) {
    public Case {
      // Some names quote a number of 5000 digits.
      name = name.length() <= 60 ? name : name.substring(0, 40) + "... (" + name.length() + ")";
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** The verdict on a record. */
  public sealed interface Expected {}

  /** All reasons, by name, and no others. */
  public record Rejected(Set<String> reasons) implements Expected {}

  /**
   * The tick as accepted.
   *
   * @param tradeId null when absent
   * @param sequence null when absent
   * @param price plain decimal text without trailing zeros, as {@code size}
   * @param side {@code buy}, {@code sell} or null when absent
   */
  public record Accepted(
      String source,
      String symbol,
      String tradeId,
      Long sequence,
      String price,
      String size,
      String side,
      long timestampMicros)
      implements Expected {

    private Accepted source(String value) {
      return new Accepted(value, symbol, tradeId, sequence, price, size, side, timestampMicros);
    }

    private Accepted symbol(String value) {
      return new Accepted(source, value, tradeId, sequence, price, size, side, timestampMicros);
    }

    private Accepted tradeId(String value) {
      return new Accepted(source, symbol, value, sequence, price, size, side, timestampMicros);
    }

    private Accepted sequence(Long value) {
      return new Accepted(source, symbol, tradeId, value, price, size, side, timestampMicros);
    }

    private Accepted price(String value) {
      return new Accepted(source, symbol, tradeId, sequence, value, size, side, timestampMicros);
    }

    private Accepted size(String value) {
      return new Accepted(source, symbol, tradeId, sequence, price, value, side, timestampMicros);
    }

    private Accepted side(String value) {
      return new Accepted(source, symbol, tradeId, sequence, price, size, value, timestampMicros);
    }

    private Accepted timestampMicros(long value) {
      return new Accepted(source, symbol, tradeId, sequence, price, size, side, value);
    }
  }

  /** The whole corpus. */
  public static List<Case> all() {
    HostileTicks corpus = new HostileTicks();
    corpus.addNotJson();
    corpus.addNotOneObject();
    corpus.addNotUtf8();
    corpus.addTooLargeOrTooDeep();
    corpus.addFieldsMissingRepeatedOrUnknown();
    corpus.addSourcesAndSymbols();
    corpus.addTradeIdsAndSequences();
    corpus.addSides();
    corpus.addNumbersOfEveryNotation();
    corpus.addNumbersAtTheirLimits();
    corpus.addTimestampsOfEveryUnit();
    corpus.addTimestampsAsText();
    corpus.addTimestampsAtTheirLimits();
    corpus.addSeveralReasonsAtOnce();
    return List.copyOf(corpus.cases);
  }

  private void addNotJson() {
    malformed("no value", "");
    malformed("white space only", " \t\r\n ");
    malformed("not JSON at all", "hello, world");
    malformed("CSV line", "binance,BTCUSDT,1,61837.63,0.02,buy,1723161599");
    malformed("HTML error page", "<html><body>502 Bad Gateway</body></html>");
    malformed("object cut after a colon", "{\"source\":\"binance\",\"symbol\":");
    malformed("object cut within a string", "{\"source\":\"binance\",\"symbol\":\"BTC");
    malformed("object without its closing brace", cutBy(1, tick().json()));
    malformed("single quotes", tick().json().replace('"', '\''));
    malformed("field name without quotes", tick().json().replace("\"price\"", "price"));
    malformed("comment", "/* tick */" + tick().json());
    malformed("trailing comma", cutBy(1, tick().json()) + ",}");
    malformed("missing comma", tick().json().replace(",\"size\"", " \"size\""));
    malformed("escape that JSON does not know", tick().with("symbol", "\"\\x42TC\"").json());
    malformed("line feed within a string", tick().with("symbol", "\"BTC\nUSDT\"").json());
    malformed("NUL within a string", tick().with("symbol", "\"BTC\0USDT\"").json());
    malformed("NUL bytes after the object", tick().json() + "\0\0\0");
    malformed("only NUL bytes", "\0".repeat(64));
    malformed("Python's True and None", tick().with("x", "True").with("y", "None").json());
    for (String token : List.of("NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x10")) {
      malformed("bare price " + token, tick().with("price", token).json());
    }
    malformed("bare NaN in an unknown field", tick().with("x", "NaN").json());
  }

  private void addNotOneObject() {
    malformed("array of one tick", "[" + tick().json() + "]");
    malformed("empty array", "[]");
    malformed("string that holds a tick", "\"" + tick().json().replace("\"", "\\\"") + "\"");
    malformed("number", "42");
    malformed("null literal", "null");
    malformed("true literal", "true");
    malformed("two objects", tick().json() + tick().json());
    malformed("two objects on two lines", tick().json() + "\n" + tick().json());
    malformed("letter after the object", tick().json() + "x");
    malformed("closing brace too many", tick().json() + "}");
    accepted(
        "white space of every kind around the object",
        tick(),
        json -> " \t\r\n" + json + " \r\n\t",
        expected -> expected);
  }

  private void addNotUtf8() {
    malformed("UTF-16 little endian", tick().json().getBytes(UTF_16LE));
    malformed("UTF-16 big endian", tick().json().getBytes(UTF_16BE));
    malformed("UTF-16 with byte order mark", ("\uFEFF" + tick().json()).getBytes(UTF_16BE));
    malformed("UTF-32", tick().json().getBytes(Charset.forName("UTF-32BE")));
    malformed("ISO 8859-1", tick().with("x", "\"caf\u00e9\"").json().getBytes(ISO_8859_1));
    malformed("gzip", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    malformed("overlong slash in the symbol", withBytes("symbol", 0xc0, 0xaf));
    malformed("overlong slash in an unknown field", withBytes("x", 0xc0, 0xaf));
    malformed("overlong slash in three bytes", withBytes("x", 0xe0, 0x80, 0xaf));
    malformed("overlong NUL", withBytes("trade_id", 0xc0, 0x80));
    malformed("encoded lone surrogate", withBytes("x", 0xed, 0xa0, 0x80));
    malformed("encoded surrogate pair", withBytes("x", 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80));
    malformed("code point above U+10FFFF", withBytes("x", 0xf4, 0x90, 0x80, 0x80));
    malformed("continuation byte alone", withBytes("x", 0x80));
    malformed("character cut after its first byte", withBytes("x", 0xe2));
    malformed("byte that UTF-8 never uses", withBytes("x", 0xff));
    malformed("bad byte in the name of an unknown field", badFieldName());
    malformed("byte order mark alone", "\uFEFF");
    malformed("two byte order marks", "\uFEFF\uFEFF" + tick().json());
    malformed("byte order mark after the object", tick().json() + "\uFEFF");
    accepted(
        "byte order mark before the object", tick(), json -> "\uFEFF" + json, expected -> expected);
    accepted(
        "characters of two, three and four bytes in unknown fields",
        tick().with("x", "\"\u00e9\u20ac\ud83d\ude00\"").with("\u00e9\ud83d\ude00", "1"));
  }

  private void addTooLargeOrTooDeep() {
    Tick padded = tick().with("x", "\"\"");
    int room = MAX_RECORD_BYTES - padded.json().getBytes(UTF_8).length;
    malformed("65537 bytes", padded.with("x", "\"" + "a".repeat(room + 1) + "\"").json());
    malformed("65537 bytes, the last a blank", filled(padded, room) + " ");
    malformed(
        "65537 bytes, fewer characters", filled(padded, room).replaceFirst("aa\"", "a\u00e9\""));
    malformed("900 KB of blanks", " ".repeat(900_000));
    malformed("symbol of 900 KB", tick().with("symbol", repeated("B", 900_000)).json());
    accepted("65536 bytes", padded, json -> filled(padded, room), expected -> expected);

    malformed("nine levels of arrays", tick().with("x", nested("[", "]", 8)).json());
    malformed("nine levels of objects", tick().with("x", nested("{\"x\":", "}", 8)).json());
    malformed("depth bomb, unclosed", "[".repeat(60_000));
    malformed("depth bomb in an unknown field", tick().with("x", "[".repeat(60_000)).json());
    malformed("depth bomb, closed", tick().with("x", nested("[", "]", 30_000)).json());
    malformed("depth bomb as price", tick().with("price", nested("[", "]", 1_000)).json());
    accepted("eight levels of arrays", tick().with("x", nested("[", "]", 7)));
    accepted("eight levels of objects", tick().with("x", nested("{\"x\":", "}", 7)));
    accepted("a thousand brackets within a string", tick().with("x", quoted("[{".repeat(1_000))));
    accepted("unknown field with a name of 60000 letters", tick().with("x".repeat(60_000), "1"));
    accepted("unknown number of 5000 digits", tick().with("x", "9".repeat(5_000)));
    accepted("unknown string of 60000 letters", tick().with("x", quoted("a".repeat(60_000))));
    accepted("five thousand unknown fields", tick(), HostileTicks::withManyFields, e -> e);
  }

  private void addFieldsMissingRepeatedOrUnknown() {
    malformed("empty object", "{}");
    for (String required : List.of("symbol", "price", "size", "timestamp")) {
      malformed("without " + required, tick().without(required).json());
      malformed(required + " null", tick().with(required, "null").json());
      malformed(required + " true", tick().with(required, "true").json());
      malformed(required + " array", tick().with(required, "[1]").json());
      malformed(required + " object", tick().with(required, "{\"value\":1}").json());
    }
    malformed("field names in capitals", tick().json().replace("\"price\"", "\"Price\""));
    for (String known :
        List.of("source", "symbol", "trade_id", "sequence", "price", "size", "side", "timestamp")) {
      Tick once = tick().with("sequence", "1");
      malformed(known + " twice", once.and(known, once.fields.get(known)).json());
    }
    malformed(
        "side null, then given",
        tick().without("side").with("side", "null").and("side", "\"buy\"").json());
    malformed("price twice, once by an escaped name", tick().and("pric\\u0065", "2").json());
    accepted(
        "price by an escaped name",
        tick().without("price").with("pric\\u0065", "2"),
        expected -> expected.price("2"));
    accepted("unknown field twice", tick().with("x", "1").and("x", "[2]"));
    accepted(
        "known names within an unknown field",
        tick().with("x", "{\"price\":-1,\"symbol\":null,\"x\":[{\"size\":\"NaN\"}]}"));
    accepted("unknown field with an empty name", tick().with("", "\"\""));
    accepted("unknown number beyond every range", tick().with("x", "-1e999999999999"));
    accepted(
        "optional fields null",
        tick().with("trade_id", "null").with("sequence", "null").with("side", "null"),
        expected -> expected.tradeId(null).sequence(null).side(null));
    accepted(
        "optional fields absent",
        tick().without("trade_id").without("side"),
        expected -> expected.tradeId(null).side(null));
  }

  private void addSourcesAndSymbols() {
    malformed("source absent without a default", tick().without("source").json());
    malformed("source null without a default", tick().with("source", "null").json());
    malformed("source a number", tick().with("source", "1").json());
    rejected("source empty", tick().with("source", "\"\""), INVALID_SOURCE);
    rejected("source of 33 characters", tick().with("source", repeated("s", 33)), INVALID_SOURCE);
    rejected("source with a slash", tick().with("source", "\"binance/usdm\""), INVALID_SOURCE);
    rejected("source with a blank", tick().with("source", "\" binance\""), INVALID_SOURCE);
    accepted(
        "source of 32 characters",
        tick().with("source", repeated("s", 32)),
        expected -> expected.source("s".repeat(32)));
    accepted(
        "source of every kind of character",
        tick().with("source", "\"aZ0_.-\""),
        expected -> expected.source("aZ0_.-"));

    malformed("symbol a number", tick().with("symbol", "42").json());
    malformed("symbol not UTF-8", withBytes("symbol", 0xe9));
    rejected("symbol empty", tick().with("symbol", "\"\""), INVALID_SYMBOL);
    rejected(
        "symbol with SQL",
        tick().with("symbol", "\"x'; DROP TABLE market_data; --\""),
        INVALID_SYMBOL);
    rejected("symbol with a blank", tick().with("symbol", "\"BTC USDT\""), INVALID_SYMBOL);
    rejected("symbol with a line feed", tick().with("symbol", "\"BTCUSDT\\n\""), INVALID_SYMBOL);
    rejected("symbol with NUL", tick().with("symbol", "\"BTC\\u0000USDT\""), INVALID_SYMBOL);
    rejected("symbol with an escape code", tick().with("symbol", "\"\\u001b[2J\""), INVALID_SYMBOL);
    rejected("symbol with a backslash", tick().with("symbol", "\"BTC\\\\USDT\""), INVALID_SYMBOL);
    rejected("symbol with a lone surrogate", tick().with("symbol", "\"\\ud800\""), INVALID_SYMBOL);
    rejected(
        "symbol in Cyrillic letters that look Latin",
        tick().with("symbol", "\"\u0412\u0422\u0421USDT\""),
        INVALID_SYMBOL);
    rejected("symbol an emoji", tick().with("symbol", "\"\ud83d\ude80\""), INVALID_SYMBOL);
    rejected("symbol of 65 characters", tick().with("symbol", repeated("B", 65)), INVALID_SYMBOL);
    rejected("symbol of 10 KB", tick().with("symbol", repeated("B", 10_240)), INVALID_SYMBOL);
    accepted(
        "symbol of 64 characters",
        tick().with("symbol", repeated("B", 64)),
        expected -> expected.symbol("B".repeat(64)));
    accepted(
        "symbol of every kind of character",
        tick().with("symbol", "\"aZ0._:/@=^#-\""),
        expected -> expected.symbol("aZ0._:/@=^#-"));
    accepted(
        "symbol with escapes",
        tick().with("symbol", "\"\\u0042TC\\/EUR\""),
        expected -> expected.symbol("BTC/EUR"));
  }

  private void addTradeIdsAndSequences() {
    for (String wrong : List.of("1.5", "1.0", "1e3", "true", "{}", "[7]")) {
      malformed("trade_id " + wrong, tick().with("trade_id", wrong).json());
    }
    rejected("trade_id empty", tick().with("trade_id", "\"\""), INVALID_TRADE_ID);
    rejected(
        "trade_id of 129 characters",
        tick().with("trade_id", repeated("t", 129)),
        INVALID_TRADE_ID);
    rejected("trade_id of 10 KB", tick().with("trade_id", repeated("t", 10_240)), INVALID_TRADE_ID);
    rejected("trade_id of 129 digits", tick().with("trade_id", "9".repeat(129)), INVALID_TRADE_ID);
    rejected(
        "trade_id of 5000 digits", tick().with("trade_id", "9".repeat(5_000)), INVALID_TRADE_ID);
    rejected("trade_id with a tab", tick().with("trade_id", "\"a\\tb\""), INVALID_TRADE_ID);
    rejected("trade_id with NUL", tick().with("trade_id", "\"a\\u0000\""), INVALID_TRADE_ID);
    for (String text : List.of("007", " 7", "1.5", "null", "x'; --", "\u6210\u4ea4-1")) {
      accepted(
          "trade_id text " + text,
          tick().with("trade_id", quoted(text)),
          expected -> expected.tradeId(text));
    }
    accepted(
        "trade_id of 128 characters",
        tick().with("trade_id", repeated("t", 128)),
        expected -> expected.tradeId("t".repeat(128)));
    for (String integer :
        List.of("0", "-7", "9223372036854775808", "18446744073709551616", "9".repeat(128))) {
      accepted(
          "trade_id integer " + integer,
          tick().with("trade_id", integer),
          expected -> expected.tradeId(integer));
    }

    String above = BigInteger.TWO.pow(63).toString();
    for (String wrong : List.of(above, "-9223372036854775809", "1.0", "1e3", "\"1\"", "true")) {
      malformed("sequence " + wrong, tick().with("sequence", wrong).json());
    }
    for (long sequence : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      accepted(
          "sequence " + sequence,
          tick().with("sequence", Long.toString(sequence)),
          expected -> expected.sequence(sequence));
    }
  }

  private void addSides() {
    for (String wrong : List.of("\"Buy\"", "\"SELL\"", "\"\"", "\"b\"", "\"buy \"", "1", "true")) {
      malformed("side " + wrong, tick().with("side", wrong).json());
    }
    accepted("side sell", tick().with("side", "\"sell\""), expected -> expected.side("sell"));
    accepted(
        "side with escapes",
        tick().with("side", "\"\\u0062uy\""),
        expected -> expected.side("buy"));
  }

  private void addNumbersOfEveryNotation() {
    List<String> notNumbers =
        List.of(
            "",
            " ",
            "NaN",
            "Infinity",
            "-Infinity",
            "+1",
            ".5",
            "1.",
            "01",
            "-",
            "1e",
            "e5",
            "1e1.5",
            " 1",
            "1 ",
            "1,5",
            "1_000",
            "0x10",
            "1d",
            "1f",
            "1L",
            "1-2",
            "1..2",
            "\u0661",
            "\uff11",
            "one");
    for (String text : notNumbers) {
      rejected("price text '" + text + "'", tick().with("price", quoted(text)), INVALID_PRICE);
      rejected("size text '" + text + "'", tick().with("size", quoted(text)), INVALID_SIZE);
    }
    Map<String, String> numbers =
        Map.ofEntries(
            Map.entry("1e3", "1000"),
            Map.entry("1E3", "1000"),
            Map.entry("1e+3", "1000"),
            Map.entry("12.5e-1", "1.25"),
            Map.entry("1000e-3", "1"),
            Map.entry("0.001e3", "1"),
            Map.entry("1.50", "1.5"),
            Map.entry("100", "100"),
            Map.entry("1e0000000000000000000002", "100"),
            Map.entry("0.1" + "0".repeat(40), "0.1"),
            Map.entry("1" + "0".repeat(5) + "." + "0".repeat(1_500), "100000"));
    new TreeMap<>(numbers)
        .forEach(
            (text, value) -> {
              accepted(
                  "price number " + text,
                  tick().with("price", text),
                  expected -> expected.price(value));
              accepted(
                  "price text " + text,
                  tick().with("price", quoted(text)),
                  expected -> expected.price(value));
              accepted(
                  "size number " + text,
                  tick().with("size", text),
                  expected -> expected.size(value));
              accepted(
                  "size text " + text,
                  tick().with("size", quoted(text)),
                  expected -> expected.size(value));
            });
    accepted(
        "price text with escapes",
        tick().with("price", "\"\\u0031.5\""),
        expected -> expected.price("1.5"));
  }

  private void addNumbersAtTheirLimits() {
    List<String> badPrices =
        List.of(
            "0",
            "-0",
            "0.00",
            "-1",
            "0.0000009",
            "1e-7",
            "1000000.000001",
            "1000001",
            "1e7",
            "1e400",
            "1e-400",
            "-1e400",
            "1e999999999",
            "1e-999999999",
            "1e99999999999999999999",
            "0e999999999",
            "1234.567890123456789",
            "0.1234567890123456789",
            "1.0000000000000000001",
            "9".repeat(19),
            "9".repeat(5_000),
            "1." + "1".repeat(5_000));
    for (String price : badPrices) {
      rejected("price number " + price, tick().with("price", price), INVALID_PRICE);
      rejected("price text " + price, tick().with("price", quoted(price)), INVALID_PRICE);
    }
    List<String> goodPrices =
        List.of(
            "0.000001",
            "1000000",
            "999999.999999999999",
            "123456.789012345678",
            "0.00000100000000000000001",
            "0.000020295",
            "9007199254740993e-15");
    for (String price : goodPrices) {
      String plain = new BigDecimal(price).toPlainString();
      accepted("price number " + price, tick().with("price", price), e -> e.price(plain));
      accepted("price text " + price, tick().with("price", quoted(price)), e -> e.price(plain));
    }
    accepted(
        "price of 19 digits, the last a zero",
        tick().with("price", "123456.7890123456780"),
        expected -> expected.price("123456.789012345678"));

    List<String> badSizes =
        List.of(
            "-1",
            "-0.1",
            "-1e-30",
            "1000000000.1",
            "1000000001",
            "1e10",
            "1e400",
            "1e-400",
            "1e-31",
            "1.1e-30",
            "1e999999999",
            "1e-99999999999999999999",
            "1234567890123456789e-10",
            "9".repeat(5_000));
    for (String size : badSizes) {
      rejected("size number " + size, tick().with("size", size), INVALID_SIZE);
      rejected("size text " + size, tick().with("size", quoted(size)), INVALID_SIZE);
    }
    for (String zero : List.of("0", "-0", "0.000", "-0.0", "0e5", "0e-400", "-0e400")) {
      accepted("size number " + zero, tick().with("size", zero), expected -> expected.size("0"));
      accepted(
          "size text " + zero, tick().with("size", quoted(zero)), expected -> expected.size("0"));
    }
    String least = "0." + "0".repeat(29) + "1";
    accepted("size 1e-30", tick().with("size", "1e-30"), expected -> expected.size(least));
    accepted(
        "size of 30 fractional digits",
        tick().with("size", least),
        expected -> expected.size(least));
    accepted(
        "size of 30 fractional digits and zeros",
        tick().with("size", quoted(least + "000")),
        expected -> expected.size(least));
    accepted(
        "size at its highest", tick().with("size", "1e9"), expected -> expected.size("1000000000"));
    accepted(
        "size of 18 digits",
        tick().with("size", "999999999.999999999"),
        expected -> expected.size("999999999.999999999"));
  }

  private void addTimestampsOfEveryUnit() {
    timestamp("seconds", "1723161599", 1_723_161_599_000_000L);
    timestamp("milliseconds", "1723161599123", 1_723_161_599_123_000L);
    timestamp("microseconds", "1723161599123456", 1_723_161_599_123_456L);
    timestamp("nanoseconds", "1723161599123456000", 1_723_161_599_123_456L);
    timestamp("nanoseconds below a microsecond", "1723161599123456999", 1_723_161_599_123_456L);
    for (String old : List.of("0", "1", "100000000000", "100000000000000", "100000000000000000")) {
      rejected("timestamp " + old, tick().with("timestamp", old), STALE);
    }
    for (String ahead : List.of("99999999999", "99999999999999", "99999999999999999")) {
      rejected("timestamp " + ahead, tick().with("timestamp", ahead), FUTURE);
    }
    for (String wrong :
        List.of(
            "-1",
            "-1723161599",
            "-9223372036854775808",
            "1723161599.0",
            "1723161599.5",
            "1.723161599e9",
            "1e9",
            "253402300800000000000",
            "9".repeat(30),
            "9".repeat(5_000))) {
      malformed("timestamp " + wrong, tick().with("timestamp", wrong).json());
    }
  }

  private void addTimestampsAsText() {
    timestamp("text in UTC", "\"2024-08-08T23:59:59Z\"", ONE_SECOND_AGO);
    timestamp("text with an offset", "\"2024-08-09T01:59:59+02:00\"", ONE_SECOND_AGO);
    timestamp("text with a western offset", "\"2024-08-08T18:29:59-05:30\"", ONE_SECOND_AGO);
    timestamp("text with a tenth", "\"2024-08-08T23:59:59.1Z\"", ONE_SECOND_AGO + 100_000);
    timestamp(
        "text with nanoseconds", "\"2024-08-08T23:59:59.123456789Z\"", ONE_SECOND_AGO + 123_456);
    for (String wrong :
        List.of(
            "",
            "yesterday",
            "now()",
            "1723161599",
            "2024-08-08",
            "2024-08-08T23:59:59",
            "2024-08-08T23:59:59.5",
            "2024-08-08 23:59:59Z",
            " 2024-08-08T23:59:59Z",
            "2024-08-08T23:59:59Z ",
            "2024-08-08T25:00:00Z",
            "2024-08-08T23:60:00Z",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-08-08T23:59:59+25:00",
            "08/08/2024 23:59:59",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:30:00+01:00",
            "0000-00-00T00:00:00Z",
            "-2024-08-08T23:59:59Z",
            "+10000-01-01T00:00:00Z",
            "+999999999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
            "\u0662\u0660\u0662\u0664-08-08T23:59:59Z")) {
      malformed("timestamp text '" + wrong + "'", tick().with("timestamp", quoted(wrong)).json());
    }
  }

  private void addTimestampsAtTheirLimits() {
    long oldest = NOW_MICROS - 24 * 3_600_000_000L;
    long farthest = NOW_MICROS + 5_000_000;
    timestamp("exactly 24 h old", Long.toString(oldest), oldest);
    timestamp("exactly 5 s ahead", Long.toString(farthest), farthest);
    rejected("24 h and 1 us old", tick().with("timestamp", Long.toString(oldest - 1)), STALE);
    rejected("5 s and 1 us ahead", tick().with("timestamp", Long.toString(farthest + 1)), FUTURE);
    rejected("year 1970", tick().with("timestamp", "\"1970-01-01T00:00:00Z\""), STALE);
    rejected("year 2099", tick().with("timestamp", "\"2099-01-01T00:00:00Z\""), FUTURE);
    rejected("year 2099 in seconds", tick().with("timestamp", "4070908800"), FUTURE);
    rejected("year 9999", tick().with("timestamp", "\"9999-12-31T23:59:59.999999Z\""), FUTURE);
  }

  private void addSeveralReasonsAtOnce() {
    rejected(
        "symbol, price and time",
        tick().with("symbol", "\"\"").with("price", "-1").with("timestamp", "4070908800"),
        INVALID_SYMBOL,
        INVALID_PRICE,
        FUTURE);
    rejected(
        "everything but the side",
        tick()
            .with("source", "\"?\"")
            .with("symbol", "\"?\"")
            .with("trade_id", "\"\"")
            .with("price", "\"NaN\"")
            .with("size", "\"NaN\"")
            .with("timestamp", "0"),
        INVALID_SOURCE,
        INVALID_SYMBOL,
        INVALID_TRADE_ID,
        INVALID_PRICE,
        INVALID_SIZE,
        STALE);
    rejected(
        "price and size",
        tick().with("price", "0").with("size", "-1"),
        INVALID_PRICE,
        INVALID_SIZE);
    malformed(
        "wrong type beside other faults",
        tick().with("symbol", "\"\"").with("price", "-1").with("side", "\"both\"").json());
    malformed("cut record beside other faults", cutBy(1, tick().with("price", "-1").json()));
  }

  private void malformed(String name, String json) {
    malformed(name, json.getBytes(UTF_8));
  }

  private void malformed(String name, byte[] raw) {
    cases.add(new Case(name, raw, new Rejected(Set.of(MALFORMED))));
  }

  private void rejected(String name, Tick tick, String... reasons) {
    cases.add(new Case(name, tick.json().getBytes(UTF_8), new Rejected(Set.of(reasons))));
  }

  private void timestamp(String name, String json, long micros) {
    accepted(
        "timestamp " + name,
        tick().with("timestamp", json),
        expected -> expected.timestampMicros(micros));
  }

  private void accepted(String name, Tick tick) {
    accepted(name, tick, expected -> expected);
  }

  private void accepted(String name, Tick tick, UnaryOperator<Accepted> change) {
    accepted(name, tick, json -> json, change);
  }

  private void accepted(
      String name, Tick tick, UnaryOperator<String> record, UnaryOperator<Accepted> change) {
    Accepted plain =
        new Accepted("venue", tick.symbol, "1", null, "61837.63", "0.02", "buy", ONE_SECOND_AGO);
    byte[] raw = record.apply(tick.json()).getBytes(UTF_8);
    cases.add(new Case(name, raw, change.apply(plain)));
  }

  /** A faultless tick of an instrument of its own. */
  private Tick tick() {
    String symbol = "CASE-" + (cases.size() + 1);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("source", "\"venue\"");
    fields.put("symbol", quoted(symbol));
    fields.put("trade_id", "1");
    fields.put("price", "\"61837.63\"");
    fields.put("size", "\"0.02\"");
    fields.put("side", "\"buy\"");
    fields.put("timestamp", "1723161599");
    return new Tick(symbol, fields, "");
  }

  /**
   * A tick to be varied.
   *
   * @param symbol the symbol unless the field is replaced
   * @param fields the JSON text of each field
   * @param repeated further members, which may repeat a name
   */
  private record Tick(String symbol, Map<String, String> fields, String repeated) {

    Tick with(String name, String json) {
      Map<String, String> changed = new LinkedHashMap<>(fields);
      changed.put(name, json);
      return new Tick(symbol, changed, repeated);
    }

    Tick without(String name) {
      Map<String, String> changed = new LinkedHashMap<>(fields);
      changed.remove(name);
      return new Tick(symbol, changed, repeated);
    }

    Tick and(String name, String json) {
      return new Tick(symbol, fields, repeated + ",\"" + name + "\":" + json);
    }

    String json() {
      StringBuilder json = new StringBuilder();
      fields.forEach(
          (name, value) ->
              json.append(json.isEmpty() ? "{\"" : ",\"").append(name).append("\":").append(value));
      return json.append(repeated).append('}').toString();
    }
  }

  /** A tick whose given field is a string of these bytes. */
  private byte[] withBytes(String field, int... bytes) {
    String mark = "<bytes>";
    return withBytesAt(mark, tick().with(field, quoted(mark)).json(), bytes);
  }

  private byte[] badFieldName() {
    String mark = "<bytes>";
    return withBytesAt(mark, tick().with(mark, "1").json(), 0xff);
  }

  private static byte[] withBytesAt(String mark, String json, int... bytes) {
    int at = json.indexOf(mark);
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    raw.writeBytes(json.substring(0, at).getBytes(UTF_8));
    for (int one : bytes) {
      raw.write(one);
    }
    raw.writeBytes(json.substring(at + mark.length()).getBytes(UTF_8));
    return raw.toByteArray();
  }

  private static String filled(Tick padded, int room) {
    return padded.with("x", repeated("a", room)).json();
  }

  private static String withManyFields(String json) {
    StringBuilder many = new StringBuilder(cutBy(1, json));
    for (int i = 0; i < 5_000; i++) {
      many.append(",\"f").append(i).append("\":0");
    }
    return many.append('}').toString();
  }

  private static String nested(String open, String close, int levels) {
    return open.repeat(levels - 1) + (open.equals("[") ? "[]" : "{}") + close.repeat(levels - 1);
  }

  private static String cutBy(int characters, String text) {
    return text.substring(0, text.length() - characters);
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private static String repeated(String character, int times) {
    return quoted(character.repeat(times));
  }
}

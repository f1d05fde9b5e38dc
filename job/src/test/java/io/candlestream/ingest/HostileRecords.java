package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.market.RejectReason;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The corpus of a stream whose records are one JSON object and one event each, in the making. What
 * is the same for all such streams is here.
 */
final class HostileRecords {

  private static final int MAX_RECORD_BYTES = 65_536;

  private static final long NOW_MICROS =
      ChronoUnit.MICROS.between(Instant.EPOCH, HostileRecord.NOW);

  private final List<HostileRecord> records = new ArrayList<>();
  private final JsonRecord faultless;
  private final String idField;

  /**
   * @param faultless a record with all fields
   * @param idField which of them is the identity
   */
  HostileRecords(JsonRecord faultless, String idField) {
    this.faultless = faultless;
    this.idField = idField;
  }

  List<HostileRecord> all() {
    return List.copyOf(records);
  }

  /** A faultless record, of another event than those before. */
  JsonRecord good() {
    return faultless.with(idField, Integer.toString(records.size() + 1));
  }

  void malformed(String name, byte[] raw) {
    records.add(new HostileRecord(shortened(name), raw, List.of(RejectReason.MALFORMED)));
  }

  void malformed(String name, String json) {
    malformed(name, json.getBytes(UTF_8));
  }

  void malformed(String name, JsonRecord record) {
    malformed(name, record.json());
  }

  void rejected(String name, JsonRecord record, RejectReason... reasons) {
    records.add(new HostileRecord(shortened(name), record.bytes(), List.of(reasons)));
  }

  void accepted(String name, JsonRecord record) {
    accepted(name, record.json());
  }

  void accepted(String name, String json) {
    records.add(new HostileRecord(shortened(name), json.getBytes(UTF_8), List.of()));
  }

  /** Some names quote a number of 5000 digits. */
  private static String shortened(String name) {
    return name.length() <= 60 ? name : name.substring(0, 40) + "... (" + name.length() + ")";
  }

  /** Whatever the stream, these are no records of it; or, with all their oddities, they are. */
  void addShapes(Set<String> optional) {
    addNotJson();
    addNotOneObject();
    addNotUtf8();
    addTooLargeOrTooDeep();
    for (String field : faultless.fields().keySet()) {
      addField(field, optional.contains(field));
    }
    addUnknownFields();
  }

  private void addNotJson() {
    malformed("no value", "");
    malformed("white space only", " \t\r\n ");
    malformed("not JSON at all", "hello, world");
    malformed("HTML error page", "<html><body>502 Bad Gateway</body></html>");
    malformed("object without its closing brace", cut(good().json()));
    malformed("object cut within a string", "{\"symbol\":\"BTC");
    malformed("object cut after a colon", "{\"symbol\":");
    malformed("single quotes", good().json().replace('"', '\''));
    malformed("field name without quotes", good().json().replace("\"symbol\"", "symbol"));
    malformed("comment", "/* one */" + good().json());
    malformed("trailing comma", cut(good().json()) + ",}");
    malformed("missing comma", good().json().replace(",\"timestamp\"", " \"timestamp\""));
    malformed("escape that JSON does not know", good().withText("symbol", "\\x42TC"));
    malformed("line feed within a string", good().withText("symbol", "BTC\nUSD"));
    malformed("NUL within a string", good().withText("symbol", "BTC\0USD"));
    malformed("NUL bytes after the object", good().json() + "\0\0");
    malformed("only NUL bytes", "\0".repeat(64));
    for (String token : List.of("NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x10")) {
      malformed("bare " + token + " in an unknown field", good().with("x", token));
    }
    malformed("Python's None in an unknown field", good().with("x", "None"));
  }

  private void addNotOneObject() {
    malformed("empty object", "{}");
    malformed("array of one object", "[" + good().json() + "]");
    malformed("empty array", "[]");
    malformed("string that holds an object", "\"" + good().json().replace("\"", "\\\"") + "\"");
    malformed("number", "42");
    malformed("null literal", "null");
    malformed("true literal", "true");
    malformed("two objects", good().json() + good().json());
    malformed("two objects on two lines", good().json() + "\n" + good().json());
    malformed("letter after the object", good().json() + "x");
    malformed("closing brace too many", good().json() + "}");
    accepted("white space of every kind around the object", " \t\r\n" + good().json() + " \r\n\t");
  }

  private void addNotUtf8() {
    malformed("UTF-16 little endian", good().json().getBytes(UTF_16LE));
    malformed("UTF-16 big endian", good().json().getBytes(UTF_16BE));
    malformed("ISO 8859-1", good().withText("x", "caf\u00e9").json().getBytes(ISO_8859_1));
    malformed("gzip", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    malformed("overlong slash in the symbol", withBytes("symbol", 0xc0, 0xaf));
    malformed("overlong NUL in the id", withBytes(idField, 0xc0, 0x80));
    malformed("encoded lone surrogate", withBytes("x", 0xed, 0xa0, 0x80));
    malformed("code point above U+10FFFF", withBytes("x", 0xf4, 0x90, 0x80, 0x80));
    malformed("continuation byte alone", withBytes("x", 0x80));
    malformed("character cut after its first byte", withBytes("x", 0xe2));
    malformed("byte that UTF-8 never uses", withBytes("x", 0xff));
    malformed("byte order mark alone", "\uFEFF");
    malformed("two byte order marks", "\uFEFF\uFEFF" + good().json());
    malformed("byte order mark after the object", good().json() + "\uFEFF");
    accepted("byte order mark before the object", "\uFEFF" + good().json());
    accepted(
        "characters of two, three and four bytes in unknown fields",
        good().withText("x", "\u00e9\u20ac\ud83d\ude00").with("\u00e9\ud83d\ude00", "1"));
    accepted("escaped lone surrogate in an unknown field", good().withText("x", "\\ud800"));
  }

  private void addTooLargeOrTooDeep() {
    malformed("65537 bytes", filled(MAX_RECORD_BYTES + 1));
    malformed("65537 bytes, the last a blank", filled(MAX_RECORD_BYTES) + " ");
    malformed(
        "65537 bytes, fewer characters",
        filled(MAX_RECORD_BYTES).replaceFirst("aa\"", "a\u00e9\""));
    malformed("900 KB of blanks", " ".repeat(900_000));
    accepted("65536 bytes", filled(MAX_RECORD_BYTES));

    malformed("nine levels of arrays", good().with("x", nested("[", "]", 8)));
    malformed("nine levels of objects", good().with("x", nested("{\"x\":", "}", 8)));
    malformed("depth bomb, unclosed", "[".repeat(60_000));
    malformed("depth bomb in an unknown field", good().with("x", "[".repeat(60_000)));
    malformed("depth bomb, closed", good().with("x", nested("[", "]", 30_000)));
    accepted("eight levels of arrays", good().with("x", nested("[", "]", 7)));
    accepted("eight levels of objects", good().with("x", nested("{\"x\":", "}", 7)));
    accepted("a thousand brackets within a string", good().withText("x", "[{".repeat(1_000)));
  }

  private void addField(String field, boolean isOptional) {
    String value = good().fields().get(field);
    if (!isOptional) {
      malformed("without " + field, good().without(field));
      malformed(field + " null", good().with(field, "null"));
    }
    for (String wrong : List.of("true", "false", "[]", "[1]", "{}", "{\"value\":1}")) {
      malformed(field + " " + wrong, good().with(field, wrong));
    }
    malformed(field + " twice", good().and(field, value));
    malformed(field + " null, then given", good().with(field, "null").and(field, value));
    malformed(field + " twice, once by an escaped name", good().and(escaped(field), value));
    accepted(field + " by an escaped name", good().without(field).with(escaped(field), value));
  }

  private void addUnknownFields() {
    JsonRecord known = good();
    accepted(
        "known names within an unknown field",
        known.with("x", "{\"symbol\":null,\"symbol\":7,\"x\":[" + known.json() + "]}"));
    accepted("known name in capitals", good().with("SYMBOL", "null"));
    accepted("unknown field twice", good().and("x", "1").and("x", "[2]"));
    accepted("unknown field with an empty name", good().withText("", ""));
    accepted("unknown number beyond every range", good().with("x", "-1e999999999999"));
    accepted("unknown number of 5000 digits", good().with("x", "9".repeat(5_000)));
    accepted("unknown field with a name of 60000 letters", good().with("x".repeat(60_000), "1"));
    accepted("unknown string of 60000 letters", good().withText("x", "a".repeat(60_000)));
    StringBuilder many = new StringBuilder(cut(good().json()));
    for (int i = 0; i < 5_000; i++) {
      many.append(",\"f").append(i).append("\":0");
    }
    accepted("five thousand unknown fields", many + "}");
  }

  /** Fields that are texts of certain characters only. */
  void addName(String field, int maxLength, String characters, RejectReason reason) {
    malformed(field + " a number", good().with(field, "1"));
    rejected(field + " empty", good().withText(field, ""), reason);
    List<String> wrong =
        List.of(
            " ",
            " a",
            "a ",
            "a b",
            "a\\tb",
            "a\\n",
            "a\\u0000",
            "\\u001b[2J",
            "a'; --",
            "a\\\\b",
            "a,b",
            "a+b",
            "a*",
            "\\ud800",
            "\\udc00\\ud800",
            "\u00e9",
            "\u0412\u0422\u0421",
            "\ud83d\ude80",
            "\u0661",
            "\uff21",
            "a\u200b");
    for (String text : wrong) {
      rejected(field + " '" + text + "'", good().withText(field, text), reason);
    }
    rejected(
        field + " of one character too many",
        good().withText(field, "x".repeat(maxLength + 1)),
        reason);
    rejected(field + " of 10 KB", good().withText(field, "x".repeat(10_240)), reason);
    accepted(field + " as long as can be", good().withText(field, "x".repeat(maxLength)));
    accepted(field + " of every kind of character", good().withText(field, characters));
    accepted(field + " with escapes", good().withText(field, "\\u0042\\u0054\\u0043"));
  }

  /** Fields that are ids. */
  void addId(String field, RejectReason reason) {
    for (String wrong : List.of("1.5", "1.0", "1e3", "-1e-3")) {
      malformed(field + " " + wrong, good().with(field, wrong));
    }
    rejected(field + " of 129 digits", good().with(field, "9".repeat(129)), reason);
    rejected(field + " of 5000 digits", good().with(field, "9".repeat(5_000)), reason);
    addText(field, 128, reason);
    for (String id : List.of("0", "-7", "-9223372036854775809", "18446744073709551616")) {
      accepted(field + " integer " + id, good().with(field, id));
    }
    accepted(field + " of 128 digits", good().with(field, "9".repeat(128)));
  }

  /** Fields that are any text that can be stored. */
  void addText(String field, int maxLength, RejectReason reason) {
    rejected(field + " empty", good().withText(field, ""), reason);
    List<String> wrong =
        List.of(
            "a\\tb",
            "\\n",
            "a\\u0000",
            "\\u001f",
            "\\u007f",
            "\\u0085",
            "\\ud800",
            "a\\udc00",
            "\\udc00\\ud800",
            "\\ud800\\ud800\\udc00",
            "\\ud83d");
    for (String text : wrong) {
      rejected(field + " text '" + text + "'", good().withText(field, text), reason);
    }
    rejected(
        field + " of one character too many",
        good().withText(field, "t".repeat(maxLength + 1)),
        reason);
    rejected(
        field + " of one character too many, an emoji",
        good().withText(field, "t".repeat(maxLength - 1) + "\ud83d\ude80"),
        reason);
    accepted(field + " as long as can be", good().withText(field, "t".repeat(maxLength)));
    accepted(
        field + " as long as can be, with an emoji",
        good().withText(field, "t".repeat(maxLength - 2) + "\\ud83d\\ude80"));
    for (String text :
        List.of(" ", "007", " 7", "1.5", "null", "x'; --", "\\u6210\\u4ea4", "\ud83d\ude80")) {
      accepted(field + " text " + text, good().withText(field, text));
    }
  }

  /** Fields that are numbers: what is none, or has too many digits. */
  void addNumber(String field, RejectReason reason) {
    for (String token : List.of("NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x10")) {
      malformed("bare " + field + " " + token, good().with(field, token));
    }
    for (String text :
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
            "1..2",
            "\u0661",
            "one",
            "null")) {
      rejected(field + " text '" + text + "'", good().withText(field, text), reason);
    }
    addNumbers(
        field,
        reason,
        "0.1234567890123456789",
        "0.0000000000000000000000000000001",
        "0.1000000000000000000000000000001",
        "1e-31",
        "0." + "1".repeat(31),
        "0." + "1".repeat(5_000),
        "9".repeat(19),
        "9".repeat(5_000),
        "1e400",
        "-1e400",
        "1e-400",
        "1e36",
        "1e999999999",
        "1e99999999999999999999",
        "1e-99999999999999999999");
  }

  /** Numbers that are refused, with quotes and without. */
  void addNumbers(String field, RejectReason reason, String... numbers) {
    for (String number : numbers) {
      rejected(field + " number " + number, good().with(field, number), reason);
      rejected(field + " text " + number, good().withText(field, number), reason);
    }
  }

  /** Numbers that are accepted, with quotes and without. */
  void acceptNumbers(String field, String... numbers) {
    for (String number : numbers) {
      accepted(field + " number " + number, good().with(field, number));
      accepted(field + " text " + number, good().withText(field, number));
    }
  }

  void addTimestamps() {
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
      malformed("timestamp " + wrong, good().with("timestamp", wrong));
    }
    for (String wrong :
        List.of(
            "",
            "yesterday",
            "now()",
            "1723161599",
            "1723161599.5",
            "2024-08-08",
            "2024-08-08T23:59:59",
            "2024-08-08 23:59:59Z",
            " 2024-08-08T23:59:59Z",
            "2024-08-08T23:59:59Z ",
            "2024-08-08T25:00:00Z",
            "2024-08-08T23:60:00Z",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-08-08T23:59:59+25:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:30:00+01:00",
            "0000-00-00T00:00:00Z",
            "-2024-08-08T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "\u0662\u0660\u0662\u0664-08-08T23:59:59Z")) {
      malformed("timestamp text '" + wrong + "'", good().withText("timestamp", wrong));
    }
    for (long micros : new long[] {NOW_MICROS + 5_000_001, 99_999_999_999_999_999L}) {
      rejected(
          "timestamp " + micros,
          good().with("timestamp", Long.toString(micros)),
          RejectReason.FUTURE);
    }
    for (String ahead :
        List.of(
            "\"2024-08-09T00:00:05.000001Z\"", "\"9999-12-31T23:59:59.999999Z\"", "4070908800")) {
      rejected("timestamp " + ahead, good().with("timestamp", ahead), RejectReason.FUTURE);
    }
    accepted(
        "timestamp exactly 5 s ahead",
        good().with("timestamp", Long.toString(NOW_MICROS + 5_000_000)));
    for (String old :
        List.of("0", "1", "100000000000", "\"1970-01-01T00:00:00Z\"", "\"2001-09-09T01:46:40Z\"")) {
      accepted("timestamp long ago " + old, good().with("timestamp", old));
    }
  }

  /** A record whose given field is a string of these bytes. */
  private byte[] withBytes(String field, int... bytes) {
    String mark = "<bytes>";
    String json = good().withText(field, mark).json();
    int at = json.indexOf(mark);
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    raw.writeBytes(json.substring(0, at).getBytes(UTF_8));
    for (int one : bytes) {
      raw.write(one);
    }
    raw.writeBytes(json.substring(at + mark.length()).getBytes(UTF_8));
    return raw.toByteArray();
  }

  /** A faultless record that long, by what stands in an unknown field. */
  private String filled(int bytes) {
    UnaryOperator<String> padded = text -> good().withText("x", text).json();
    return padded.apply("a".repeat(bytes - padded.apply("").getBytes(UTF_8).length));
  }

  private static String escaped(String name) {
    return "\\u%04x".formatted((int) name.charAt(0)) + name.substring(1);
  }

  private static String nested(String open, String close, int levels) {
    return open.repeat(levels - 1) + (open.equals("[") ? "[]" : "{}") + close.repeat(levels - 1);
  }

  private static String cut(String json) {
    return json.substring(0, json.length() - 1);
  }
}

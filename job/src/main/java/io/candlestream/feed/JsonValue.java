package io.candlestream.feed;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON value in memory, for messages whose parts come in any order. Numbers and strings are kept
 * as they are written, so that no digit is lost. What is asked for and is not there, there twice or
 * of another type makes the record malformed; what nobody asks for may be anything.
 */
public final class JsonValue {

  private static final int NOWHERE = -1;

  private final JsonToken token;
  private final String text;
  private final List<String> names;
  private final List<JsonValue> values;
  private final int start;
  private final int end;

  private JsonValue(
      JsonToken token,
      String text,
      List<String> names,
      List<JsonValue> values,
      int start,
      int end) {
    this.token = token;
    this.text = text;
    this.names = names;
    this.values = values;
    this.start = start;
    this.end = end;
  }

  /**
   * Reads the one value that a record holds.
   *
   * @throws MalformedRecord if there is none, or more behind it
   */
  static JsonValue read(JsonParser parser) throws IOException, MalformedRecord {
    JsonToken first = parser.nextToken();
    MalformedRecord.unless(first != null);
    JsonValue value = read(first, parser, false);
    MalformedRecord.unless(parser.nextToken() == null);
    return value;
  }

  /** Recursion goes no deeper than the parser lets a record nest. */
  private static JsonValue read(JsonToken token, JsonParser parser, boolean isElement)
      throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        List<String> names = new ArrayList<>();
        List<JsonValue> values = new ArrayList<>();
        int start = isElement ? offset(parser.currentTokenLocation()) : NOWHERE;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          names.add(name);
          values.add(read(parser.nextToken(), parser, false));
        }
        int end = isElement ? offset(parser.currentLocation()) : NOWHERE;
        yield new JsonValue(token, null, names, values, start, end);
      }
      case START_ARRAY -> {
        List<JsonValue> values = new ArrayList<>();
        int start = isElement ? offset(parser.currentTokenLocation()) : NOWHERE;
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          values.add(read(next, parser, true));
        }
        int end = isElement ? offset(parser.currentLocation()) : NOWHERE;
        yield new JsonValue(token, null, List.of(), values, start, end);
      }
      default -> new JsonValue(token, parser.getText(), List.of(), List.of(), NOWHERE, NOWHERE);
    };
  }

  private static int offset(JsonLocation location) {
    return Math.toIntExact(location.getByteOffset());
  }

  public boolean isObject() {
    return token == JsonToken.START_OBJECT;
  }

  boolean isArray() {
    return token == JsonToken.START_ARRAY;
  }

  /** Where an object or array that is an element of an array begins in the record, in bytes. */
  int start() {
    return start;
  }

  /** The first byte behind such an object or array. */
  int end() {
    return end;
  }

  /** The member of that name; null where there is none, or where this is no object. */
  public JsonValue find(String name) throws MalformedRecord {
    JsonValue found = null;
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(name)) {
        MalformedRecord.unless(found == null);
        found = values.get(i);
      }
    }
    return found;
  }

  /** The member of that name, which must be there. */
  public JsonValue get(String name) throws MalformedRecord {
    JsonValue found = find(name);
    MalformedRecord.unless(found != null);
    return found;
  }

  /** The member of that name; null also where it is JSON's null. */
  public JsonValue optional(String name) throws MalformedRecord {
    JsonValue found = find(name);
    return found == null || found.token == JsonToken.VALUE_NULL ? null : found;
  }

  /** The text of a member that tells what kind of message this is; empty where it is no text. */
  String word(String name) throws MalformedRecord {
    JsonValue found = find(name);
    return found != null && found.token == JsonToken.VALUE_STRING ? found.text : "";
  }

  /** The elements of what must be an array. */
  List<JsonValue> elements() throws MalformedRecord {
    MalformedRecord.unless(isArray());
    return values;
  }

  /** An element of what must be an array that long. */
  JsonValue get(int index) throws MalformedRecord {
    MalformedRecord.unless(isArray() && index < values.size());
    return values.get(index);
  }

  public String text() throws MalformedRecord {
    MalformedRecord.unless(token == JsonToken.VALUE_STRING);
    return text;
  }

  /**
   * {@code buy} or {@code sell}.
   *
   * @throws MalformedRecord if it is neither
   */
  public Side side() throws MalformedRecord {
    return TradeFields.side(text(), "buy", "sell");
  }

  boolean flag() throws MalformedRecord {
    MalformedRecord.unless(token.isBoolean());
    return token == JsonToken.VALUE_TRUE;
  }

  /** An integer, written as a number. */
  long integer() throws MalformedRecord {
    MalformedRecord.unless(token == JsonToken.VALUE_NUMBER_INT);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException beyond64Bits) {
      throw MalformedRecord.INSTANCE;
    }
  }

  /** A number as it is written, with or without quotes. */
  String number() throws MalformedRecord {
    MalformedRecord.unless(token == JsonToken.VALUE_STRING || token.isNumeric());
    return text;
  }

  /** Null for what is no decimal number, or has too many digits. */
  public Decimal decimal() throws MalformedRecord {
    return TradeFields.decimal(number());
  }

  /** Null for an id that is none by the rules. */
  public TradeId tradeId() throws MalformedRecord {
    MalformedRecord.unless(token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT);
    return TradeFields.tradeId(text);
  }

  /** An integer epoch, with or without quotes, or an ISO-8601 text: in microseconds. */
  long timestampMicros() throws MalformedRecord {
    MalformedRecord.unless(token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT);
    try {
      return EpochMicros.ofText(text);
    } catch (DateTimeException unreadable) {
      throw MalformedRecord.INSTANCE;
    }
  }

  /** As candlestream's own fields have it: an ISO-8601 text, or an integer epoch without quotes. */
  public long canonicalTimestampMicros() throws MalformedRecord {
    try {
      return token == JsonToken.VALUE_STRING
          ? EpochMicros.ofIso(text.toCharArray(), 0, text.length())
          : EpochMicros.ofInteger(integer());
    } catch (DateTimeException unreadable) {
      throw MalformedRecord.INSTANCE;
    }
  }
}

package io.candlestream.ingest;

import io.candlestream.feed.JsonParsers;
import io.candlestream.feed.JsonValue;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;

/**
 * Reads records that are one JSON object and one event each, in candlestream's own fields. What
 * cannot be read is {@link RejectReason#MALFORMED} and nothing else; what can be read is rejected
 * with every reason that applies. Fields that nobody asks for may be anything.
 */
abstract class ObjectDecoder<T extends Event> implements RecordDecoder<T> {

  private final Input input;
  private final JsonParsers parsers = JsonParsers.canonical();

  ObjectDecoder(Input input) {
    this.input = input;
  }

  @Override
  public final Verdict<T> decode(byte[] raw, Origin origin, long clockMillis) {
    try {
      if (raw != null) {
        JsonValue value = parsers.read(raw);
        if (value.isObject()) {
          return judge(value, raw, origin, clockMillis);
        }
      }
    } catch (MalformedRecord unreadable) {
      // As is a record that is no object.
    }
    return Verdict.reject(Reject.malformed(input, raw, origin));
  }

  /**
   * @throws MalformedRecord if a field that must be there is not, or one is there twice or of the
   *     wrong type
   */
  abstract Verdict<T> judge(JsonValue object, byte[] raw, Origin origin, long clockMillis)
      throws MalformedRecord;

  /** A field that may be missing, as the text that it is. */
  static String optionalText(JsonValue object, String name) throws MalformedRecord {
    JsonValue found = object.optional(name);
    return found == null ? null : found.text();
  }
}

package io.candlestream.local.ticks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.StandardCharsets;

/**
 * Records that a pipeline must reject: each is a sound tick of its instrument with one thing wrong.
 * They use up no trade id, and are rare enough to be made of strings.
 */
final class BrokenTicks {
  private static final long YEAR_2099_MILLIS = 4_070_908_800_000L;
  private static final long YEAR_MILLIS = 31_536_000_000L;

  private final SeededRandom random;

  BrokenTicks(SeededRandom random) {
    this.random = random;
  }

  /** A record that breaks the format: rejected as {@code MALFORMED}. */
  byte[] malformed(Listing listing, long eventMicros) {
    Fields sound = Fields.of(listing, eventMicros);
    return switch ((int) random.below(14)) {
      case 0, 1, 2 -> cutOff(sound.toJson());
      case 3 -> "<html><body>503 Service Unavailable</body></html>".getBytes(UTF_8);
      case 4 -> new byte[0];
      case 5 -> sound.withPrice("true").toJson();
      case 6 -> sound.withPrice(null).toJson();
      case 7 -> sound.withPrice("\"1\",\"price\":\"2\"").toJson();
      case 8 -> sound.withSize("[\"1\"]").toJson();
      case 9 -> sound.withSize("\"1\",\"side\":\"hold\"").toJson();
      case 10 -> sound.withTimestamp("\"yesterday\"").toJson();
      case 11 -> sound.withTimestamp(null).toJson();
      case 12 -> sound.withSymbol("null").toJson();
      // A lone continuation byte is no UTF-8; Latin-1 keeps it the byte it is.
      default -> sound.withSymbol("\"\u00bf" + listing.symbol() + "\"").toJson();
    };
  }

  /**
   * A record that breaks no format but cannot be true: rejected for its price, size, age, future or
   * symbol.
   */
  byte[] absurd(Listing listing, long eventMicros) {
    Fields sound = Fields.of(listing, eventMicros);
    return switch ((int) random.below(7)) {
      case 0 -> sound.withPrice("0").toJson();
      case 1 -> sound.withPrice("\"-" + listing.level().toPlainString() + "\"").toJson();
      case 2 -> sound.withPrice("1e12").toJson();
      case 3 -> sound.withSize("-1").toJson();
      case 4 -> sound.withTimestamp(Long.toString(random.below(YEAR_MILLIS / 1_000))).toJson();
      case 5 ->
          sound.withTimestamp(Long.toString(YEAR_2099_MILLIS + random.below(YEAR_MILLIS))).toJson();
      default ->
          sound
              .withSymbol("\"" + listing.symbol().charAt(0) + " " + listing.symbol() + "\"")
              .toJson();
    };
  }

  private byte[] cutOff(byte[] json) {
    byte[] part = new byte[1 + (int) random.below(json.length - 1)];
    System.arraycopy(json, 0, part, 0, part.length);
    return part;
  }

  /** JSON text of each field's value; null leaves the field out. */
  private record Fields(String source, String symbol, String price, String size, String timestamp) {

    static Fields of(Listing listing, long eventMicros) {
      return new Fields(
          "\"" + listing.venue().source + "\"",
          "\"" + listing.symbol() + "\"",
          "\"" + listing.level().toPlainString() + "\"",
          "\"" + listing.lot().toPlainString() + "\"",
          Long.toString(eventMicros));
    }

    Fields withSymbol(String json) {
      return new Fields(source, json, price, size, timestamp);
    }

    Fields withPrice(String json) {
      return new Fields(source, symbol, json, size, timestamp);
    }

    Fields withSize(String json) {
      return new Fields(source, symbol, price, json, timestamp);
    }

    Fields withTimestamp(String json) {
      return new Fields(source, symbol, price, size, json);
    }

    byte[] toJson() {
      StringBuilder json = new StringBuilder("{\"source\":").append(source);
      append(json, "symbol", symbol);
      append(json, "price", price);
      append(json, "size", size);
      append(json, "timestamp", timestamp);
      return json.append('}').toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void append(StringBuilder json, String name, String value) {
      if (value != null) {
        json.append(",\"").append(name).append("\":").append(value);
      }
    }
  }
}

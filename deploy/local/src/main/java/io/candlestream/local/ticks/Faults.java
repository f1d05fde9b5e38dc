package io.candlestream.local.ticks;

import java.util.List;
import java.util.stream.Stream;

/**
 * What can be wrong with the records of a stream.
 *
 * @param malformed breaks the format: rejected as {@code MALFORMED}
 * @param absurd breaks no format but cannot be true: rejected for that field
 */
record Faults(List<Fault> malformed, List<Fault> absurd) {
  private static final long YEAR_2099_MILLIS = 4_070_908_800_000L;
  private static final long YEAR_MILLIS = 31_536_000_000L;

  /** One thing wrong. */
  interface Fault {
    Fields in(Fields sound, SeededRandom random);
  }

  private static final List<Fault> MALFORMED_IN_ANY =
      List.of(
          value("timestamp", "\"yesterday\""),
          value("timestamp", null),
          value("symbol", "null"),
          // A lone continuation byte is no UTF-8; as Latin-1 it is the byte it is.
          (sound, random) -> sound.withText("symbol", "\u00bf" + sound.text("symbol")));

  private static final List<Fault> ABSURD_IN_ANY =
      List.of(
          (sound, random) ->
              sound.with("timestamp", Long.toString(YEAR_2099_MILLIS + random.below(YEAR_MILLIS))),
          (sound, random) -> {
            String symbol = sound.text("symbol");
            return sound.withText("symbol", symbol.charAt(0) + " " + symbol);
          });

  static final Faults OF_TICKS =
      new Faults(
          List.of(
              value("price", "true"),
              value("price", null),
              value("price", "\"1\",\"price\":\"2\""),
              value("size", "[\"1\"]"),
              value("size", "\"1\",\"side\":\"hold\"")),
          List.of(
              value("price", "0"),
              (sound, random) -> sound.withText("price", "-" + sound.text("price")),
              value("price", "1e12"),
              value("size", "-1"),
              (sound, random) ->
                  sound.with("timestamp", Long.toString(random.below(YEAR_MILLIS / 1_000)))));

  static final Faults OF_FILLS =
      new Faults(
          List.of(
              value("account", null),
              value("side", "\"hold\""),
              value("size", "\"1\",\"size\":\"2\""),
              value("fee_currency", null)),
          List.of(
              value("account", "\"desk 1\""),
              value("price", "0"),
              value("size", "0"),
              value("currency", "\"$\""),
              value("fee", "\"NaN\"")));

  static final Faults OF_SENTIMENT =
      new Faults(
          List.of(
              value("provider", null),
              value("score", "{}"),
              value("item_id", "1,\"item_id\":2"),
              value("magnitude", "[1]")),
          List.of(
              value("score", "1.01"),
              value("score", "-2"),
              value("magnitude", "-0.1"),
              value("provider", "\"\"")));

  /** These, and what can be wrong with the records of any stream. */
  Faults {
    malformed = Stream.of(malformed, MALFORMED_IN_ANY).flatMap(List::stream).toList();
    absurd = Stream.of(absurd, ABSURD_IN_ANY).flatMap(List::stream).toList();
  }

  /**
   * @param json text of the field's value; null leaves the field out
   */
  private static Fault value(String field, String json) {
    return (sound, random) -> sound.with(field, json);
  }
}

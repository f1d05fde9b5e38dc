package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Some characters of a record replaced, removed or put in.
 *
 * @param at where, as a part of the record's length
 */
record Damage(double at, int removed, String inserted) {

  /** One to three of them. */
  static Arbitrary<List<Damage>> some(String... inserted) {
    return Combinators.combine(
            Arbitraries.doubles().between(0, 1),
            Arbitraries.integers().between(0, 3),
            Arbitraries.of(inserted))
        .as(Damage::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  /**
   * The same with what is most likely to hurt in JSON.
   *
   * @param more what else is inserted
   */
  static Arbitrary<List<Damage>> ofJson(String... more) {
    return some(
        Stream.concat(
                Stream.of(
                    "",
                    "\"",
                    "\\",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "-",
                    "0",
                    "9",
                    ".",
                    "e",
                    "null",
                    "\0",
                    "\n",
                    "\u00ff",
                    "\ud800",
                    "\\ud800",
                    "NaN",
                    "1e999",
                    "99999999999999999999"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** The record with all of it, one after the other. */
  static byte[] of(String record, List<Damage> damages) {
    StringBuilder damaged = new StringBuilder(record);
    for (Damage damage : damages) {
      int at = (int) (damage.at() * damaged.length());
      damaged.replace(at, Math.min(at + damage.removed(), damaged.length()), damage.inserted());
    }
    return damaged.toString().getBytes(UTF_8);
  }
}

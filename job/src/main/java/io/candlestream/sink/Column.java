package io.candlestream.sink;

import io.candlestream.market.Decimal;
import java.util.function.Function;

/**
 * A column of a table, as its writer fills it.
 *
 * @param name as in the table
 * @param type the PostgreSQL type in which it travels, one array of it for a batch
 * @param isKey whether it is part of the primary key
 * @param value takes it out of a row: a {@code Decimal} for {@code numeric}, a {@code Double},
 *     {@code Long}, {@code Integer} or {@code Boolean}, an {@code Instant} for {@code timestamptz},
 *     of which {@link java.time.Instant#MAX} is infinity, {@code byte[]} for {@code bytea}, a
 *     {@code String} for any other; null is SQL's null
 */
record Column<T>(String name, String type, boolean isKey, Function<T, ?> value) {

  /** A column of the primary key. */
  static <T> Column<T> key(String name, String type, Function<T, ?> value) {
    return new Column<>(name, type, true, value);
  }

  /** Any other. */
  static <T> Column<T> of(String name, String type, Function<T, ?> value) {
    return new Column<>(name, type, false, value);
  }

  /** A number that keeps every digit; null where there is none. */
  static <T> Column<T> number(String name, Function<T, Decimal> value) {
    return of(name, "numeric", value);
  }
}

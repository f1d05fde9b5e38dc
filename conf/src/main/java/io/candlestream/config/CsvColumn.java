package io.candlestream.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a column of separated values holds. */
public enum CsvColumn {
  SOURCE,
  SYMBOL,
  TRADE_ID,
  SEQUENCE,
  PRICE,
  SIZE,
  /** {@code buy} or {@code sell}, the aggressor, in any case. */
  SIDE,
  /** {@code true} or {@code false}, in any case: whether the seller was the aggressor. */
  BUYER_IS_MAKER,
  TIMESTAMP,
  /** Nothing of a tick. */
  IGNORED;

  /** Those without which there is no tick. */
  public static final Set<CsvColumn> REQUIRED = Set.of(PRICE, SIZE, TIMESTAMP);

  /** The column with that name; an ignored one has none. */
  public static Optional<CsvColumn> of(String name) {
    return Arrays.stream(values())
        .filter(column -> column != IGNORED && column.word().equals(name))
        .findFirst();
  }

  /** The column with that name, or for an empty one or {@code -} one that is ignored. */
  static CsvColumn parse(String name) {
    if (name.isEmpty() || name.equals("-")) {
      return IGNORED;
    }
    return of(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Arrays.stream(values())
                        .filter(column -> column != IGNORED)
                        .map(CsvColumn::word)
                        .collect(Collectors.joining(", ", "must be one of ", ", or - to ignore"))));
  }

  /** What is wrong with the columns of a file, taken together; empty if they make a tick. */
  public static Optional<String> problem(List<CsvColumn> columns) {
    if (!columns.containsAll(REQUIRED)) {
      return Optional.of("must have the columns price, size and timestamp");
    }
    if (columns.contains(SIDE) && columns.contains(BUYER_IS_MAKER)) {
      return Optional.of("must have only one of side and buyer_is_maker");
    }
    return Arrays.stream(values())
        .filter(column -> column != IGNORED)
        .filter(column -> columns.stream().filter(column::equals).count() > 1)
        .findFirst()
        .map(column -> "must have the column " + column.word() + " only once");
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

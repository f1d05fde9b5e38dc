package io.candlestream.sink;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A table as its writer sees it: which rows are one, and the statement that takes a batch. */
public interface Table<T> extends Serializable {

  String name();

  /** The row's primary key. */
  Object key(T row);

  /** Which of two rows with one key to write, when both are in one batch. */
  T merge(T earlier, T later);

  /**
   * In which order a batch is written: by key, neighbours in an index come one after the other, and
   * find its pages in the processor's cache.
   */
  default Comparator<T> order() {
    return (one, other) -> 0;
  }

  /** About how many bytes of a batch a row takes beyond those of an ordinary one. */
  default int extraBytes(T row) {
    return 0;
  }

  /**
   * One statement that takes a batch of any size, each of {@link #columns()} as an array. No two
   * rows of a batch have one key.
   */
  String upsert();

  /**
   * The columns that the statement takes, in the order of its parameters.
   *
   * <p>By their names, a row that the database refuses is kept in {@code rejected_rows}, and
   * written from there once it can be: to a table that has {@code updated_at} as an upsert, never a
   * {@code closed} row by one that is not, nor any by one of fewer {@code trades} or {@code fills},
   * where it has these columns; to any other only if its key is not there.
   */
  List<Column<T>> columns();

  /**
   * Rows that are none, but say that others must go: of a batch these come first, whatever their
   * place, and they never meet the upsert.
   */
  default Optional<Removal<T>> removal() {
    return Optional.empty();
  }

  /**
   * How rows are removed.
   *
   * @param concerns which rows of a batch are no rows
   * @param statement one that takes any number of these, each of the columns as an array
   * @param columns those that the statement takes, in the order of its parameters: the key, whose
   *     time is where a range begins; {@code until}, where it ends, exclusive; {@code fills}, if
   *     rows of more stay; and any others
   */
  record Removal<T>(
      Predicate<T> concerns, Function<List<T>, String> statement, List<Column<T>> columns) {}
}

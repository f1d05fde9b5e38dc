package io.candlestream.sink;

import java.io.Serializable;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** A table as its writer sees it: which rows are one, and the statement that takes a batch. */
public interface Table<T> extends Serializable {

  String name();

  /** The row's primary key. */
  Object key(T row);

  /** Which of two rows with one key to write, when both are in one batch. */
  T merge(T earlier, T later);

  /** About how many bytes of a batch a row takes beyond those of an ordinary one. */
  default int extraBytes(T row) {
    return 0;
  }

  /** One statement that takes a batch of any size, its columns as arrays. */
  String upsert();

  /** Sets the parameters of {@link #upsert()}; no two rows have one key. */
  void bind(List<T> rows, PreparedStatement statement) throws SQLException;
}

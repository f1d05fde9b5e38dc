package io.candlestream.past;

import io.candlestream.market.Instrument;
import io.candlestream.sink.Columns;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * An instrument at a moment.
 *
 * @param micros since the epoch
 */
record Moment(Instrument instrument, long micros) {

  static Moment of(Instrument instrument, ResultSet row, String column) throws SQLException {
    return new Moment(instrument, Columns.micros(row, column));
  }

  /** Binds the symbols and the sources of some rows, an array of each. */
  static <T> Columns<T> bind(List<T> rows, Function<T, Moment> moment, PreparedStatement statement)
      throws SQLException {
    return new Columns<>(rows, statement)
        .bind("text", row -> moment.apply(row).instrument.symbol())
        .bind("text", row -> moment.apply(row).instrument.source());
  }

  Instant timestamp() {
    return Columns.timestamp(micros);
  }

  /** An empty list for each. */
  static <T> List<List<T>> lists(int size) {
    List<List<T>> lists = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }
}

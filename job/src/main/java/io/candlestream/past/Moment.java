package io.candlestream.past;

import io.candlestream.market.Instrument;
import io.candlestream.sink.Columns;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
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
    Instant timestamp = row.getObject(column, OffsetDateTime.class).toInstant();
    return new Moment(instrument, ChronoUnit.MICROS.between(Instant.EPOCH, timestamp));
  }

  /** Binds the symbols and the sources of some rows, an array of each. */
  static <T> Columns<T> bind(List<T> rows, Function<T, Moment> moment, PreparedStatement statement)
      throws SQLException {
    return new Columns<>(rows, statement)
        .bind("text", row -> moment.apply(row).instrument.symbol())
        .bind("text", row -> moment.apply(row).instrument.source());
  }

  String timestamp() {
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

package io.candlestream.sink;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;

/** Binds a batch column by column, each as one array parameter, in the order of the calls. */
public final class Columns<T> {

  private final List<T> rows;
  private final PreparedStatement statement;
  private int bound;

  public Columns(List<T> rows, PreparedStatement statement) {
    this.rows = rows;
    this.statement = statement;
  }

  /**
   * @param type the PostgreSQL type of the array's elements
   * @param value takes the column out of a row; null is SQL's null
   */
  public Columns<T> bind(String type, Function<T, ?> value) throws SQLException {
    Object[] column = new Object[rows.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = value.apply(rows.get(i));
    }
    return bindArray(type, column);
  }

  /** The same for {@code bytea}, which the driver takes only as an array of byte arrays. */
  Columns<T> bindBytes(Function<T, byte[]> value) throws SQLException {
    return bindArray("bytea", rows.stream().map(value).toArray(byte[][]::new));
  }

  private Columns<T> bindArray(String type, Object[] column) throws SQLException {
    statement.setArray(++bound, statement.getConnection().createArrayOf(type, column));
    return this;
  }

  /** A timestamp in the current row, in microseconds since the epoch. */
  public static long micros(ResultSet row, String column) throws SQLException {
    return micros(row.getObject(column, OffsetDateTime.class).toInstant());
  }

  /** The same of any moment. */
  public static long micros(Instant moment) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
  }

  /** ISO-8601, to the microsecond: what PostgreSQL reads as a timestamp with time zone. */
  public static String timestamp(long epochMicros) {
    return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS).toString();
  }
}

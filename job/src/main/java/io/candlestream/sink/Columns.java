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
   * @param value takes the column out of a row, as {@link Column#value}
   */
  public Columns<T> bind(String type, Function<T, ?> value) throws SQLException {
    BinaryArray.of(type, rows, value).bind(++bound, statement);
    return this;
  }

  /** A timestamp in the current row, in microseconds since the epoch. */
  public static long micros(ResultSet row, String column) throws SQLException {
    return micros(row.getObject(column, OffsetDateTime.class).toInstant());
  }

  /** The same of any moment. */
  public static long micros(Instant moment) {
    // Not by ChronoUnit, whose way leads over nanoseconds and ends in the year 2262.
    return moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1_000;
  }

  /** Its text is what PostgreSQL reads as a timestamp with time zone. */
  public static Instant timestamp(long epochMicros) {
    return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS);
  }
}

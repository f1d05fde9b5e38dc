package io.candlestream.sink;

import io.candlestream.market.Decimal;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgArray;
import org.postgresql.util.ByteConverter;

/**
 * Binds a batch column by column, each as one array parameter, in the order of the calls.
 *
 * <p>Arrays travel in PostgreSQL's binary format, which the driver has for some types only: so no
 * number is formatted here, only to be parsed there.
 */
public final class Columns<T> {

  /** PostgreSQL counts from the beginning of 2000. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final long INFINITY = Long.MAX_VALUE;

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
    BaseConnection connection = statement.getConnection().unwrap(BaseConnection.class);
    TypeInfo types = connection.getTypeInfo();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 * (rows.size() + 2));
    try (DataOutputStream array = new DataOutputStream(bytes)) {
      array.writeInt(1); // dimensions
      array.writeInt(1); // there may be nulls
      array.writeInt(types.getPGType(type));
      array.writeInt(rows.size());
      array.writeInt(1); // the first index
      for (T row : rows) {
        write(value.apply(row), type, array);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    statement.setArray(
        ++bound, new PgArray(connection, types.getPGArrayType(type), bytes.toByteArray()));
    return this;
  }

  private static void write(Object value, String type, DataOutputStream array) throws IOException {
    if (value == null) {
      array.writeInt(-1);
    } else if (value instanceof Double number) {
      array.writeInt(Double.BYTES);
      array.writeDouble(number);
    } else if (value instanceof Decimal number) {
      write(ByteConverter.numeric(number.toBigDecimal()), array);
    } else if (value instanceof Long number) {
      array.writeInt(Long.BYTES);
      array.writeLong(number);
    } else if (value instanceof Integer number) {
      array.writeInt(Integer.BYTES);
      array.writeInt(number);
    } else if (value instanceof Boolean flag) {
      array.writeInt(1);
      array.writeBoolean(flag);
    } else if (value instanceof Instant moment) {
      array.writeInt(Long.BYTES);
      array.writeLong(moment.equals(Instant.MAX) ? INFINITY : micros(moment) - EPOCH_MICROS);
    } else if (value instanceof byte[] bytes) {
      write(bytes, array);
    } else {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      boolean isJson = type.equals("jsonb");
      array.writeInt(text.length + (isJson ? 1 : 0));
      if (isJson) {
        array.writeByte(1); // its version
      }
      array.write(text);
    }
  }

  private static void write(byte[] bytes, DataOutputStream array) throws IOException {
    array.writeInt(bytes.length);
    array.write(bytes);
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

package io.candlestream.sink;

import io.candlestream.market.Decimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;
import org.postgresql.util.ByteConverter;

/**
 * A PostgreSQL array of one dimension in the binary format, which the driver has for some types
 * only: so no number is formatted here, only to be parsed there.
 */
final class BinaryArray {

  /** PostgreSQL counts from the beginning of 2000. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final long INFINITY = Long.MAX_VALUE;
  private static final byte JSONB_VERSION = 1;
  private static final int NULL = -1;

  private final String type;
  private final boolean isJson;
  private ByteBuffer bytes;

  private BinaryArray(String type, int size) {
    this.type = type;
    isJson = type.equals("jsonb");
    bytes = ByteBuffer.allocate(20 + 16 * size);
    bytes.putInt(1); // dimensions
    bytes.putInt(1); // there may be nulls
    bytes.putInt(oid(type));
    bytes.putInt(size);
    bytes.putInt(1); // the first index
  }

  /**
   * A column of a batch.
   *
   * @param type of the elements, one of PostgreSQL's own
   * @param value takes it out of a row, as {@link Column#value}
   */
  static <T> BinaryArray of(String type, List<T> rows, Function<T, ?> value) {
    BinaryArray array = new BinaryArray(type, rows.size());
    for (T row : rows) {
      array.add(value.apply(row));
    }
    return array;
  }

  /** Makes them all the parameters of a statement. */
  static void bind(List<BinaryArray> parameters, PreparedStatement statement) throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).bind(i + 1, statement);
    }
  }

  /** The number that PostgreSQL has for a type. */
  private static int oid(String type) {
    try {
      return Oid.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (SQLException e) {
      throw new IllegalArgumentException("no type of PostgreSQL's own: " + type, e);
    }
  }

  /**
   * Makes it a parameter of a statement.
   *
   * @param parameter from 1 on
   */
  void bind(int parameter, PreparedStatement statement) throws SQLException {
    statement.setArray(
        parameter,
        new PgArray(
            statement.getConnection().unwrap(BaseConnection.class),
            oid(type + "_array"),
            Arrays.copyOf(bytes.array(), bytes.position())));
  }

  /** Adds an element, as {@link Column#value} gives it. */
  private void add(Object value) {
    if (value == null) {
      room(0).putInt(NULL);
    } else if (value instanceof Double number) {
      room(Double.BYTES).putInt(Double.BYTES).putDouble(number);
    } else if (value instanceof Decimal number) {
      add(ByteConverter.numeric(number.toBigDecimal()));
    } else if (value instanceof Long number) {
      room(Long.BYTES).putInt(Long.BYTES).putLong(number);
    } else if (value instanceof Integer number) {
      room(Integer.BYTES).putInt(Integer.BYTES).putInt(number);
    } else if (value instanceof Boolean flag) {
      room(1).putInt(1).put((byte) (flag ? 1 : 0));
    } else if (value instanceof Instant moment) {
      room(Long.BYTES)
          .putInt(Long.BYTES)
          .putLong(moment.equals(Instant.MAX) ? INFINITY : Columns.micros(moment) - EPOCH_MICROS);
    } else if (value instanceof byte[] raw) {
      add(raw);
    } else if (isJson) {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      room(1 + text.length).putInt(1 + text.length).put(JSONB_VERSION).put(text);
    } else {
      add(value.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void add(byte[] element) {
    room(element.length).putInt(element.length).put(element);
  }

  /** The buffer, with room for an element and its length. */
  private ByteBuffer room(int length) {
    int needed = Integer.BYTES + length;
    if (bytes.remaining() < needed) {
      int capacity = Math.max(2 * bytes.capacity(), bytes.position() + needed);
      bytes = ByteBuffer.allocate(capacity).put(bytes.flip());
    }
    return bytes;
  }
}

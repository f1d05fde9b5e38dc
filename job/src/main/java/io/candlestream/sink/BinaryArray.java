package io.candlestream.sink;

import io.candlestream.market.Decimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
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

  private final boolean isJson;
  private ByteBuffer bytes;

  /**
   * @param type of the elements
   * @param oid the number that the database has for it
   * @param size how many elements there will be
   */
  BinaryArray(String type, int oid, int size) {
    isJson = type.equals("jsonb");
    bytes = ByteBuffer.allocate(20 + 16 * size);
    bytes.putInt(1); // dimensions
    bytes.putInt(1); // there may be nulls
    bytes.putInt(oid);
    bytes.putInt(size);
    bytes.putInt(1); // the first index
  }

  /** Adds an element, as {@link Column#value} gives it. */
  void add(Object value) {
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

  byte[] toBytes() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}

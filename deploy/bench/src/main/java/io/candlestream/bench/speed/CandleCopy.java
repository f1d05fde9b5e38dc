package io.candlestream.bench.speed;

import io.candlestream.indicator.CandleRow;
import io.candlestream.sink.Columns;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.util.ByteConverter;

/** Rows by {@code COPY}, in PostgreSQL's binary format. */
final class CandleCopy {

  private static final byte[] SIGNATURE =
      "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final long POSTGRES_EPOCH_MICROS =
      Columns.micros(Instant.parse("2000-01-01T00:00:00Z"));
  private static final int BUFFER = 1 << 16;

  private final String sql;

  CandleCopy(String table) {
    sql =
        "COPY %s (%s) FROM STDIN (FORMAT binary)"
            .formatted(table, CandleField.listed(CandleField.ALL, "%s"));
  }

  /** Copies rows in one statement and transaction. */
  void copy(List<CandleRow> rows, Connection connection) throws SQLException, IOException {
    try (PGCopyOutputStream copy =
            new PGCopyOutputStream(connection.unwrap(PGConnection.class), sql, BUFFER);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(copy, BUFFER))) {
      out.write(SIGNATURE);
      // Neither flags nor an extension of the header.
      out.writeLong(0);
      for (CandleRow row : rows) {
        out.writeShort(CandleField.ALL.size());
        for (CandleField field : CandleField.ALL) {
          write(field.value().apply(row), out);
        }
      }
      out.writeShort(-1);
    }
  }

  private static void write(Object value, DataOutputStream out) throws IOException {
    if (value instanceof String text) {
      write(text.getBytes(StandardCharsets.UTF_8), out);
    } else if (value instanceof Double number) {
      out.writeInt(Double.BYTES);
      out.writeDouble(number);
    } else if (value instanceof BigDecimal number) {
      write(ByteConverter.numeric(number), out);
    } else if (value instanceof Long number) {
      out.writeInt(Long.BYTES);
      out.writeLong(number);
    } else if (value instanceof Boolean flag) {
      out.writeInt(1);
      out.writeBoolean(flag);
    } else if (value instanceof OffsetDateTime time) {
      out.writeInt(Long.BYTES);
      out.writeLong(Columns.micros(time.toInstant()) - POSTGRES_EPOCH_MICROS);
    } else {
      throw new IllegalArgumentException("no column takes " + value);
    }
  }

  private static void write(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}

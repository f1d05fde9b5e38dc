package io.candlestream.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The columns of a table: makes and binds its statement, and shows rows as JSON. */
final class Layout<T> {

  private static final JsonFactory JSON = new JsonFactory();

  private final List<Column<T>> all;

  /**
   * @param all in the order of the statement's parameters
   */
  Layout(List<Column<T>> all) {
    this.all = List.copyOf(all);
  }

  /**
   * A statement that takes a batch, all columns as arrays. A row that is there already is replaced
   * by one that differs, and then has a new {@code updated_at}.
   *
   * @param condition on {@code stored} and {@code excluded}, under which it is replaced
   */
  String upsert(String table, String condition) {
    List<Column<T>> values = all.stream().filter(column -> !column.isKey()).toList();
    return """
    INSERT INTO %s AS stored (%s)
    SELECT %s
    ON CONFLICT (%s) DO UPDATE SET %s, updated_at = now()
    WHERE (%s) IS DISTINCT FROM (%s)
    AND %s
    """
        .formatted(
            table,
            listed(all, "\"%1$s\""),
            listed(all, "unnest(?::%2$s[])"),
            listed(all.stream().filter(Column::isKey).toList(), "\"%1$s\""),
            listed(values, "\"%1$s\" = excluded.\"%1$s\""),
            listed(values, "stored.\"%1$s\""),
            listed(values, "excluded.\"%1$s\""),
            condition);
  }

  /**
   * @param pattern of each column's name and type
   */
  private static <T> String listed(List<Column<T>> columns, String pattern) {
    return columns.stream()
        .map(column -> pattern.formatted(column.name(), column.type()))
        .collect(Collectors.joining(", "));
  }

  /** All parameters of a statement, each one column of the batch as an array. */
  List<BinaryArray> parameters(List<T> rows) {
    List<BinaryArray> parameters = new ArrayList<>(all.size());
    for (Column<T> column : all) {
      parameters.add(BinaryArray.of(column.type(), rows, column.value()));
    }
    return parameters;
  }

  /** Sets all parameters of a statement. */
  void bind(List<T> rows, PreparedStatement statement) throws SQLException {
    BinaryArray.bind(parameters(rows), statement);
  }

  Optional<Column<T>> named(String name) {
    return all.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** The row's primary key, as a JSON object. */
  String key(T row) {
    return json(all.stream().filter(Column::isKey).toList(), row);
  }

  /** The whole row, as a JSON object. */
  String content(T row) {
    return json(all, row);
  }

  /** The time in the row's key; the epoch where it has none. */
  Instant time(T row) {
    return all.stream()
        .filter(column -> column.isKey() && column.type().equals("timestamptz"))
        .findFirst()
        .map(column -> (Instant) column.value().apply(row))
        .orElse(Instant.EPOCH);
  }

  private static <T> String json(List<Column<T>> columns, T row) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      for (Column<T> column : columns) {
        json.writeFieldName(column.name());
        write(column.value().apply(row), column.type(), json);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    return text.toString();
  }

  /** Such that PostgreSQL reads the same value from it: jsonb keeps every digit of a number. */
  private static void write(Object value, String type, JsonGenerator json) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof byte[] bytes) {
      json.writeString("\\x" + HexFormat.of().formatHex(bytes));
    } else if (value instanceof Double number && !Double.isFinite(number)) {
      json.writeString(number.toString());
    } else if (type.equals("jsonb")) {
      json.writeRawValue(value.toString());
    } else if (value instanceof Number || type.equals("numeric")) {
      json.writeNumber(value.toString());
    } else {
      json.writeString(value.toString());
    }
  }
}

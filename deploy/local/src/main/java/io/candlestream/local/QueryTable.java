package io.candlestream.local;

import io.candlestream.config.DatabaseConfig;
import java.io.PrintWriter;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a query finds, as a table for people: text to the left, numbers to the right, each as its
 * type in SQL asks for. A {@code numeric} has all its digits, a {@code double precision} the first
 * few; null is empty.
 *
 * @param title the line above it
 */
record QueryTable(String title, String query) {

  private static final MathContext FIRST_DIGITS = new MathContext(7);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  void print(DatabaseConfig database, PrintWriter out) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                database.url(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      print(found, out);
    }
  }

  private void print(ResultSet found, PrintWriter out) throws SQLException {
    ResultSetMetaData columns = found.getMetaData();
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>();
    for (int column = 1; column <= columns.getColumnCount(); column++) {
      head.add(columns.getColumnLabel(column));
    }
    lines.add(head);
    while (found.next()) {
      List<String> row = new ArrayList<>();
      for (int column = 1; column <= columns.getColumnCount(); column++) {
        row.add(text(found, column, columns.getColumnType(column)));
      }
      lines.add(row);
    }
    out.println();
    out.println(title);
    for (List<String> line : lines) {
      StringBuilder printed = new StringBuilder();
      for (int column = 1; column <= columns.getColumnCount(); column++) {
        String layout =
            "  %%%s%ds".formatted(isNumber(columns, column) ? "" : "-", width(lines, column));
        printed.append(layout.formatted(line.get(column - 1)));
      }
      out.println(printed.toString().stripTrailing());
    }
    out.flush();
  }

  private static boolean isNumber(ResultSetMetaData columns, int column) throws SQLException {
    int type = columns.getColumnType(column);
    return type == Types.NUMERIC || type == Types.DOUBLE || type == Types.BIGINT;
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> line.get(column - 1).length()).max().orElseThrow();
  }

  private static String text(ResultSet row, int column, int type) throws SQLException {
    if (row.getObject(column) == null) {
      return "";
    }
    return switch (type) {
      case Types.NUMERIC -> row.getBigDecimal(column).toPlainString();
      case Types.DOUBLE -> row.getBigDecimal(column).round(FIRST_DIGITS).toPlainString();
      case Types.BIGINT -> String.format(Locale.ROOT, "%,d", row.getLong(column));
      case Types.TIMESTAMP ->
          SECOND.format(
              row.getObject(column, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC));
      default -> row.getString(column);
    };
  }
}

package io.candlestream.servers;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which chunks of hypertables a call really opens, as the executed plans of the queries inside a
 * function tell: a plan may name more, which it then leaves out or never comes to.
 */
public final class ChunksRead implements AutoCloseable {

  private static final List<String> SHOW_NESTED_PLANS =
      List.of(
          "LOAD 'auto_explain'",
          "SET auto_explain.log_min_duration = 0",
          "SET auto_explain.log_nested_statements = on",
          "SET auto_explain.log_analyze = on",
          "SET auto_explain.log_format = text",
          "SET client_min_messages = log");

  /** A node of a plan that was executed; others say {@code (never executed)}. */
  private static final Pattern EXECUTED_ON_CHUNK =
      Pattern.compile("on (?:\\S+\\.)?(_hyper_\\d+_\\d+_chunk)\\b.*\\(actual ");

  private final Connection connection;

  /**
   * @param connection of a superuser; this object's from now on
   */
  public ChunksRead(Connection connection) throws SQLException {
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      for (String setting : SHOW_NESTED_PLANS) {
        statement.execute(setting);
      }
    }
  }

  /**
   * The names of the chunks, in the row store or in the columnstore, that a query opens.
   *
   * @throws IllegalStateException if the server shows no plan
   */
  public Set<String> of(String sql, Object... parameters) throws SQLException {
    Set<String> chunks = new TreeSet<>();
    int plans = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int parameter = 0; parameter < parameters.length; parameter++) {
        statement.setObject(parameter + 1, parameters[parameter]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          // The plan is told when the last row is read.
        }
      }
      for (SQLWarning told = statement.getWarnings(); told != null; told = told.getNextWarning()) {
        if (told.getMessage().startsWith("duration:")) {
          plans++;
          Matcher executed = EXECUTED_ON_CHUNK.matcher(told.getMessage());
          while (executed.find()) {
            chunks.add(executed.group(1));
          }
        }
      }
    }
    if (plans == 0) {
      throw new IllegalStateException("auto_explain shows no plan of " + sql);
    }
    return chunks;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

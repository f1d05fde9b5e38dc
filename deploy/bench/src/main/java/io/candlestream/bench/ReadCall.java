package io.candlestream.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * A query that readers make again and again, each time for something else.
 *
 * @param name what is asked for, in words
 * @param rows how many it must give, whatever the parameters
 * @param parameters draws those of one call
 */
record ReadCall(String name, String sql, long rows, Function<Random, List<Object>> parameters) {

  private static final int WARM_UP_CALLS = 1_000;

  /**
   * Makes the call over and over on pooled connections. A call's time is that of a reader: from
   * asking the pool to the last column of the last row read.
   *
   * @throws IllegalStateException if a call gives another number of rows
   */
  Latencies measure(DataSource pool, int calls, Random random) throws SQLException {
    for (int call = 0; call < Math.min(calls, WARM_UP_CALLS); call++) {
      nanos(pool, random);
    }
    long[] nanos = new long[calls];
    for (int call = 0; call < calls; call++) {
      nanos[call] = nanos(pool, random);
    }
    return Latencies.of(nanos);
  }

  private long nanos(DataSource pool, Random random) throws SQLException {
    Object[] drawn = parameters.apply(random).toArray();
    long start = System.nanoTime();
    long read = 0;
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = BenchDatabase.bound(connection.prepareStatement(sql), drawn);
        ResultSet result = statement.executeQuery()) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        read++;
        for (int column = 1; column <= columns; column++) {
          result.getObject(column);
        }
      }
    }
    long nanos = System.nanoTime() - start;
    if (read != rows) {
      throw new IllegalStateException(
          "%s gave %d rows for %s, not %d".formatted(name, read, List.of(drawn), rows));
    }
    return nanos;
  }
}

package io.candlestream.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Long work in parts that do not wait for each other, on {@link #CONNECTIONS} connections. */
final class AtOnce {

  static final int CONNECTIONS = 2;

  private AtOnce() {}

  /**
   * @return what the parts give, in their order
   * @throws SQLException if one of them fails; those that have not begun are left
   */
  static <T> List<T> run(List<Callable<T>> parts) throws SQLException, InterruptedException {
    ExecutorService workers = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      List<Future<T>> begun = parts.stream().map(workers::submit).toList();
      List<T> results = new ArrayList<>();
      for (Future<T> part : begun) {
        results.add(part.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new SQLException(e.getCause().getMessage(), e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }
}

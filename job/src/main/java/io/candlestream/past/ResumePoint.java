package io.candlestream.past;

import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.config.StartPosition;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Where to go on in a topic without a savepoint: the newest closed candle that is stored, and
 * before it the allowed lateness and one interval, so that every candle that was stored in part, or
 * could still be corrected, is built again.
 *
 * <p>Writers do not write in step: when a job that catches up is killed, the rows of one may be
 * hours behind those of another. So the newest candle is taken of each instrument that was traded
 * in the last day before the newest of all, and the oldest of these counts: to read too much does
 * no harm.
 */
public final class ResumePoint {

  private ResumePoint() {}

  /**
   * The position; the earliest where no candle is stored.
   *
   * @throws ConfigException if the database cannot be asked
   */
  public static StartPosition of(JobConfig config) {
    Instant newest;
    try (Retries database = Retries.reading(config.database(), "candlestream resume")) {
      newest = database.run("read the newest candle", ResumePoint::newestClosed);
    } catch (IOException e) {
      throw new ConfigException(
          List.of("source.kafka.start: resume: %s: %s".formatted(e.getMessage(), e.getCause())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading the newest candle", e);
    }
    return newest == null
        ? new StartPosition(StartPosition.Kind.EARLIEST, null)
        : new StartPosition(
            StartPosition.Kind.TIMESTAMP,
            newest.minus(config.time().allowedLateness()).minus(config.candles().interval()));
  }

  private static Instant newestClosed(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                SELECT min(newest)
                FROM (
                  SELECT max("timestamp") AS newest
                  FROM market_data
                  WHERE closed
                    AND "timestamp" >= (
                      SELECT "timestamp" - INTERVAL '1 day'
                      FROM market_data
                      WHERE closed
                      ORDER BY "timestamp" DESC
                      LIMIT 1
                    )
                  GROUP BY symbol, source
                ) instruments
                """)) {
      result.next();
      OffsetDateTime newest = result.getObject(1, OffsetDateTime.class);
      return newest == null ? null : newest.toInstant();
    }
  }
}

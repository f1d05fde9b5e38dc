package io.candlestream.past;

import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.config.StartPosition;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * Where to go on in a topic without a savepoint: the moment up to which the job has stored all
 * candles, and before it the allowed lateness and one interval, so that every candle that could
 * still be corrected is built again; and before that as much as ticks may be ahead of their
 * records, so that none of these candles lacks one.
 */
public final class ResumePoint {

  private ResumePoint() {}

  /**
   * The position; the earliest where no job of this group has completed a checkpoint.
   *
   * @throws ConfigException if the database cannot be asked
   */
  public static StartPosition of(JobConfig config) {
    try (Retries database = Retries.reading(config.database(), "candlestream resume")) {
      return database
          .run(
              "read how far the job had come",
              connection -> storedUntil(config.source().kafka().groupId(), connection))
          .map(
              until ->
                  until
                      .minus(config.time().allowedLateness())
                      .minus(config.candles().interval())
                      .minus(config.validation().maxAhead()))
          .map(from -> new StartPosition(StartPosition.Kind.TIMESTAMP, from))
          .orElse(new StartPosition(StartPosition.Kind.EARLIEST, null));
    } catch (IOException e) {
      throw new ConfigException(
          List.of("source.kafka.start: resume: %s: %s".formatted(e.getMessage(), e.getCause())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading how far the job had come", e);
    }
  }

  private static Optional<Instant> storedUntil(String job, Connection connection)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT stored_until FROM job_progress WHERE job = ?")) {
      statement.setString(1, job);
      try (ResultSet result = statement.executeQuery()) {
        return result.next()
            ? Optional.of(result.getObject(1, OffsetDateTime.class).toInstant())
            : Optional.empty();
      }
    }
  }
}

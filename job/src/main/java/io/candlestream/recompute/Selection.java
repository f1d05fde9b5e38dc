package io.candlestream.recompute;

import io.candlestream.candle.TouchedRange;
import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.market.Instrument;
import io.candlestream.options.Instruments;
import io.candlestream.options.Moment;
import io.candlestream.recompute.Recompute.Series;
import io.candlestream.sink.Columns;
import io.candlestream.sink.Retries;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is to be recomputed, as the options of a command line say. */
public final class Selection {

  /** Instruments of which retention has left no base candle are in the aggregates alone. */
  private static final String INSTRUMENTS =
      """
      SELECT symbol, source
      FROM market_data
      WHERE "timestamp" >= ?::timestamptz
      UNION
      SELECT symbol, source
      FROM market_data_1d
      WHERE retained_from() > '-infinity'
        AND bucket >= date_bin('1 day', ?::timestamptz, 'epoch')
        AND bucket < retained_from()
      ORDER BY symbol, source
      """;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job's configuration, with any of the keys of conf/job.yaml.")
  private Path config;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      converter = Moment.OrBeginning.class,
      description =
          "From when on: ISO-8601 with zone, such as 2024-08-01T00:00:00Z, or beginning. What is"
              + " before must be right.")
  private Instant from;

  @Mixin private Instruments instruments;

  /** The configuration's file. */
  public Path config() {
    return config;
  }

  /**
   * The series that are stored and selected, in the order of their names.
   *
   * @throws ConfigException if the database cannot be asked
   */
  public List<Series> series(JobConfig job) {
    long fromMicros = Columns.micros(from);
    try (Retries database = Retries.reading(job.database(), "candlestream recompute")) {
      return database
          .run("read which instruments there are", connection -> instruments(connection))
          .stream()
          .filter(instruments::include)
          .map(each -> new Series(each, fromMicros))
          .toList();
    } catch (IOException e) {
      throw new ConfigException(
          List.of("database: %s: %s".formatted(e.getMessage(), e.getCause().getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading which instruments there are", e);
    }
  }

  /** What the rows of a recompute can have changed. */
  public TouchedRange touched() {
    return TouchedRange.since(Columns.micros(from));
  }

  private List<Instrument> instruments(Connection connection) throws SQLException {
    List<Instrument> stored = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(INSTRUMENTS)) {
      String moment = Columns.timestamp(Columns.micros(from)).toString();
      statement.setString(1, moment);
      statement.setString(2, moment);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          stored.add(new Instrument(row.getString("source"), row.getString("symbol")));
        }
      }
    }
    return stored;
  }

  /** That nothing is stored of it, for people. */
  public String noneFound(JobConfig job) {
    return "nothing to recompute: %s has no candle%s%s"
        .formatted(
            job.database().displayUrl(),
            from.equals(Instant.EPOCH) ? "" : " at or after " + from,
            instruments);
  }
}

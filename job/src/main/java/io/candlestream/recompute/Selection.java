package io.candlestream.recompute;

import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Wildcards;
import io.candlestream.market.Instrument;
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
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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
      converter = Moment.class,
      description =
          "From when on: ISO-8601 with zone, such as 2024-08-01T00:00:00Z, or beginning. What is"
              + " before must be right.")
  private Instant from;

  @Option(
      names = "--symbol",
      paramLabel = "PATTERN",
      description =
          "Only these symbols; * stands for any characters, ? for one. Repeatable (default: all).")
  private List<String> symbols = List.of();

  @Option(
      names = "--source",
      paramLabel = "PATTERN",
      description = "Only symbols of these sources, likewise.")
  private List<String> sources = List.of();

  /** Reads a moment; the beginning is the epoch, as no candle is older. */
  private static final class Moment implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      if (text.equals("beginning")) {
        return Instant.EPOCH;
      }
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "'%s' is neither ISO-8601 with zone, such as 2024-08-01T00:00:00Z, nor beginning"
                .formatted(text));
      }
    }
  }

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
    try (Retries database = Retries.apart(job.database(), "candlestream recompute")) {
      return database
          .run("read which instruments there are", connection -> instruments(connection))
          .stream()
          .filter(each -> fits(symbols, each.symbol()) && fits(sources, each.source()))
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

  private List<Instrument> instruments(Connection connection) throws SQLException {
    List<Instrument> instruments = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(INSTRUMENTS)) {
      String moment = Columns.timestamp(Columns.micros(from));
      statement.setString(1, moment);
      statement.setString(2, moment);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          instruments.add(new Instrument(row.getString("source"), row.getString("symbol")));
        }
      }
    }
    return instruments;
  }

  private static boolean fits(List<String> patterns, String name) {
    return patterns.isEmpty()
        || patterns.stream().anyMatch(pattern -> Wildcards.match(pattern, name));
  }

  /** That nothing is stored of it, for people. */
  public String noneFound(JobConfig job) {
    return "nothing to recompute: %s has no candle%s%s%s"
        .formatted(
            job.database().displayUrl(),
            from.equals(Instant.EPOCH) ? "" : " at or after " + from,
            symbols.isEmpty() ? "" : " with a symbol like " + String.join(", ", symbols),
            sources.isEmpty() ? "" : " of a source like " + String.join(", ", sources));
  }
}

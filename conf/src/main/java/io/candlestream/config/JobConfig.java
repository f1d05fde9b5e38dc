package io.candlestream.config;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The configuration of a job, checked and complete. {@code conf/job.yaml} holds every key with its
 * meaning and default.
 *
 * @param timeframes those above the base candle that have indicators of their own, from the
 *     shortest to the longest
 * @param fills where executions of one's own come from
 * @param sentiment where scores of sentiment come from
 */
public record JobConfig(
    SourceConfig source,
    ValidationConfig validation,
    DedupConfig dedup,
    TimeConfig time,
    CandlesConfig candles,
    List<Timeframe> timeframes,
    IndicatorsConfig indicators,
    QualityConfig quality,
    RejectsConfig rejects,
    StreamConfig fills,
    StreamConfig sentiment,
    DatabaseConfig database,
    SchemaConfig schema)
    implements Serializable {

  public JobConfig {
    Objects.requireNonNull(source);
    Objects.requireNonNull(validation);
    Objects.requireNonNull(dedup);
    Objects.requireNonNull(time);
    Objects.requireNonNull(candles);
    timeframes = List.copyOf(timeframes);
    Objects.requireNonNull(indicators);
    Objects.requireNonNull(quality);
    Objects.requireNonNull(rejects);
    Objects.requireNonNull(fills);
    Objects.requireNonNull(sentiment);
    Objects.requireNonNull(database);
    Objects.requireNonNull(schema);
  }

  /** The same on another database. */
  public JobConfig withDatabase(DatabaseConfig other) {
    return with(source, other);
  }

  /** The same, begun elsewhere in the topics of ticks. */
  public JobConfig startingAt(StartPosition start) {
    return with(source.startingAt(start), database);
  }

  private JobConfig with(SourceConfig otherSource, DatabaseConfig otherDatabase) {
    return new JobConfig(
        otherSource,
        validation,
        dedup,
        time,
        candles,
        timeframes,
        indicators,
        quality,
        rejects,
        fills,
        sentiment,
        otherDatabase,
        schema);
  }

  /**
   * The defaults, with {@code file} and then {@code sets} laid over them.
   *
   * @param file YAML, with any part of the keys of {@code conf/job.yaml}
   * @param sets {@code key.path=value} each, of which a later one overrides an earlier
   * @param environment where <code>${NAME}</code> in a value is looked up
   * @throws ConfigException with everything that is wrong, such as a secret that is written out
   */
  public static JobConfig load(Path file, List<String> sets, Map<String, String> environment) {
    Settings settings = new Settings();
    settings.layFile(file);
    sets.forEach(settings::set);
    return JobConfigReader.ofWhatOthersMayRead(settings, environment).read();
  }

  /**
   * The same without a file.
   *
   * @throws ConfigException as above
   */
  public static JobConfig load(List<String> sets, Map<String, String> environment) {
    Settings settings = new Settings();
    sets.forEach(settings::set);
    return JobConfigReader.ofWhatOthersMayRead(settings, environment).read();
  }

  /**
   * The defaults, with {@code sets} laid over them and nothing in the environment. For programs
   * that make up {@code sets} themselves: only here may they hold secrets in plain.
   *
   * @throws ConfigException with everything that is wrong
   */
  public static JobConfig of(List<String> sets) {
    Settings settings = new Settings();
    sets.forEach(settings::set);
    return JobConfigReader.ofThisProgram(settings).read();
  }
}

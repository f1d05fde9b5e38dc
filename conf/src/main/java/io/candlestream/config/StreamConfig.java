package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Where a stream beside that of the ticks comes from, if it is read at all: JSON objects in
 * candlestream's own fields, a record of a topic or a line of a file each.
 *
 * @param type which of {@code kafka} and {@code files} is read: the one that is named, {@code
 *     kafka} where neither is
 * @param kafka the topics, none if files are named; with the brokers that it is read from and all
 *     properties for a consumer there, and the consumer group of the ticks
 * @param files the files, none if topics are named; their names tell nothing
 * @param allowedLateness how much later, in event time, than the newest record one may come and
 *     still count; 0 or more
 */
public record StreamConfig(
    SourceConfig.Type type,
    SourceConfig.Kafka kafka,
    SourceConfig.Files files,
    Duration allowedLateness)
    implements Serializable {

  /** What may no longer come is forgotten so much at a time, and not before. */
  public static final Duration FORGOTTEN_EVERY = Duration.ofHours(1);

  public StreamConfig {
    Objects.requireNonNull(type);
    boolean hasFiles = !files.paths().isEmpty();
    if (hasFiles && !kafka.topics().isEmpty()) {
      throw new IllegalArgumentException("a stream comes from topics or from files, not from both");
    }
    if (hasFiles != (type == SourceConfig.Type.FILES)) {
      throw new IllegalArgumentException("the type of a stream is what it names");
    }
    if (kafka.start().kind() == StartPosition.Kind.RESUME) {
      throw new IllegalArgumentException("only ticks are read from where candles end");
    }
    Scalars.notNegative(allowedLateness);
  }

  /** Whether the stream is read: whether topics or files are named. */
  public boolean isOn() {
    return !kafka.topics().isEmpty() || !files.paths().isEmpty();
  }

  /** Whether what is read ends by itself. */
  public boolean isBounded() {
    return type == SourceConfig.Type.FILES || kafka.isBounded();
  }

  /** How late, by the job's clock, a record may come and still count, if the job keeps up. */
  public Duration stillOpen(TimeConfig time) {
    return allowedLateness.plus(time.outOfOrderness()).plus(FORGOTTEN_EVERY);
  }
}

package io.candlestream.config;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where ticks come from.
 *
 * @param type which of {@code kafka} and {@code files} is read; the other is ignored
 * @param format how a tick is written
 * @param defaultSource the venue of ticks that name none; empty: such a tick is rejected
 * @param kafka the topics
 * @param files the files; some are named if they are what is read
 */
public record SourceConfig(Type type, Format format, String defaultSource, Kafka kafka, Files files)
    implements Serializable {

  private static final Pattern VENUE = Pattern.compile("[A-Za-z0-9_.-]{1,32}");

  public SourceConfig {
    Objects.requireNonNull(type);
    Objects.requireNonNull(format);
    requireVenueOrNone(defaultSource);
    Objects.requireNonNull(kafka);
    if (type == Type.FILES && files.paths().isEmpty()) {
      throw new IllegalArgumentException("a source of files needs a path");
    }
  }

  /** The same, begun elsewhere in its topics. */
  public SourceConfig startingAt(StartPosition start) {
    return new SourceConfig(
        type,
        format,
        defaultSource,
        new Kafka(
            kafka.bootstrapServers(),
            kafka.topics(),
            kafka.groupId(),
            start,
            kafka.stop(),
            kafka.properties()),
        files);
  }

  static String requireVenueOrNone(String venue) {
    if (!venue.isEmpty() && !VENUE.matcher(venue).matches()) {
      throw new IllegalArgumentException("must be empty or 1 to 32 of A-Z a-z 0-9 _ . -");
    }
    return venue;
  }

  /** What kind of source is read. */
  public enum Type {
    /** Topics, without end unless {@link Kafka#stop} says so. */
    KAFKA,
    /** Files, each once, to their end. */
    FILES
  }

  /** How a tick is written. */
  public enum Format {
    /** One JSON object per record or line, in candlestream's own fields. */
    CANONICAL
  }

  /**
   * Kafka topics of ticks.
   *
   * @param bootstrapServers brokers to ask first, {@code host:port}, several with commas between
   * @param topics at least one
   * @param groupId the consumer group under which offsets are committed
   * @param start where a job without a checkpoint begins
   * @param stop where the job ends
   * @param properties further consumer properties, in order; may hold secrets, which {@link
   *     #toString} masks
   */
  public record Kafka(
      String bootstrapServers,
      List<String> topics,
      String groupId,
      StartPosition start,
      StopPosition stop,
      Map<String, String> properties)
      implements Serializable {

    private static final Pattern BROKERS =
        Pattern.compile("[^\\s,]+:\\d{1,5}(\\s*,\\s*[^\\s,]+:\\d{1,5})*");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");
    private static final Pattern SECRET_KEY =
        Pattern.compile("password|secret|jaas|token|key", Pattern.CASE_INSENSITIVE);

    public Kafka {
      requireBrokers(bootstrapServers);
      topics = List.copyOf(topics);
      if (topics.isEmpty()) {
        throw new IllegalArgumentException("a Kafka source needs a topic");
      }
      topics.forEach(Kafka::requireTopic);
      Scalars.notBlank(groupId);
      Objects.requireNonNull(start);
      Objects.requireNonNull(stop);
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    @Override
    public String toString() {
      return "Kafka[bootstrapServers=%s, topics=%s, groupId=%s, start=%s, stop=%s, properties={%s}]"
          .formatted(bootstrapServers, topics, groupId, start, stop, masked(properties));
    }

    /** Properties of a Kafka client, for people: without the secrets that they may hold. */
    static String masked(Map<String, String> properties) {
      List<String> shown = new ArrayList<>();
      properties.forEach((key, value) -> shown.add(key + "=" + (isSecret(key) ? "***" : value)));
      return String.join(", ", shown);
    }

    /** Whether the property named {@code key} may hold a secret. */
    private static boolean isSecret(String key) {
      return SECRET_KEY.matcher(key).find();
    }

    static String requireBrokers(String brokers) {
      if (!BROKERS.matcher(brokers).matches()) {
        throw new IllegalArgumentException("must be host:port, several with commas between");
      }
      return brokers;
    }

    static String requireTopic(String topic) {
      if (!TOPIC.matcher(topic).matches()) {
        throw new IllegalArgumentException(
            "must be a topic: 1 to 249 of A-Z a-z 0-9 . _ - (for several topics write a list)");
      }
      return topic;
    }
  }

  /**
   * Files of ticks.
   *
   * @param paths files, directories and globs, as given
   */
  public record Files(List<String> paths) implements Serializable {

    public Files {
      paths = List.copyOf(paths);
    }
  }
}

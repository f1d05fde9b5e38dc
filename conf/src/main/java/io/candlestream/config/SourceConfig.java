package io.candlestream.config;

import static java.util.stream.Collectors.toSet;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Where ticks come from.
 *
 * @param type which of {@code kafka} and {@code files} is read; the other is ignored
 * @param format the name of the way in which ticks are written; the job knows which there are
 * @param defaultSource the venue of ticks whose record names none; empty: the format's own, or if
 *     it has none, such a tick is rejected
 * @param csv how lines of separated values are read
 * @param kafka the topics; some are named if they are what is read
 * @param files the files; some are named if they are what is read
 */
public record SourceConfig(
    Type type, String format, String defaultSource, Csv csv, Kafka kafka, Files files)
    implements Serializable {

  private static final Pattern VENUE = Pattern.compile("[A-Za-z0-9_.-]{1,32}");

  private static final Pattern FORMAT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");

  public SourceConfig {
    Objects.requireNonNull(type);
    requireFormat(format);
    requireVenueOrNone(defaultSource);
    Objects.requireNonNull(csv);
    Objects.requireNonNull(kafka);
    if (type == Type.KAFKA && kafka.topics().isEmpty()) {
      throw new IllegalArgumentException("a Kafka source needs a topic");
    }
    if (type == Type.FILES && files.paths().isEmpty()) {
      throw new IllegalArgumentException("a source of files needs a path");
    }
    if (needsCsvColumns(type, format, csv.columns())) {
      throw new IllegalArgumentException("lines in a topic have no header: name their columns");
    }
  }

  /** Whether the ticks end by themselves, and with them the job. */
  public boolean isBounded() {
    return type == Type.FILES || kafka.isBounded();
  }

  /** Whether the columns must be configured because no line will ever tell them. */
  static boolean needsCsvColumns(Type type, String format, List<CsvColumn> columns) {
    return type == Type.KAFKA && format.equals("csv") && columns.isEmpty();
  }

  static String requireFormat(String format) {
    if (!FORMAT.matcher(format).matches()) {
      throw new IllegalArgumentException("must be the name of a format, such as canonical");
    }
    return format;
  }

  /** The same, begun elsewhere in its topics. */
  public SourceConfig startingAt(StartPosition start) {
    return with(start, kafka.stop(), kafka.properties());
  }

  /** A stretch of the same topics, read without a trace in the group's committed offsets. */
  public SourceConfig stretch(StartPosition start, StopPosition stop) {
    return with(
        start, stop, kafka.properties().with(Map.of("commit.offsets.on.checkpoint", "false")));
  }

  private SourceConfig with(StartPosition start, StopPosition stop, KafkaProperties properties) {
    return new SourceConfig(
        type,
        format,
        defaultSource,
        csv,
        new Kafka(
            kafka.bootstrapServers(), kafka.topics(), kafka.groupId(), start, stop, properties),
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

  /**
   * Lines of separated values.
   *
   * @param columns what each column holds; empty: the first line of each file says so
   * @param delimiter what stands between two values
   */
  public record Csv(List<CsvColumn> columns, char delimiter) implements Serializable {

    private static final Pattern NO_DELIMITER = Pattern.compile("[A-Za-z0-9.+\"\\s&&[^\t]]|[-\0]");

    public Csv {
      columns = List.copyOf(columns);
      Optional<String> problem = columns.isEmpty() ? Optional.empty() : CsvColumn.problem(columns);
      if (problem.isPresent()) {
        throw new IllegalArgumentException(problem.get());
      }
      requireDelimiter(String.valueOf(delimiter));
    }

    static char requireDelimiter(String text) {
      if (text.length() != 1 || NO_DELIMITER.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "must be one character that no value holds, such as a comma, a semicolon or a tab");
      }
      return text.charAt(0);
    }
  }

  /**
   * Kafka topics, of ticks or of another stream.
   *
   * @param bootstrapServers brokers to ask first, {@code host:port}, several with commas between
   * @param topics what is read; none: nothing
   * @param groupId the consumer group under which offsets are committed
   * @param start where a job without a checkpoint begins
   * @param stop where the job ends
   * @param properties further consumer properties
   */
  public record Kafka(
      String bootstrapServers,
      List<String> topics,
      String groupId,
      StartPosition start,
      StopPosition stop,
      KafkaProperties properties)
      implements Serializable {

    private static final Pattern BROKERS =
        Pattern.compile("[^\\s,]+:\\d{1,5}(\\s*,\\s*[^\\s,]+:\\d{1,5})*");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    public Kafka {
      requireBrokers(bootstrapServers);
      topics = List.copyOf(topics);
      topics.forEach(Kafka::requireTopic);
      Scalars.notBlank(groupId);
      Objects.requireNonNull(start);
      Objects.requireNonNull(stop);
      Objects.requireNonNull(properties);
    }

    /** Whether what is read ends by itself. */
    public boolean isBounded() {
      return stop.kind() != StopPosition.Kind.NEVER;
    }

    /** The brokers of another client: {@code own}, or if it names none, these. */
    String brokersOr(String own) {
      return own.isEmpty() ? bootstrapServers : own;
    }

    /**
     * How another client reaches its brokers. Where they are these, also what the properties here
     * say of connecting; the rest of those is for this consumer.
     *
     * @param own that client's brokers; empty: these
     * @param ofClient what is said of that client itself, which comes first
     */
    KafkaProperties connection(String own, KafkaProperties ofClient) {
      return own.isEmpty() ? properties.ofConnecting().with(ofClient.reveal()) : ofClient;
    }

    /** Whether a broker is named in both, so that they have the same topics. */
    static boolean areSame(String brokers, String others) {
      return !Collections.disjoint(addresses(brokers), addresses(others));
    }

    private static List<String> addresses(String brokers) {
      return List.of(brokers.split("\\s*,\\s*"));
    }

    static String requireBrokersOrNone(String brokers) {
      return brokers.isEmpty() ? brokers : requireBrokers(brokers);
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
   * Files, of ticks or of another stream.
   *
   * @param paths files, directories and globs, as given
   * @param namePattern a regular expression that finds, in the name of a file, its groups {@code
   *     source} and {@code symbol}: those of the ticks that name none; empty: names tell nothing
   */
  public record Files(List<String> paths, String namePattern) implements Serializable {

    private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

    public Files {
      paths = List.copyOf(paths);
      requireNamePattern(namePattern);
    }

    /** Whether the pattern has that group. */
    public boolean namesTell(String group) {
      return namePattern.contains("(?<" + group + ">");
    }

    static String requireNamePattern(String pattern) {
      if (pattern.isEmpty()) {
        return pattern;
      }
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "must be a regular expression (" + e.getDescription() + ")", e);
      }
      Set<String> groups =
          GROUP.matcher(pattern).results().map(group -> group.group(1)).collect(toSet());
      if (groups.isEmpty() || !Set.of("source", "symbol").containsAll(groups)) {
        throw new IllegalArgumentException(
            "must have a group (?<symbol>…) or (?<source>…), and no other named group");
      }
      return pattern;
    }
  }
}

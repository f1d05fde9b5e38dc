package io.candlestream.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.candlestream.config.QualityConfig.SequentialFeed;
import io.candlestream.config.ValidationConfig.Bounds;
import io.candlestream.config.ValidationConfig.SymbolOverride;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Makes the records of the settings. Every key is read before anything is refused, so that all
 * problems are found: a value that is wrong reads as null, and no record is built of one.
 */
final class JobConfigReader {

  /** Values that no message may quote, though they can be refused: a URL may hold a password. */
  private static final Set<String> UNQUOTED = Set.of("database.url");

  private static final int LONGEST_QUOTE = 80;

  private static final String REJECTS_TOPIC = "rejects.topic";

  private static final Map<String, String> OWN_PRODUCER_PROPERTIES =
      Map.of(
          "bootstrap.servers", "set rejects.kafka.bootstrap-servers instead",
          "transactional.id", "leave it out: rejects are sent at least once, without transactions",
          "key.serializer", "leave it out: the job writes bytes",
          "value.serializer", "leave it out: the job writes bytes");

  private static final String IN_PLAIN =
      "holds a secret in plain, where others can read it (the list of processes shows command"
          + " lines); write ${NAME} for an environment variable, or ${file:/path} for a file";

  private final Settings settings;
  private final Interpolation interpolation;
  private final boolean takesSecretsInPlain;
  private final List<String> problems;

  /** The topics that the job reads or writes, of the sections read so far. */
  private final List<Topics> used = new ArrayList<>();

  /** What other sections of Kafka take from the source's; null until it is read, or if wrong. */
  private SourceConfig.Kafka sourceKafka;

  private JobConfigReader(
      Settings settings, Map<String, String> environment, boolean takesSecretsInPlain) {
    this.settings = settings;
    this.interpolation = new Interpolation(environment);
    this.takesSecretsInPlain = takesSecretsInPlain;
    this.problems = settings.problems();
  }

  /** Of settings from files and command lines, which must leave secrets open. */
  static JobConfigReader ofWhatOthersMayRead(Settings settings, Map<String, String> environment) {
    return new JobConfigReader(settings, environment, false);
  }

  /** Of settings that were never outside of this program. */
  static JobConfigReader ofThisProgram(Settings settings) {
    return new JobConfigReader(settings, Map.of(), true);
  }

  /**
   * The configuration.
   *
   * @throws ConfigException with everything that is wrong
   */
  JobConfig read() {
    SourceConfig source = source();
    ValidationConfig validation = validation();
    DedupConfig dedup = dedup();
    TimeConfig time = time();
    CandlesConfig candles = candles();
    List<Timeframe> timeframes = timeframes(candles);
    IndicatorsConfig indicators = indicators();
    QualityConfig quality = quality();
    RejectsConfig rejects = rejects();
    StreamConfig fills = fills(time);
    StreamConfig sentiment = stream("sentiment");
    requireEnd("fills", fills, source);
    requireEnd("sentiment", sentiment, source);
    DatabaseConfig database = database();
    SchemaConfig schema = schema(time, fills, sentiment);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new JobConfig(
        source,
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
        database,
        schema);
  }

  private SourceConfig source() {
    SourceConfig.Type type = choice("source.type", SourceConfig.Type.class);
    String format = value("source.format", SourceConfig::requireFormat);
    String defaultSource = value("source.default-source", SourceConfig::requireVenueOrNone);
    SourceConfig.Csv csv = csv();
    sourceKafka = sourceKafka();
    if (type == SourceConfig.Type.KAFKA && sourceKafka != null) {
      use(new Topics("source.kafka.topics", sourceKafka.bootstrapServers(), sourceKafka.topics()));
    }
    List<String> paths = values("source.files.paths", Scalars::notBlank);
    if (type == SourceConfig.Type.FILES && paths.isEmpty()) {
      problems.add("source.files.paths: must name a path, as source.type is files");
    }
    String namePattern = value("source.files.name-pattern", SourceConfig.Files::requireNamePattern);
    if (csv != null
        && format != null
        && SourceConfig.needsCsvColumns(type, format, csv.columns())) {
      problems.add("source.csv.columns: must name the columns, as lines in a topic have no header");
    }
    return built(
        () ->
            new SourceConfig(
                type,
                format,
                defaultSource,
                csv,
                sourceKafka,
                new SourceConfig.Files(paths, namePattern)));
  }

  private SourceConfig.Csv csv() {
    List<CsvColumn> columns = values("source.csv.columns", CsvColumn::parse);
    Character delimiter = value("source.csv.delimiter", SourceConfig.Csv::requireDelimiter);
    if (columns.contains(null) || delimiter == null) {
      return null;
    }
    Optional<String> problem = columns.isEmpty() ? Optional.empty() : CsvColumn.problem(columns);
    problem.ifPresent(text -> problems.add("source.csv.columns: " + text));
    return problem.isPresent() ? null : new SourceConfig.Csv(columns, delimiter);
  }

  private SourceConfig.Kafka sourceKafka() {
    String brokers = value("source.kafka.bootstrap-servers", SourceConfig.Kafka::requireBrokers);
    List<String> topics = values("source.kafka.topics", SourceConfig.Kafka::requireTopic);
    if (topics.isEmpty()) {
      problems.add("source.kafka.topics: must name a topic");
    }
    String groupId = value("source.kafka.group-id", Scalars::notBlank);
    return kafka(
        "source.kafka", brokers, topics, groupId, StartPosition::parse, UnaryOperator.identity());
  }

  /**
   * Topics and how they are read; null if something of that was wrong.
   *
   * @param section the key above those that say the rest of it
   * @param complete makes of the section's properties all those that the consumer needs
   */
  private SourceConfig.Kafka kafka(
      String section,
      String brokers,
      List<String> topics,
      String groupId,
      Function<String, StartPosition> parseStart,
      UnaryOperator<KafkaProperties> complete) {
    StartPosition start = value(section + ".start", parseStart);
    StopPosition stop = value(section + ".stop", StopPosition::parse);
    if (start != null && stop != null && nothingBetween(start, stop)) {
      problems.add(
          "%s.stop: %s is not after %s.start: %s, so nothing would be read"
              .formatted(section, stop, section, start));
    }
    KafkaProperties properties =
        kafkaProperties(section + ".properties", ownConsumerProperties(section));
    boolean whole =
        brokers != null
            && !topics.contains(null)
            && groupId != null
            && start != null
            && stop != null;
    return whole
        ? new SourceConfig.Kafka(brokers, topics, groupId, start, stop, complete.apply(properties))
        : null;
  }

  private static Map<String, String> ownConsumerProperties(String section) {
    return Map.of(
        "bootstrap.servers", "set %s.bootstrap-servers instead".formatted(section),
        "group.id", "set source.kafka.group-id instead",
        "auto.offset.reset", "set %s.start instead".formatted(section),
        "enable.auto.commit", "leave it out: offsets are committed with checkpoints",
        "key.deserializer", "leave it out: the job reads bytes",
        "value.deserializer", "leave it out: the job reads bytes");
  }

  private static boolean nothingBetween(StartPosition start, StopPosition stop) {
    return switch (start.kind()) {
      case COMMITTED, EARLIEST, RESUME -> false;
      case LATEST -> stop.kind() == StopPosition.Kind.LATEST;
      case TIMESTAMP ->
          stop.kind() == StopPosition.Kind.TIMESTAMP
              && !stop.timestamp().isAfter(start.timestamp());
    };
  }

  /**
   * Topics that the job reads or writes.
   *
   * @param key the key that names them
   */
  private record Topics(String key, String brokers, List<String> names) {

    private boolean areRejects() {
      return key.equals(REJECTS_TOPIC);
    }

    /** What comes of reading these where the others are read or written, or the reverse. */
    private String conflict(Topics others) {
      return areRejects() || others.areRejects()
          ? "each reject would be read and rejected again, without end"
          : "each stream would reject the other's records";
    }
  }

  /** Reports those that an earlier section uses as well, if they are on the same brokers. */
  private void use(Topics topics) {
    for (Topics others : used) {
      if (SourceConfig.Kafka.areSame(topics.brokers(), others.brokers())) {
        topics.names().stream()
            .filter(others.names()::contains)
            .distinct()
            .forEach(
                name ->
                    problems.add(
                        "%s: %s is %s%s: %s"
                            .formatted(
                                topics.key(),
                                name,
                                others.areRejects() ? "" : "among ",
                                others.key(),
                                topics.conflict(others))));
      }
    }
    used.add(topics);
  }

  /**
   * Properties for a client of Kafka's.
   *
   * @param own those that the job sets itself, each with what to do instead
   */
  private KafkaProperties kafkaProperties(String path, Map<String, String> own) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : entries(path)) {
      String name = entry.getKey();
      if (own.containsKey(name)) {
        problems.add(path + "." + name + ": " + own.get(name));
      }
      properties.put(name, kafkaProperty(path + "." + name, name, entry.getValue()));
    }
    return new KafkaProperties(properties);
  }

  private String kafkaProperty(String path, String name, JsonNode node) {
    if (!name.equals(KafkaProperties.JAAS)) {
      requireOpen(
          path, node, text -> !KafkaProperties.isSecret(name) || Interpolation.isLeftOpen(text));
      return scalar(path, node, Function.identity());
    }
    requireOpen(path, node, text -> JaasText.secretsFollow(Interpolation::isLeftOpen, text));
    boolean isWhole = node.isTextual() && Interpolation.isLeftOpen(node.textValue());
    return scalar(
        path, node, isWhole ? UnaryOperator.identity() : JaasText::quoted, Function.identity());
  }

  /** Reports a secret in plain. */
  private void requireOpen(String path, JsonNode node, Predicate<String> isOpen) {
    if (!takesSecretsInPlain && node.isTextual() && !isOpen.test(node.textValue())) {
      problems.add(path + ": " + IN_PLAIN);
    }
  }

  private ValidationConfig validation() {
    Range price = range("validation.price");
    Bounds priceBounds = bounds(price);
    Range size = range("validation.size");
    Bounds sizeBounds = bounds(size);
    Duration maxAge = value("validation.max-age", Scalars::duration);
    Duration maxAhead = value("validation.max-ahead", Scalars::duration);
    List<SymbolOverride> overrides = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : entries("validation.overrides")) {
      String pattern = entry.getKey();
      String path = "validation.overrides." + pattern;
      JsonNode own = section(path, entry.getValue(), "price", "size");
      Bounds ownPrice =
          own.has("price") ? bounds(range(path + ".price", own.get("price"), price)) : priceBounds;
      Bounds ownSize =
          own.has("size") ? bounds(range(path + ".size", own.get("size"), size)) : sizeBounds;
      scalar(path, TextNode.valueOf(pattern), SymbolOverride::requirePattern);
      overrides.add(built(() -> new SymbolOverride(pattern, ownPrice, ownSize)));
    }
    return built(() -> new ValidationConfig(priceBounds, sizeBounds, maxAge, maxAhead, overrides));
  }

  /** One end of a range, with the key that it comes from; no value: it was wrong. */
  private record End(String path, BigDecimal value) {}

  private record Range(End min, End max) {}

  private Range range(String path) {
    return new Range(
        end(path + ".min", settings.get(path + ".min")),
        end(path + ".max", settings.get(path + ".max")));
  }

  /** The range at {@code path}; an end that it leaves out is the general one. */
  private Range range(String path, JsonNode node, Range general) {
    JsonNode own = section(path, node, "min", "max");
    return new Range(
        own.has("min") ? end(path + ".min", own.get("min")) : general.min(),
        own.has("max") ? end(path + ".max", own.get("max")) : general.max());
  }

  private End end(String path, JsonNode node) {
    return new End(path, scalar(path, node, text -> Scalars.notNegative(Scalars.decimal(text))));
  }

  private Bounds bounds(Range range) {
    BigDecimal min = range.min().value();
    BigDecimal max = range.max().value();
    if (min == null || max == null) {
      return null;
    }
    if (min.compareTo(max) > 0) {
      problems.add(
          "%s: %s is above %s: %s"
              .formatted(
                  range.min().path(),
                  min.toPlainString(),
                  range.max().path(),
                  max.toPlainString()));
      return null;
    }
    return new Bounds(min, max);
  }

  private DedupConfig dedup() {
    DedupConfig.WithoutId withoutId = choice("dedup.without-id", DedupConfig.WithoutId.class);
    return built(() -> new DedupConfig(withoutId));
  }

  private TimeConfig time() {
    Duration outOfOrderness = value("time.out-of-orderness", Scalars::duration);
    Duration allowedLateness = value("time.allowed-lateness", Scalars::duration);
    Duration idleTimeout = value("time.idle-timeout", JobConfigReader::positive);
    boolean whole = outOfOrderness != null && allowedLateness != null && idleTimeout != null;
    return whole ? new TimeConfig(outOfOrderness, allowedLateness, idleTimeout) : null;
  }

  private CandlesConfig candles() {
    Duration interval =
        value("candles.interval", text -> CandlesConfig.requireInterval(Scalars.duration(text)));
    Duration liveEvery = value("candles.live-every", Scalars::duration);
    Boolean fillGaps = value("candles.fill-gaps", Scalars::flag);
    return built(() -> new CandlesConfig(interval, liveEvery, fillGaps));
  }

  /** Where the base candle is itself five minutes long, 5m stands for nothing beside it. */
  private List<Timeframe> timeframes(CandlesConfig candles) {
    List<Timeframe> named = new ArrayList<>(values("timeframes", Timeframe::parse));
    return candles == null
        ? List.of()
        : named.stream()
            .filter(Objects::nonNull)
            .filter(timeframe -> timeframe.length().compareTo(candles.interval()) > 0)
            .distinct()
            .sorted()
            .toList();
  }

  private IndicatorsConfig indicators() {
    Boolean warmStart = value("indicators.warm-start", Scalars::flag);
    Integer generation =
        value(
            "indicators.generation",
            text -> Scalars.within(0, IndicatorsConfig.MAX_GENERATION, Scalars.wholeNumber(text)));
    if (Boolean.FALSE.equals(warmStart) && generation != null && generation > 0) {
      problems.add(
          ("indicators.generation: %d has instruments begin from the database, which"
                  + " indicators.warm-start: false rules out; set one or the other")
              .formatted(generation));
      return null;
    }
    return built(() -> new IndicatorsConfig(warmStart, generation));
  }

  private QualityConfig quality() {
    QualityConfig.OnAnomaly onAnomaly = choice("quality.on-anomaly", QualityConfig.OnAnomaly.class);
    QualityConfig.PriceSpike priceSpike = priceSpike("quality.price-spike");
    QualityConfig.SizeSpike sizeSpike = sizeSpike("quality.size-spike");
    List<SequentialFeed> sequential = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : entries("quality.sequential")) {
      String pattern = entry.getKey();
      String path = "quality.sequential." + pattern;
      scalar(path, TextNode.valueOf(pattern), SequentialFeed::requirePattern);
      QualityConfig.SequenceField field =
          scalar(
              path,
              entry.getValue(),
              text -> Scalars.choice(QualityConfig.SequenceField.class, text));
      sequential.add(built(() -> new SequentialFeed(pattern, field)));
    }
    Boolean conflictingDuplicate = value("quality.conflicting-duplicate", Scalars::flag);
    Duration silentAfter = value("quality.silent-after", Scalars::duration);
    return built(
        () ->
            new QualityConfig(
                onAnomaly, priceSpike, sizeSpike, sequential, conflictingDuplicate, silentAfter));
  }

  private QualityConfig.PriceSpike priceSpike(String path) {
    Boolean enabled = value(path + ".enabled", Scalars::flag);
    QualityConfig.Window window = window(path);
    Double k = k(path);
    Double floor =
        value(path + ".floor", text -> Scalars.within(0, 1, Scalars.decimal(text).doubleValue()));
    return built(() -> new QualityConfig.PriceSpike(enabled, window, k, floor));
  }

  private QualityConfig.SizeSpike sizeSpike(String path) {
    Boolean enabled = value(path + ".enabled", Scalars::flag);
    QualityConfig.Window window = window(path);
    Double k = k(path);
    Double factor =
        value(
            path + ".factor",
            text -> QualityConfig.SizeSpike.requireFactor(Scalars.decimal(text).doubleValue()));
    return built(() -> new QualityConfig.SizeSpike(enabled, window, k, factor));
  }

  private Double k(String path) {
    return value(
        path + ".k",
        text ->
            Scalars.within(
                0, QualityConfig.PriceSpike.LARGEST_K, Scalars.decimal(text).doubleValue()));
  }

  private QualityConfig.Window window(String path) {
    Integer window = value(path + ".window", JobConfigReader::ticksOfWindow);
    Integer level = value(path + ".level", JobConfigReader::ticksOfWindow);
    Duration maxAge = value(path + ".max-age", Scalars::duration);
    if (window != null && level != null && window < level) {
      problems.add(
          "%s.window: %d is below %s.level: %d: there would never be a verdict"
              .formatted(path, window, path, level));
    }
    return built(() -> new QualityConfig.Window(window, level, maxAge));
  }

  private static int ticksOfWindow(String text) {
    return Scalars.within(
        QualityConfig.Window.LEAST_LEVEL, QualityConfig.Window.LONGEST, Scalars.wholeNumber(text));
  }

  private RejectsConfig rejects() {
    String topic = value(REJECTS_TOPIC, RejectsConfig::requireTopicOrNone);
    String brokers =
        value("rejects.kafka.bootstrap-servers", SourceConfig.Kafka::requireBrokersOrNone);
    KafkaProperties properties =
        kafkaProperties("rejects.kafka.properties", OWN_PRODUCER_PROPERTIES);
    if (topic == null || brokers == null) {
      return null;
    }
    RejectsConfig rejects = new RejectsConfig(topic, brokers, properties);
    if (rejects.hasTopic() && sourceKafka != null) {
      use(new Topics(REJECTS_TOPIC, rejects.brokers(sourceKafka), List.of(topic)));
    }
    return rejects;
  }

  /**
   * @param time null if it was wrong
   */
  private StreamConfig fills(TimeConfig time) {
    StreamConfig fills = stream("fills");
    if (fills != null
        && fills.isOn()
        && time != null
        && fills.allowedLateness().compareTo(time.allowedLateness()) < 0) {
      problems.add(
          ("fills.allowed-lateness: %s is below time.allowed-lateness: %s: candles can still be"
                  + " corrected for so long, and their snapshots need the positions of then")
              .formatted(
                  Durations.text(fills.allowedLateness()), Durations.text(time.allowedLateness())));
    }
    return fills;
  }

  /**
   * A job is over when all that it reads is: a backfill with a topic beside it never would be.
   *
   * @param stream null if it was wrong, as the source
   */
  private void requireEnd(String section, StreamConfig stream, SourceConfig source) {
    if (stream != null
        && stream.isOn()
        && source != null
        && source.isBounded()
        && !stream.isBounded()) {
      problems.add(
          ("%1$s.kafka.stop: must not be never where the ticks end (%2$s), or the job would not;"
                  + " set it to latest, or leave %1$s.kafka.topics empty")
              .formatted(
                  section,
                  source.type() == SourceConfig.Type.FILES
                      ? "source.type: files"
                      : "source.kafka.stop"));
    }
  }

  /** A stream beside that of the ticks; null if something of it, or of source.kafka, was wrong. */
  private StreamConfig stream(String section) {
    String own =
        value(section + ".kafka.bootstrap-servers", SourceConfig.Kafka::requireBrokersOrNone);
    List<String> topics = values(section + ".kafka.topics", SourceConfig.Kafka::requireTopic);
    boolean known = own != null && sourceKafka != null;
    SourceConfig.Kafka kafka =
        kafka(
            section + ".kafka",
            known ? sourceKafka.brokersOr(own) : null,
            topics,
            known ? sourceKafka.groupId() : null,
            StartPosition::parseWithoutResume,
            properties -> sourceKafka.connection(own, properties));
    if (kafka != null) {
      use(new Topics(section + ".kafka.topics", kafka.bootstrapServers(), topics));
    }
    List<String> paths = values(section + ".files.paths", Scalars::notBlank);
    if (!topics.isEmpty() && !paths.isEmpty()) {
      problems.add(section + ": topics and files are named; give one");
      kafka = null;
    }
    Duration allowedLateness = value(section + ".allowed-lateness", Scalars::duration);
    boolean whole = kafka != null && !paths.contains(null) && allowedLateness != null;
    return whole
        ? new StreamConfig(
            paths.isEmpty() ? SourceConfig.Type.KAFKA : SourceConfig.Type.FILES,
            kafka,
            new SourceConfig.Files(paths, ""),
            allowedLateness)
        : null;
  }

  private DatabaseConfig database() {
    String url = value("database.url", DatabaseConfig::requirePostgresqlUrl);
    if (url != null) {
      requireOpen(
          "database.url", settings.get("database.url"), DatabaseConfig::leavesPasswordsOpen);
    }
    String user = value("database.user", Scalars::notBlank);
    requireOpen("database.password", settings.get("database.password"), Interpolation::isLeftOpen);
    Secret password = value("database.password", Secret::new);
    Integer batchSize =
        value(
            "database.batch-size",
            text -> Scalars.within(1, DatabaseConfig.MAX_BATCH_SIZE, Scalars.wholeNumber(text)));
    Duration flushEvery = value("database.flush-every", JobConfigReader::positive);
    Integer maxRetries =
        value(
            "database.max-retries",
            text -> Scalars.within(0, DatabaseConfig.MAX_RETRIES, Scalars.wholeNumber(text)));
    Boolean allowShrink = value("database.allow-shrink", Scalars::flag);
    return built(
        () ->
            new DatabaseConfig(
                url, user, password, batchSize, flushEvery, maxRetries, allowShrink));
  }

  /**
   * @param time null if it was wrong, as each of the streams
   */
  private SchemaConfig schema(TimeConfig time, StreamConfig fills, StreamConfig sentiment) {
    SchemaConfig.Edition edition = choice("schema.edition", SchemaConfig.Edition.class);
    Duration startOffset = value("schema.refresh.start-offset", JobConfigReader::positive);
    Map<Timeframe, Duration> every = timeframes("schema.refresh.every", JobConfigReader::positive);
    Duration columnstoreAfter = value("schema.columnstore.after", Scalars::duration);
    Duration base = value("schema.retention.base", Scalars::duration);
    Map<Timeframe, Duration> retention = timeframes("schema.retention", Scalars::duration);
    Duration rejectedTicks = value("schema.retention.rejected-ticks", Scalars::duration);
    Duration qualityEvents = value("schema.retention.quality-events", Scalars::duration);
    Duration rejectedRows = value("schema.retention.rejected-rows", Scalars::duration);
    Duration tradeHistory = value("schema.retention.trade-history", Scalars::duration);
    Duration portfolioSnapshots = value("schema.retention.portfolio-snapshots", Scalars::duration);
    Duration sentimentData = value("schema.retention.sentiment-data", Scalars::duration);
    Duration staleAfter = value("schema.stale-after", Scalars::duration);
    if (time != null && startOffset != null && base != null && columnstoreAfter != null) {
      requireSafe(time, startOffset, base, columnstoreAfter);
      requireSettled("fills", fills, time, columnstoreAfter);
      requireSettled("sentiment", sentiment, time, columnstoreAfter);
    }
    if (startOffset != null && !retention.containsValue(null)) {
      requireKept(startOffset, retention);
    }
    requireConvertedBefore(columnstoreAfter, "base", base);
    requireConvertedBefore(columnstoreAfter, "trade-history", tradeHistory);
    requireConvertedBefore(columnstoreAfter, "portfolio-snapshots", portfolioSnapshots);
    requireConvertedBefore(columnstoreAfter, "sentiment-data", sentimentData);
    if (time != null && sentiment != null && startOffset != null && sentimentData != null) {
      requireSentimentKept(sentiment.stillOpen(time), startOffset, sentimentData);
    }
    return built(
        () ->
            new SchemaConfig(
                edition,
                new SchemaConfig.Refresh(startOffset, every),
                columnstoreAfter,
                new SchemaConfig.Retention(
                    base,
                    retention,
                    rejectedTicks,
                    qualityEvents,
                    rejectedRows,
                    tradeHistory,
                    portfolioSnapshots,
                    sentimentData),
                staleAfter));
  }

  /** What one policy does must not undo, or be undone by, another's, nor by a late tick. */
  private void requireSafe(
      TimeConfig time, Duration startOffset, Duration base, Duration columnstoreAfter) {
    if (!base.isZero() && startOffset.plus(SchemaConfig.CHUNK).compareTo(base) > 0) {
      problems.add(
          ("schema.refresh.start-offset: %s is not a day below schema.retention.base: %s: a refresh"
                  + " that reaches what retention has dropped would empty the aggregates there")
              .formatted(Durations.text(startOffset), Durations.text(base)));
    }
    Duration open = time.stillOpen();
    Duration least = Timeframe.ONE_DAY.length().multipliedBy(3).plus(open);
    if (startOffset.compareTo(least) < 0) {
      problems.add(
          ("schema.refresh.start-offset: must be at least %s, 3d + time.allowed-lateness +"
                  + " time.out-of-orderness, but is %s")
              .formatted(Durations.words(least), Durations.text(startOffset)));
    }
    requireSettled("time", open, columnstoreAfter);
  }

  /**
   * @param columnstoreAfter null if it was wrong
   * @param keep the same
   */
  private void requireConvertedBefore(Duration columnstoreAfter, String key, Duration keep) {
    if (columnstoreAfter != null
        && keep != null
        && !keep.isZero()
        && columnstoreAfter.compareTo(keep) >= 0) {
      problems.add(
          "schema.columnstore.after: %s is not below schema.retention.%s: %s: chunks would be dropped before"
              .formatted(Durations.text(columnstoreAfter), key, Durations.text(keep)));
    }
  }

  private void requireSentimentKept(Duration stillOpen, Duration startOffset, Duration keep) {
    Duration least =
        SchemaConfig.Refresh.startOffsetOfSentiment(startOffset, stillOpen)
            .plus(SchemaConfig.SENTIMENT_CHUNK);
    if (!keep.isZero() && keep.compareTo(least) < 0) {
      problems.add(
          ("schema.retention.sentiment-data: must be 0 or at least %s, 7d more than its refreshes"
                  + " look back, but is %s: a refresh that reaches what retention has dropped would"
                  + " empty the aggregates there")
              .formatted(Durations.words(least), Durations.text(keep)));
    }
  }

  /** Of a stream, if it is read. */
  private void requireSettled(
      String section, StreamConfig stream, TimeConfig time, Duration columnstoreAfter) {
    if (stream != null && stream.isOn()) {
      requireSettled(
          section, stream.allowedLateness().plus(time.outOfOrderness()), columnstoreAfter);
    }
  }

  /**
   * Rows that change while they are in the columnstore are right, but slow.
   *
   * @param open how long they can change, by what the section allows
   */
  private void requireSettled(String section, Duration open, Duration columnstoreAfter) {
    if (!columnstoreAfter.isZero() && columnstoreAfter.compareTo(open) <= 0) {
      problems.add(
          ("schema.columnstore.after: must be 0 or more than %s, %s.allowed-lateness +"
                  + " time.out-of-orderness, but is %s")
              .formatted(Durations.words(open), section, Durations.text(columnstoreAfter)));
    }
  }

  /** Or a refresh would bring back in part what was dropped. */
  private void requireKept(Duration startOffset, Map<Timeframe, Duration> retention) {
    retention.forEach(
        (timeframe, keep) -> {
          if (!keep.isZero() && startOffset.plus(SchemaConfig.CHUNK).compareTo(keep) > 0) {
            problems.add(
                ("schema.retention.%s: %s is not a day above schema.refresh.start-offset: %s: a"
                        + " refresh would bring candles back that were dropped")
                    .formatted(
                        timeframe.word(), Durations.text(keep), Durations.text(startOffset)));
          }
        });
  }

  private static Duration positive(String text) {
    return Scalars.positive(Scalars.duration(text));
  }

  /** The durations that a section holds under the timeframes' words. */
  private Map<Timeframe, Duration> timeframes(String section, Function<String, Duration> parse) {
    Map<Timeframe, Duration> durations = new EnumMap<>(Timeframe.class);
    for (Timeframe timeframe : Timeframe.values()) {
      durations.put(timeframe, value(section + "." + timeframe.word(), parse));
    }
    return durations;
  }

  /** The record, if nothing was wrong so far and all that it needs is there; else null. */
  private <T> T built(Supplier<T> newRecord) {
    return problems.isEmpty() ? newRecord.get() : null;
  }

  private <E extends Enum<E>> E choice(String path, Class<E> type) {
    return value(path, text -> Scalars.choice(type, text));
  }

  private <T> T value(String path, Function<String, T> parse) {
    return scalar(path, settings.get(path), parse);
  }

  /** A list, for which a single value may stand; null in it for each item that is wrong. */
  private <T> List<T> values(String path, Function<String, T> parse) {
    JsonNode node = settings.get(path);
    List<T> values = new ArrayList<>();
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        values.add(scalar(path + "[" + i + "]", node.get(i), parse));
      }
    } else {
      values.add(scalar(path, node, parse));
    }
    return values;
  }

  /** The entries of a free map, in their order. */
  private Set<Map.Entry<String, JsonNode>> entries(String path) {
    return section(path, settings.get(path)).properties();
  }

  /**
   * The node as a map; empty if it is none, which is reported.
   *
   * @param keys the keys it may have; none: any
   */
  private ObjectNode section(String path, JsonNode node, String... keys) {
    if (node.isObject()) {
      Set<String> known = Set.of(keys);
      node.fieldNames()
          .forEachRemaining(
              key -> {
                if (!known.isEmpty() && !known.contains(key)) {
                  problems.add(
                      path
                          + "."
                          + key
                          + ": unknown key; known here are "
                          + String.join(" and ", keys));
                }
              });
      return (ObjectNode) node;
    }
    if (node.isTextual() || node.isArray()) {
      problems.add(
          path + ": must be a map" + (keys.length == 0 ? "" : " of " + String.join(" and ", keys)));
    }
    return JsonNodeFactory.instance.objectNode();
  }

  private <T> T scalar(String path, JsonNode node, Function<String, T> parse) {
    return scalar(path, node, UnaryOperator.identity(), parse);
  }

  /**
   * @param written how what is filled in is written
   */
  private <T> T scalar(
      String path, JsonNode node, UnaryOperator<String> written, Function<String, T> parse) {
    if (node.isMissingNode()) {
      return null;
    }
    if (node.isNull()) {
      problems.add(
          path + ": has no value; give one (\"\" for an empty text), or leave the key out");
      return null;
    }
    if (!node.isTextual()) {
      problems.add(path + ": must be a single value, not a " + (node.isArray() ? "list" : "map"));
      return null;
    }
    String text;
    try {
      text = interpolation.apply(node.textValue(), written);
    } catch (IllegalArgumentException e) {
      problems.add(path + ": " + e.getMessage());
      return null;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      // Quoted as it was written, so that nothing from the environment or a file is shown.
      problems.add(
          path
              + ": "
              + e.getMessage()
              + (UNQUOTED.contains(path) ? "" : ", but is " + quoted(node.textValue())));
      return null;
    }
  }

  private static String quoted(String text) {
    String line = text.replace("\n", "\\n");
    String start = line.length() > LONGEST_QUOTE ? line.substring(0, LONGEST_QUOTE) + "…" : line;
    return start.isBlank() ? '"' + start + '"' : start;
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.Pipeline;
import io.candlestream.Sinks;
import io.candlestream.Sources;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.ingest.Decoding;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.market.Input;
import io.candlestream.market.Tick;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.BatchPortfolio;
import io.candlestream.oracle.BatchPortfolio.OneClose;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.past.StoredCandles;
import io.candlestream.servers.Edition;
import io.candlestream.stack.SavepointFixture.Kind;
import io.candlestream.stack.SavepointFixture.Line;
import io.candlestream.state.SavepointStates;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The savepoints that releases have left here are restored, and the job goes on from each to the
 * tables of all records. What the old release had written by then is written by the job of now,
 * whose own savepoint then tells what it would make of the old one.
 *
 * <p>{@code -Dcandlestream.write-savepoint} writes those of the version that is built.
 */
class SavepointsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final String VERSION = System.getProperty("candlestream.version");

  /** Of each topic; part of the savepoints, as their names are. */
  private static final int PARTITIONS = 2;

  private static final int INSTRUMENTS = 5;
  private static final int WRITTEN_AT_PARALLELISM = 1;
  private static final int RESTORED_AT_PARALLELISM = 3;

  /** Minutes before the savepoint, so that the watermark is past it when nearly all is read. */
  private static final Instant SURELY_CLOSED = Instant.parse("2024-08-08T23:57:00Z");

  /** When all records were written: after every tick, so that none is ahead of its record. */
  private static final Instant RECORDED = Instant.parse("2024-08-09T12:00:00Z");

  private static final Decoding DECODING = new Decoding(JobConfig.of(List.of()).validation());

  private static final String EVENTS =
      """
      SELECT kind, symbol, (extract(epoch FROM "timestamp") * 1000000)::bigint, identity
        FROM data_quality_events
      """;

  private static final String REJECTS =
      """
      SELECT stream, partition, "offset", array_to_string(reasons, ','), convert_from(raw, 'UTF8')
        FROM rejected_ticks
      """;

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
  private final Map<Input, Topic> topics = new EnumMap<>(Input.class);
  private Topic rejects;

  @AfterEach
  void drop() {
    topics.values().forEach(Topic::close);
    if (rejects != null) {
      rejects.close();
    }
    database.close();
  }

  static Stream<Arguments> fixturesAndBackends() throws IOException {
    return SavepointFixture.all().stream()
        .flatMap(
            fixture ->
                Stream.of("hashmap", "rocksdb").map(backend -> Arguments.of(fixture, backend)));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("fixturesAndBackends")
  void theJobGoesOnFromTheSavepointOfARelease(SavepointFixture fixture, String backend)
      throws Exception {
    List<Line> before = fixture.before();
    List<Line> after = fixture.after();
    String ofNow = readBefore(fixture.kind(), before, after, env -> {});
    assertThat(problems(fixture, ofNow)).as("the savepoint of %s", fixture).isEmpty();

    JobRun job;
    try {
      job = goOn(fixture, backend, after);
    } catch (AssertionError e) {
      throw new AssertionError(
          ("the job does not go on from the savepoint of %s on %s, although all its serializers say"
                  + " that they can read it: one may read other bytes than it wrote")
              .formatted(fixture, backend),
          e);
    }

    List<Line> all = Stream.concat(before.stream(), after.stream()).toList();
    for (Input stream : streams(all)) {
      List<Line> lines = of(stream, all);
      assertThat(job.count(stream.word() + "Accepted")).isEqualTo(count(lines, Line::isAccepted));
      assertThat(job.count(stream.word() + "Duplicate")).isEqualTo(count(lines, Line::isDuplicate));
      assertThat(job.count(stream.word() + "Rejected")).isEqualTo(count(lines, Line::isRejected));
    }
    assertTables(fixture.kind(), all, before);
    if (fixture.kind() == Kind.KAFKA) {
      assertPortfolio(all);
    }
  }

  @Test
  void whatAJobWithAnotherUidWouldLoseIsNamed() throws Exception {
    SavepointFixture fixture = new SavepointFixture(SavepointFixture.latest(), Kind.FILES);

    String ofNow =
        readBefore(
            fixture.kind(),
            fixture.before(),
            fixture.after(),
            env -> rename(env, "warm-start", "warm-up"));

    assertThat(problems(fixture, ofNow))
        .contains(
            "uid warm-start: the job has no such operator, and would lose state waiting of type"
                + " List<Record<io.candlestream.candle.CandleUpdate>>",
            "uid warm-start: the job has no such operator, and would lose state warmed of type"
                + " Record<io.candlestream.past.WarmStart$Warmed>")
        .allMatch(problem -> problem.startsWith("uid warm-start: "));
  }

  private static void rename(StreamExecutionEnvironment env, String uid, String newUid) {
    for (Transformation<?> operator : env.getTransformations()) {
      if (uid.equals(operator.getUid())) {
        operator.setUid(newUid);
      }
    }
  }

  @Test
  void aVersionThatIsNoSnapshotHasLeftItsSavepoints() throws Exception {
    assertThat(SavepointFixture.all())
        .as("run this class with -Dcandlestream.write-savepoint to write those of %s", VERSION)
        .isNotEmpty()
        .containsAll(SavepointFixture.requiredOf(VERSION));
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(
      named = "candlestream.write-savepoint",
      matches = ".*",
      disabledReason = "it changes what is in the repository")
  void writeTheSavepointOfThisVersion(Kind kind) throws Exception {
    SavepointFixture fixture = SavepointFixture.toBeWritten(VERSION, kind);
    List<List<Line>> story = SavepointStory.of(kind);
    String savepoint = readBefore(kind, story.get(0), story.get(1), env -> {});
    fixture.write(directory(savepoint), story.get(0), story.get(1));
  }

  /** What stands in the way of the fixture, seen from a savepoint of the job of now. */
  private static List<String> problems(SavepointFixture fixture, String ofNow) throws IOException {
    return SavepointStates.of(fixture.savepoint())
        .problemsFor(SavepointStates.of(directory(ofNow)));
  }

  private static Path directory(String savepoint) {
    return Path.of(URI.create(savepoint));
  }

  /**
   * Has the job of now read what comes before the savepoint; returns its own savepoint.
   *
   * @param change of the topology
   */
  private String readBefore(
      Kind kind, List<Line> before, List<Line> after, Consumer<StreamExecutionEnvironment> change)
      throws Exception {
    return switch (kind) {
      case KAFKA -> readTopics(before, change);
      case FILES -> readFile(before, after, change);
    };
  }

  private String readTopics(List<Line> before, Consumer<StreamExecutionEnvironment> change)
      throws Exception {
    for (Input stream : Input.values()) {
      topics.put(stream, Topic.create(topicOf(stream), PARTITIONS));
    }
    rejects = Topic.create(1);
    JobConfig config = config(Kind.KAFKA, "quality.silent-after=200ms");
    int parting = before.indexOf(partings(before).get(0));
    List<Line> first = before.subList(0, parting);
    send(first);
    JobRun job =
        FLINK.start(
            env -> {
              Pipeline.define(env, config);
              change.accept(env);
            },
            WRITTEN_AT_PARALLELISM);
    job.eventually(() -> assertRead(job, first));
    // What is dropped is settled by the next tick, and by the watermark that it meets.
    List<Row> rows = batch(Kind.KAFKA).marketData(inCandles(first));
    job.eventually(
        () -> assertThat(surelyClosed(database.candles())).isEqualTo(surelyClosed(rows)));
    send(before.subList(parting, parting + INSTRUMENTS));
    job.eventually(
        () -> assertThat(database.query(EVENTS)).containsAll(ofPartings("FEED_SILENT", before)));
    // All these candles are over by now, and valued: no watermark comes any more.
    List<String> snapshots = portfolio(first).snapshots(closes(rows));
    job.eventually(
        () ->
            assertThat(PortfolioRows.snapshots(database))
                .containsExactlyInAnyOrderElementsOf(snapshots));
    send(before.subList(parting + INSTRUMENTS, before.size()));
    job.eventually(() -> assertRead(job, before));
    return job.stopWithSavepoint();
  }

  private String readFile(
      List<Line> before, List<Line> after, Consumer<StreamExecutionEnvironment> change)
      throws Exception {
    Path file = file();
    Files.createDirectories(file.getParent());
    Files.write(file, Stream.concat(before.stream(), after.stream()).map(Line::value).toList());
    JobConfig config = config(Kind.FILES);
    var source =
        new InterruptedSource<>(
            FileRecords.source(config.source().files().paths(), TickDecoders.of(config)),
            before.size());
    JobRun job =
        FLINK.start(
            env -> {
              Pipeline.define(
                  env,
                  config,
                  Sources.of(config).withTicks(source),
                  StoredCandles.opener(config),
                  Sinks.of(config.database()));
              change.accept(env);
            },
            WRITTEN_AT_PARALLELISM);
    source.awaitPause();
    job.awaitRunning();
    return job.stopWithSavepoint();
  }

  /** Has the job of now go on from the fixture to the end of its records. */
  private JobRun goOn(SavepointFixture fixture, String backend, List<Line> after) throws Exception {
    JobConfig config =
        fixture.kind() == Kind.FILES
            ? config(Kind.FILES)
            // Were its offsets not in the savepoint, it would read nothing.
            : config(
                Kind.KAFKA,
                "source.kafka.start=latest",
                "fills.kafka.start=latest",
                "sentiment.kafka.start=latest",
                "quality.silent-after=1h");
    if (fixture.kind() == Kind.KAFKA) {
      send(after);
    }
    JobRun job =
        FLINK.restore(
            env -> Pipeline.define(env, config),
            RESTORED_AT_PARALLELISM,
            fixture.savepoint().toUri().toString(),
            Map.of(
                "state.backend.type",
                backend,
                "state.backend.rocksdb.memory.fixed-per-slot",
                "32mb"));
    if (fixture.kind() == Kind.KAFKA) {
      List<Line> all = Stream.concat(fixture.before().stream(), after.stream()).toList();
      job.eventually(() -> assertRead(job, all));
      job.drain();
    } else {
      job.awaitEnd();
    }
    return job;
  }

  private void send(List<Line> lines) {
    for (Line line : lines) {
      topics.get(line.stream()).send(line.partition(), RECORDED, line.value().getBytes(UTF_8));
    }
    topics.values().forEach(Topic::flush);
  }

  private static void assertRead(JobRun job, List<Line> lines) {
    for (Input stream : streams(lines)) {
      assertThat(
              job.count(stream.word() + "Accepted")
                  + job.count(stream.word() + "Duplicate")
                  + job.count(stream.word() + "Rejected"))
          .isEqualTo(of(stream, lines).size());
    }
  }

  private static String topicOf(Input stream) {
    return stream.word() + "-of-savepoints";
  }

  /**
   * The absolute paths of files are in savepoints. This one is the same wherever the repository
   * lies: the tests run in their module's folder.
   */
  private static Path file() {
    Path folder = Path.of("/proc/self/cwd");
    assumeThat(folder).as("this machine has no such path, and no file can be restored").exists();
    return folder.resolve("target").resolve("savepoints").resolve("ticks.jsonl");
  }

  private JobConfig config(Kind kind, String... settings) {
    Stream<String> ofKind =
        switch (kind) {
          case KAFKA ->
              Stream.concat(
                  topics.get(Input.TICKS).settings().stream(),
                  Stream.of(
                      "source.kafka.start=earliest",
                      "fills.kafka.topics=" + topicOf(Input.FILLS),
                      "fills.allowed-lateness=10m",
                      "sentiment.kafka.topics=" + topicOf(Input.SENTIMENT),
                      "sentiment.allowed-lateness=10m",
                      "validation.max-age=0",
                      "time.idle-timeout=1h",
                      "candles.live-every=100ms",
                      "candles.fill-gaps=true",
                      "rejects.topic=" + rejects.name()));
          case FILES ->
              Stream.of(
                  "source.type=files",
                  "source.files.paths=[" + file() + "]",
                  "dedup.without-id=content");
        };
    return JobConfig.of(
        Stream.of(
                database.settings().stream(),
                Stream.of(
                    "quality.on-anomaly=reject",
                    "quality.size-spike.enabled=true",
                    "quality.sequential.numbered=trade-id"),
                ofKind,
                Stream.of(settings))
            .flatMap(Function.identity())
            .toList());
  }

  private void assertTables(Kind kind, List<Line> all, List<Line> before) throws Exception {
    List<TickRecord> records = records(all);
    List<String> rejected = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      TickRecord record = records.get(i);
      if (all.get(i).isRejected()) {
        rejected.add(
            "%s|%d|%d|%s|%s"
                .formatted(
                    all.get(i).stream().word(),
                    record.partition(),
                    record.offset(),
                    all.get(i).becomes(),
                    all.get(i).value()));
      }
    }
    BatchComputation batch = batch(kind);
    List<TickRecord> inCandles = inCandles(all);
    assertThat(Row.difference(batch.marketData(inCandles), database.candles())).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(
                  batch.timeframe(timeframe.length(), inCandles), database.candles(timeframe)))
          .as(timeframe.word())
          .isEmpty();
    }
    assertThat(database.query(REJECTS)).containsExactlyInAnyOrderElementsOf(rejected);
    assertThat(database.query(EVENTS))
        .filteredOn(event -> !event.startsWith("FEED_"))
        .containsExactlyInAnyOrderElementsOf(
            all.stream().flatMap(line -> line.events().stream()).toList());
    if (kind == Kind.KAFKA) {
      assertThat(database.query(EVENTS)).containsAll(ofPartings("FEED_RESUMED", before));
    }
  }

  private void assertPortfolio(List<Line> all) throws Exception {
    BatchPortfolio batch = portfolio(all);
    assertThat(PortfolioRows.tradeHistory(database))
        .containsExactlyInAnyOrderElementsOf(batch.tradeHistory());
    assertThat(PortfolioRows.positions(database))
        .containsExactlyInAnyOrderElementsOf(batch.positions());
    assertThat(PortfolioRows.snapshots(database))
        .containsExactlyInAnyOrderElementsOf(
            batch.snapshots(closes(batch(Kind.KAFKA).marketData(inCandles(all)))));
    assertThat(PortfolioRows.sentiment(database))
        .containsExactlyInAnyOrderElementsOf(
            accepted(Input.SENTIMENT, all).map(PortfolioRows::sentimentOf).toList());
  }

  private static BatchPortfolio portfolio(List<Line> lines) {
    return new BatchPortfolio(
        accepted(Input.FILLS, lines).map(PortfolioRows::fillOf).toList(),
        Duration.ofMinutes(1).toNanos() / 1_000);
  }

  private static List<OneClose> closes(List<Row> rows) {
    return rows.stream()
        .map(
            row ->
                new OneClose(
                    row.source(),
                    row.symbol(),
                    ChronoUnit.MICROS.between(Instant.EPOCH, row.timestamp()),
                    new BigDecimal(row.close())))
        .toList();
  }

  private static BatchComputation batch(Kind kind) {
    return new BatchComputation(Duration.ofMinutes(1), null).fillingGaps(kind == Kind.KAFKA);
  }

  private static List<TickRecord> records(List<Line> lines) {
    Map<String, Integer> read = new HashMap<>();
    List<TickRecord> records = new ArrayList<>();
    for (Line line : lines) {
      String topic = topicOf(line.stream());
      int offset = read.merge(topic + line.partition(), 1, Integer::sum) - 1;
      records.add(new TickRecord(topic, line.partition(), offset, line.value().getBytes(UTF_8)));
    }
    return records;
  }

  private static List<TickRecord> inCandles(List<Line> lines) {
    List<TickRecord> records = records(lines);
    return IntStream.range(0, lines.size())
        .filter(i -> lines.get(i).becomes().equals(Line.CANDLE))
        .mapToObj(records::get)
        .toList();
  }

  /** The last ticks before the savepoint, one of each instrument. */
  private static List<Line> partings(List<Line> before) {
    List<Line> ticks = of(Input.TICKS, before);
    return ticks.subList(ticks.size() - INSTRUMENTS, ticks.size());
  }

  /** Events of the last ticks before the savepoint, one of each instrument. */
  private static List<String> ofPartings(String kind, List<Line> before) {
    List<TickRecord> ticks = records(of(Input.TICKS, before));
    return ticks.subList(ticks.size() - INSTRUMENTS, ticks.size()).stream()
        .map(
            record -> {
              Tick tick = DECODING.accept(record);
              String place =
                  "%s/%d/%d/0".formatted(record.topic(), record.partition(), record.offset());
              return SavepointStory.event(
                  kind, tick, tick.tradeId().isPresent() ? tick.tradeId().toString() : place);
            })
        .toList();
  }

  /** Which traded candles a watermark has closed that has read everything. */
  private static List<String> surelyClosed(List<Row> rows) {
    return rows.stream()
        .filter(Row::closed)
        .filter(row -> row.trades() > 0 && row.timestamp().isBefore(SURELY_CLOSED))
        .map(row -> row.symbol() + " " + row.timestamp())
        .toList();
  }

  private static long count(List<Line> lines, Predicate<Line> which) {
    return lines.stream().filter(which).count();
  }

  private static List<Input> streams(List<Line> lines) {
    return lines.stream().map(Line::stream).distinct().toList();
  }

  private static List<Line> of(Input stream, List<Line> lines) {
    return lines.stream().filter(line -> line.stream() == stream).toList();
  }

  private static Stream<String> accepted(Input stream, List<Line> lines) {
    return of(stream, lines).stream().filter(Line::isAccepted).map(Line::value);
  }
}

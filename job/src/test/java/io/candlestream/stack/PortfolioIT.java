package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.Pipeline;
import io.candlestream.Sinks;
import io.candlestream.Sources;
import io.candlestream.config.JobConfig;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import io.candlestream.oracle.Row;
import io.candlestream.past.StoredCandles;
import io.candlestream.servers.Edition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fills, from files and topics to the portfolio's tables, beside the ticks that give the closes: on
 * every edition where rows are removed, elsewhere on one.
 */
class PortfolioIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);
  private static final int INSTRUMENTS = 4;
  private static final Duration LENGTH = Duration.ofHours(2);

  /** So that most fills are settled in the end. */
  private static final String ALLOWED_LATENESS = "fills.allowed-lateness=51m";

  /** As long as that, a partition that has been read holds back the watermark. */
  private static final String NEVER_IDLE = "time.idle-timeout=1h";

  private static final String TRADES = "SELECT count(*) FROM trade_history";

  @TempDir private Path folder;

  private final List<Topic> topics = new ArrayList<>();
  private TestDatabase database;

  @AfterEach
  void drop() {
    topics.forEach(Topic::close);
    // Null where this machine does not offer the edition.
    if (database != null) {
      database.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void filesReadToTheirEndLeaveTheTablesOfTheBatchAndEverySnapshotBalances(Edition edition)
      throws Exception {
    database = database(edition);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(41, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills = GeneratedFills.generate(42, 400, INSTRUMENTS, LENGTH);
    Path fillsFile = write("fills.jsonl", lines(fills));
    Files.writeString(fillsFile, "no fill\n", StandardOpenOption.APPEND);

    JobRun job = FLINK.start(files(ticks, fillsFile), 2);
    job.awaitEnd();

    assertTables(ticks, GeneratedFills.distinct(fills));
    assertThat(StoredPortfolio.balanced(database)).isGreaterThan(500);
    assertThat(job.count("fillsAccepted")).isEqualTo(GeneratedFills.distinct(fills).size());
    assertThat(job.count("fillsRejected")).isEqualTo(1);
    assertThat(job.count("fillsDuplicate"))
        .isEqualTo(fills.size() - job.count("fillsAccepted"))
        .isGreaterThan(10);
    assertThat(job.count("candlesBeforePositions")).isZero();
    assertThat(database.query("SELECT stream, reasons, raw FROM rejected_ticks"))
        .containsExactly("fills|{MALFORMED}|\\x6e6f2066696c6c");

    database.execute("DELETE FROM trade_history WHERE symbol = 'S0' AND side = 'buy'");
    assertThat(broken()).as("snapshots whose fills are gone do not balance").isTrue();
  }

  private boolean broken() throws Exception {
    try {
      StoredPortfolio.balanced(database);
      return false;
    } catch (AssertionError e) {
      return true;
    }
  }

  @Test
  void flatCandlesHaveSnapshotsToo() throws Exception {
    database = database(Edition.POSTGRES);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(43, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills = GeneratedFills.generate(44, 200, INSTRUMENTS, LENGTH);

    FLINK
        .start(files(ticks, write("fills.jsonl", lines(fills)), "candles.fill-gaps=true"), 2)
        .awaitEnd();

    List<Row> candles = BATCH.fillingGaps(true).marketData(GeneratedTicks.lines(ticks));
    assertThat(Row.difference(candles, database.candles())).isEmpty();
    StoredPortfolio.assertIsThatOf(GeneratedFills.distinct(fills), candles, database);
    assertThat(
            database.query(
                """
                SELECT count(*) > 20
                FROM portfolio_snapshots
                JOIN market_data USING (source, symbol, "timestamp")
                WHERE trades = 0
                """))
        .containsExactly("t");
  }

  /** Time is then far ahead of most ticks, and fills are ahead of most candles. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ticksMayBeReadOneInstrumentAfterTheOther(boolean fillsOfFiles) throws Exception {
    database = database(Edition.POSTGRES);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(52, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills = GeneratedFills.generate(53, 300, INSTRUMENTS, LENGTH);
    for (int instrument = 0; instrument < INSTRUMENTS; instrument++) {
      int one = instrument;
      write(
          "ticks/" + instrument,
          ticks.stream()
              .filter(tick -> tick.instrument() == one)
              .map(GeneratedTicks.Arrival::json)
              .toList());
    }
    Topic topic = topic(2);
    GeneratedFills.send(fills, topic, 2);
    topic.flush();
    Path file = write("fills.jsonl", lines(fills));

    JobRun job =
        FLINK.start(
            config(
                Stream.of(
                    List.of(
                        "source.type=files",
                        "source.files.paths=[\"" + folder.resolve("ticks") + "\"]",
                        "fills.kafka.stop=latest",
                        ALLOWED_LATENESS),
                    fillsOfFiles
                        ? List.of("fills.files.paths=[\"" + file + "\"]")
                        : topic.settings("fills"))),
            2);
    job.awaitEnd();

    assertTables(ticks, GeneratedFills.distinct(fills));
    assertThat(job.count("candlesBeforePositions")).isZero();
  }

  /** The ticks stand still at the failure: what fills have changed since is in no checkpoint. */
  @Test
  void failureWhileTheFillsAreAheadOfTheCheckpointLeavesNoOtherRow() throws Exception {
    database = database(Edition.POSTGRES);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(45, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills = GeneratedFills.generate(46, 400, INSTRUMENTS, LENGTH);
    Topic topic = topic(1);
    JobConfig config =
        config(Stream.of(topic.settings("fills"), List.of(ALLOWED_LATENESS, NEVER_IDLE)));
    var paused =
        new InterruptedSource<>(
            FileRecords.source(List.of(fileOf(ticks).toString()), TickDecoders.of(config)),
            ticks.size() * 2 / 3);
    List<GeneratedFills.Arrival> first = fills.subList(0, fills.size() * 2 / 3);
    List<GeneratedFills.Arrival> ahead = fills.subList(first.size(), fills.size());
    GeneratedFills.send(first, topic, 1);

    JobRun job =
        FLINK.start(
            env ->
                Pipeline.define(
                    env,
                    config,
                    Sources.of(config).withTicks(paused),
                    StoredCandles.opener(config),
                    Sinks.of(config.database())),
            1);
    paused.awaitPause();
    job.eventually(
        () ->
            assertThat(database.query(TRADES))
                .containsExactly("" + GeneratedFills.distinct(first).size()));
    job.eventually(() -> assertThat(StoredPortfolio.snapshots(database)).isNotEmpty());
    job.checkpoint();
    GeneratedFills.send(ahead, topic, 1);
    List<OneFill> distinct = GeneratedFills.distinct(fills);
    job.eventually(() -> assertThat(database.query(TRADES)).containsExactly("" + distinct.size()));
    List<String> beforeTheFailure = StoredPortfolio.snapshots(database);
    paused.fail();
    awaitRead(job, ticks.size(), fills.size());
    job.drain();

    assertThat(job.restarts()).isEqualTo(1);
    assertTables(ticks, distinct);
    assertThat(StoredPortfolio.balanced(database)).isGreaterThan(beforeTheFailure.size());
  }

  /** What closes a position may come when snapshots of what it closes are long in the table. */
  @ParameterizedTest
  @EnumSource
  void savepointInTheMiddleOfTopicsRestoredAtAnotherParallelismLeavesNoOtherRow(Edition edition)
      throws Exception {
    database = database(edition);
    int partitions = 2;
    Duration middle = Duration.ofMinutes(50);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(47, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills =
        new ArrayList<>(GeneratedFills.generate(48, 400, INSTRUMENTS, LENGTH));
    OneFill opens = fill("desk/0", "S9", 1, "3", "99", 5);
    fills.add(GeneratedFills.arrival(opens, Duration.ZERO));
    OneFill closes = fill("desk/0", "S9", 2, "-3", "101", 7);
    fills.add(GeneratedFills.arrival(closes, Duration.ofMinutes(48)));
    OneFill opensAgain = fill("desk/0", "S9", 3, "-1", "100", 90);
    fills.add(GeneratedFills.arrival(opensAgain, Duration.ZERO));
    fills.sort(Comparator.comparing(GeneratedFills.Arrival::at));
    for (int minute = 0; minute < LENGTH.toMinutes(); minute++) {
      Instant time = GeneratedTicks.START.plus(Duration.ofMinutes(minute));
      ticks.add(
          new GeneratedTicks.Arrival(
              9, time, GeneratedTicks.tick("S9", time, minute, "100").getBytes(UTF_8)));
    }
    ticks.sort(Comparator.comparing(GeneratedTicks.Arrival::at));
    Topic ofTicks = topic(partitions);
    Topic ofFills = topic(partitions);
    JobConfig config = config(Stream.of(topics(ofTicks, ofFills), List.of(ALLOWED_LATENESS)));
    Instant when = GeneratedTicks.START.plus(middle);
    int ticksBefore = (int) ticks.stream().filter(tick -> tick.at().isBefore(when)).count();
    int fillsBefore = (int) fills.stream().filter(fill -> fill.at().isBefore(when)).count();

    GeneratedTicks.send(ticks.subList(0, ticksBefore), ofTicks, partitions);
    GeneratedFills.send(fills.subList(0, fillsBefore), ofFills, partitions);
    JobRun job = FLINK.start(config, 2);
    awaitRead(job, ticksBefore, fillsBefore);
    job.eventually(() -> assertThat(snapshots("desk/0", "S9")).isGreaterThan(30));
    String savepoint = job.stopWithSavepoint();
    GeneratedTicks.send(ticks.subList(ticksBefore, ticks.size()), ofTicks, partitions);
    GeneratedFills.send(fills.subList(fillsBefore, fills.size()), ofFills, partitions);
    ofTicks.flush();
    JobRun second = FLINK.restore(config, 1, savepoint);
    awaitRead(second, ticks.size(), fills.size());
    second.drain();

    assertTables(ticks, GeneratedFills.distinct(fills));
    assertThat(snapshots("desk/0", "S9"))
        .as("two candles before it is closed, and those after it is opened again")
        .isEqualTo(2 + 30);
    assertThat(StoredPortfolio.balanced(database)).isGreaterThan(500);
    assertThat(second.count("fillsRejected")).isZero();
    assertThat(second.restarts()).isZero();
  }

  private long snapshots(String account, String symbol) throws Exception {
    return StoredPortfolio.snapshots(database).stream()
        .filter(row -> row.startsWith(account + "|test|" + symbol + "|"))
        .count();
  }

  /** An instrument's own candles, or fills, are its clock, but only as far as the stream's is. */
  @Test
  void fillLaterThanAllowedIsRejectedAndInNoTable() throws Exception {
    database = database(Edition.POSTGRES);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(49, 1, Duration.ofMinutes(40));
    Topic ofTicks = topic(1);
    Topic ofFills = topic(1);
    JobConfig config =
        config(Stream.of(topics(ofTicks, ofFills), List.of("fills.allowed-lateness=10m")));
    GeneratedTicks.send(ticks, ofTicks, 1);
    List<OneFill> counting =
        List.of(
            fill("desk", "S0", 1, "2", "10", 1),
            fill("desk", "S0", 2, "-1", "11", 39),
            fill("desk", "S0", 3, "5", "12", 32),
            fill("desk", "BEHIND", 4, "1", "10", 1));
    OneFill late = fill("desk", "S0", 5, "7", "10", 20);
    send(counting.subList(0, 2), ofFills);
    ofTicks.flush();
    JobRun job = FLINK.start(config, 1);
    Instant surelyPassed = GeneratedTicks.START.plus(Duration.ofMinutes(35));
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        "SELECT count(*) > 0 FROM portfolio_snapshots WHERE \"timestamp\" >= '%s'"
                            .formatted(surelyPassed)))
                .containsExactly("t"));

    send(List.of(late), ofFills);
    send(counting.subList(2, 4), ofFills);
    awaitRead(job, ticks.size(), 5);
    job.drain();

    assertThat(
            database.query(
                """
                SELECT
                  stream, topic, partition, "offset", item, reasons, source, symbol,
                  convert_from(raw, 'UTF8')
                FROM rejected_ticks
                """))
        .containsExactly(
            "fills|%s|0|2|0|{LATE}|test|S0|%s"
                .formatted(ofFills.name(), GeneratedFills.json(late)));
    assertThat(job.count("fillsRejected")).isEqualTo(1);
    assertTables(ticks, counting);
  }

  /** Of half of the fills, snapshots can be added where nothing was held, by all of them. */
  @Test
  void readAgainWithoutStateTheSameFilesWriteNoRowAndHalfOfTheFillsReplaceAndRemoveNone()
      throws Exception {
    database = database(Edition.POSTGRES);
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.partlyLate(50, INSTRUMENTS, LENGTH);
    List<GeneratedFills.Arrival> fills = GeneratedFills.generate(51, 300, INSTRUMENTS, LENGTH);
    JobConfig whole = files(ticks, write("fills.jsonl", lines(fills)));
    FLINK.start(whole, 2).awaitEnd();
    List<String> written = StoredPortfolio.tuples(database);

    JobRun again = FLINK.start(whole, 1);
    again.awaitEnd();

    assertThat(again.rows("rowsUnchanged", "portfolio_snapshots")).isPositive();
    assertThat(StoredPortfolio.difference(written, StoredPortfolio.tuples(database))).isEmpty();

    List<GeneratedFills.Arrival> half = fills.subList(fills.size() / 2, fills.size());
    Path halfFile = write("half.jsonl", lines(half));
    FLINK.start(files(ticks, halfFile), 1).awaitEnd();

    List<String> left = StoredPortfolio.tuples(database);
    left.retainAll(Set.copyOf(written));
    assertThat(StoredPortfolio.difference(written, left)).isEmpty();

    FLINK.start(files(ticks, halfFile, "database.allow-shrink=true"), 1).awaitEnd();

    assertThat(database.query("SELECT sum(fills) FROM portfolio_positions"))
        .as("every position has fills in the second half")
        .containsExactly("" + GeneratedFills.distinct(half).size());
  }

  private void assertTables(List<GeneratedTicks.Arrival> ticks, List<OneFill> fills)
      throws Exception {
    List<Row> candles = BATCH.marketData(GeneratedTicks.lines(ticks));
    assertThat(Row.difference(candles, database.candles())).isEmpty();
    StoredPortfolio.assertIsThatOf(fills, candles, database);
  }

  private static void awaitRead(JobRun job, long ticks, long fills) throws Exception {
    job.eventually(
        () -> {
          assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate")).isEqualTo(ticks);
          assertThat(
                  job.count("fillsAccepted")
                      + job.count("fillsDuplicate")
                      + job.count("fillsRejected"))
              .isEqualTo(fills);
        });
  }

  private static OneFill fill(
      String account, String symbol, int id, String signedSize, String price, int minute) {
    Instant time = GeneratedTicks.START.plus(Duration.ofMinutes(minute)).plusSeconds(30);
    return GeneratedFills.fill(account, symbol, id, signedSize, price, time);
  }

  private static void send(List<OneFill> fills, Topic topic) {
    GeneratedFills.send(
        fills.stream().map(fill -> GeneratedFills.arrival(fill, Duration.ZERO)).toList(), topic, 1);
  }

  private Topic topic(int partitions) {
    Topic topic = Topic.create(partitions);
    topics.add(topic);
    return topic;
  }

  private static TestDatabase database(Edition edition) {
    return TestDatabase.offering(
        edition, "schema.retention.base=0", "schema.retention.portfolio-snapshots=0");
  }

  private static List<String> topics(Topic ticks, Topic fills) {
    return Stream.of(
            ticks.settings(),
            fills.settings("fills"),
            List.of("source.kafka.start=earliest", "validation.max-age=0", NEVER_IDLE))
        .flatMap(List::stream)
        .toList();
  }

  private JobConfig files(List<GeneratedTicks.Arrival> ticks, Path fills, String... settings)
      throws IOException {
    return config(
        Stream.of(
            ofTicks(ticks),
            List.of("fills.files.paths=[\"" + fills + "\"]", ALLOWED_LATENESS),
            List.of(settings)));
  }

  private List<String> ofTicks(List<GeneratedTicks.Arrival> ticks) throws IOException {
    return List.of("source.type=files", "source.files.paths=[\"" + fileOf(ticks) + "\"]");
  }

  private Path fileOf(List<GeneratedTicks.Arrival> ticks) throws IOException {
    return write("ticks.jsonl", ticks.stream().map(GeneratedTicks.Arrival::json).toList());
  }

  private JobConfig config(Stream<List<String>> settings) {
    return JobConfig.of(
        Stream.concat(Stream.of(database.settings()), settings).flatMap(List::stream).toList());
  }

  private static List<byte[]> lines(List<GeneratedFills.Arrival> fills) {
    return fills.stream().map(GeneratedFills.Arrival::json).toList();
  }

  private Path write(String name, List<byte[]> lines) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      content.writeBytes(line);
      content.write('\n');
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content.toByteArray());
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.RefreshAggregates;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.replay.Outcome;
import io.candlestream.replay.Refusal;
import io.candlestream.replay.ReplayPlan;
import io.candlestream.servers.Edition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rejects that are brought in after all. Whatever was selected, the tables are those of all ticks
 * but the rejects that are not marked as replayed.
 */
@ParameterizedClass
@EnumSource
class ReplayRejectsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARALLELISM = 2;

  /** Of several, one is read faster than another, and with it nothing is late. */
  private static final int PARTITIONS = 1;

  private static final double TOLERANCE = 1e-9;
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** About where the prices of S0 begin. */
  private static final String PRICE_LIMIT = "validation.price.max=10000";

  @TempDir private Path folder;

  private final TestDatabase database;
  private final Topic topic = Topic.create(PARTITIONS);

  ReplayRejectsIT(Edition edition) {
    database = TestDatabase.offering(edition, "schema.retention.base=0");
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whateverIsSelectedTheTablesAreThoseOfWhatIsIn(boolean fillsGaps) throws Exception {
    GeneratedTicks.send(veryLate(31, 4, Duration.ofHours(5)), topic, PARTITIONS);
    String gaps = "candles.fill-gaps=" + fillsGaps;
    run(topicConfig(gaps, PRICE_LIMIT, "source.kafka.stop=latest"));
    assertTables(fillsGaps);
    assertThat(waiting("LATE")).hasSizeGreaterThan(20);
    assertThat(waiting("INVALID_PRICE")).hasSizeGreaterThan(20);

    JobConfig asBefore = topicConfig(gaps, PRICE_LIMIT);
    assertThat(replay(asBefore, "--reason=LATE", "--symbol=S1").in()).isNotEmpty();
    assertTables(fillsGaps);
    assertThat(waiting("LATE")).isNotEmpty();

    assertThat(Replays.plan(asBefore, "--reason=INVALID_PRICE").refused())
        .containsExactly(Map.entry(Refusal.STILL_REJECTED, waiting("INVALID_PRICE").size()));

    JobConfig loosened = topicConfig(gaps);
    Outcome hour = replay(loosened, "--from=2024-08-08T23:30:00Z", "--to=2024-08-09T00:30:00Z");
    assertThat(hour.in()).isNotEmpty();
    assertThat(
            database.query(
                """
                SELECT min("timestamp") >= '2024-08-08 23:30Z', max("timestamp") < '2024-08-09 00:30Z'
                FROM rejected_ticks
                WHERE replayed_at IS NOT NULL AND 'INVALID_PRICE' = ANY (reasons)
                """))
        .containsExactly("t|t");
    assertTables(fillsGaps);

    Outcome rest = replay(loosened);
    assertThat(rest.out()).isEmpty();
    assertTables(fillsGaps);
    ReplayPlan again = Replays.plan(loosened);
    assertThat(again.replayed()).isEmpty();
    assertThat(again.refused().keySet()).isSubsetOf(Refusal.NOT_OVER);
  }

  /** A copy of a spike was a duplicate: it does not come in for it when its candle is rebuilt. */
  @Test
  void spikesComeInOnlyIfSelectedAndAllowed() throws Exception {
    int spikes = 0;
    for (GeneratedTicks.Arrival arrival : veryLate(32, 2, Duration.ofHours(2))) {
      GeneratedTicks.send(List.of(arrival), topic, PARTITIONS);
      String json = new String(arrival.json(), UTF_8);
      // Once a level is known.
      if (json.matches(".*\"trade_id\":\\d*7,.*")
          && arrival.at().isAfter(GeneratedTicks.START.plusSeconds(600))) {
        byte[] spike =
            json.replaceFirst("\"trade_id\":\\d+", "\"trade_id\":\"spike-" + spikes++ + "\"")
                .replaceFirst("\"price\":\"[^\"]+\"", "\"price\":\"77777\"")
                .getBytes(UTF_8);
        topic.send(arrival.instrument() % PARTITIONS, arrival.at(), spike);
        topic.send(arrival.instrument() % PARTITIONS, arrival.at(), spike);
      }
    }
    JobConfig rejecting = topicConfig("quality.on-anomaly=reject");
    run(topicConfig("quality.on-anomaly=reject", "source.kafka.stop=latest"));
    assertThat(waiting("ANOMALY")).hasSizeGreaterThan(20);
    assertTables(false);

    assertThat(Replays.plan(rejecting, "--reason=ANOMALY").refused())
        .containsExactly(Map.entry(Refusal.STILL_ANOMALY, waiting("ANOMALY").size()));
    assertThat(replay(rejecting, "--reason=LATE").in()).isNotEmpty();
    assertTables(false);

    JobConfig flagging = topicConfig("quality.on-anomaly=flag");
    assertThat(replay(flagging, "--reason=ANOMALY").in()).isNotEmpty();
    assertTables(false);
  }

  @Test
  void columnsThatAFileNamesAreReadAgain() throws Exception {
    List<String> lines = new ArrayList<>(List.of("timestamp,price,size,trade_id,symbol"));
    for (int i = 0; i < 600; i++) {
      Instant at = GeneratedTicks.START.plusSeconds(i * 20L);
      lines.add("%s,%d,1,%d,S%d".formatted(at, i % 7 == 0 ? 20_000 + i : 100 + i, i, i % 2));
    }
    Path file = Files.write(folder.resolve("ticks.csv"), lines);
    run(fileConfig(file, "source.format=csv", "source.default-source=test", PRICE_LIMIT));
    assertThat(waiting("INVALID_PRICE")).hasSize(86);
    assertThat(database.query("SELECT sum(trades) FROM market_data")).containsExactly("514");

    Outcome outcome = replay(fileConfig(file, "source.format=csv", "source.default-source=test"));

    assertThat(outcome.in()).hasSize(86);
    assertThat(waiting("INVALID_PRICE")).isEmpty();
    assertThat(database.query("SELECT sum(trades), max(high) FROM market_data"))
        .containsExactly("600|20595");
    assertThat(
            database.query(
                """
                SELECT count(*) FROM market_data
                WHERE "timestamp" < '2024-08-08 22:38Z' OR ema_9 IS NOT NULL
                """))
        .isEqualTo(database.query("SELECT count(*) FROM market_data"));
  }

  @Test
  void whatTheSourceNoLongerHasIsLeft() throws Exception {
    Path file = folder.resolve("ticks.jsonl");
    Files.write(
        file,
        GeneratedTicks.inTime(33, 1, Duration.ofHours(1)).stream()
            .map(tick -> new String(tick.json(), UTF_8))
            .toList());
    Path other = Files.writeString(folder.resolve("other.jsonl"), "{}\n");
    run(fileConfig(file, PRICE_LIMIT));
    int rejects = waiting("INVALID_PRICE").size();
    assertThat(rejects).isPositive();

    assertThat(Replays.plan(fileConfig(other)).refused())
        .containsExactly(Map.entry(Refusal.NOT_IN_SOURCE, rejects));

    // Another file of that name: its lines are not the records that were rejected.
    Files.setLastModifiedTime(file, FileTime.fromMillis(86_400_000));
    Outcome outcome = replay(fileConfig(file));
    assertThat(outcome.in()).isEmpty();
    assertThat(outcome.out()).containsExactly(Map.entry(Refusal.NOT_IN_SOURCE, rejects));
    assertThat(waiting("INVALID_PRICE")).hasSize(rejects);
  }

  @Test
  void topicThatWasCutOffIsNotEnough() throws Exception {
    GeneratedTicks.send(veryLate(34, 3, Duration.ofHours(2)), topic, PARTITIONS);
    run(topicConfig("source.kafka.stop=latest"));
    List<Row> before = database.candles();
    int late = waiting("LATE").size();
    topic.cut(topic.records().size() / PARTITIONS / 2);

    ReplayPlan plan = Replays.plan(topicConfig());

    assertThat(plan.refused().get(Refusal.NOT_IN_SOURCE)).isBetween(1, late - 1);
    assertThat(plan.replayed()).isNotEmpty();
    replay(topicConfig());
    assertTables(false);
    assertThat(database.candles()).isNotEqualTo(before);
  }

  /** Of rules that are stricter than before, a candle would lose trades. */
  @Test
  void noCandleIsRebuiltWithFewerTrades() throws Exception {
    GeneratedTicks.send(veryLate(35, 1, Duration.ofHours(2)), topic, PARTITIONS);
    run(topicConfig("source.kafka.stop=latest"));
    List<Row> before = database.candles();
    int late = waiting("LATE").size();
    String high =
        database
            .query("SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY high) FROM market_data")
            .get(0);

    assertThatThrownBy(() -> replay(topicConfig("validation.price.max=" + high)))
        .hasStackTraceContaining("can be read and are accepted by now");

    assertThat(waiting("LATE")).hasSize(late);
    assertThat(database.candles()).isEqualTo(before);
  }

  /** One tick in twenty comes an hour after the others of its time. */
  private static List<GeneratedTicks.Arrival> veryLate(
      long seed, int instruments, Duration length) {
    Random random = new Random(seed);
    return GeneratedTicks.inTime(seed, instruments, length).stream()
        .map(
            tick ->
                random.nextInt(20) == 0
                    ? new GeneratedTicks.Arrival(
                        tick.instrument(), tick.at().plus(Duration.ofHours(1)), tick.json())
                    : tick)
        .sorted(Comparator.comparing(GeneratedTicks.Arrival::at))
        .toList();
  }

  /** A spike's copies count no more than itself. */
  private void assertTables(boolean fillsGaps) throws Exception {
    Set<String> out =
        new HashSet<>(
            database.query(
                "SELECT partition, \"offset\" FROM rejected_ticks WHERE replayed_at IS NULL"));
    Set<String> spikes =
        new HashSet<>(
            database.query(
                """
                SELECT convert_from(raw, 'UTF8')
                FROM rejected_ticks
                WHERE replayed_at IS NULL AND reasons = '{ANOMALY}'
                """));
    List<TickRecord> in =
        topic.records().stream()
            .filter(record -> !out.contains(record.partition() + "|" + record.offset()))
            .filter(record -> !spikes.contains(new String(record.json(), UTF_8)))
            .toList();
    BatchComputation batch = BATCH.fillingGaps(fillsGaps);
    assertThat(Row.difference(batch.marketData(in), database.candles(), TOLERANCE)).isEmpty();
    for (Timeframe timeframe : Timeframe.values()) {
      assertThat(
              Row.difference(
                  batch.timeframe(timeframe.length(), in), database.candles(timeframe), TOLERANCE))
          .as(timeframe.word())
          .isEmpty();
    }
  }

  private List<String> waiting(String reason) throws Exception {
    return database.query(
        """
        SELECT topic, partition, "offset", item
        FROM rejected_ticks
        WHERE replayed_at IS NULL AND '%s' = ANY (reasons)
        """
            .formatted(reason));
  }

  private void run(JobConfig config) throws Exception {
    topic.flush();
    JobRun job = FLINK.start(config, PARALLELISM);
    RefreshAggregates.after(job.result(), config.database(), said -> {});
  }

  private static Outcome replay(JobConfig config, String... options) throws Exception {
    return Replays.run(
        config, (name, topology) -> FLINK.start(topology, PARALLELISM).result(), options);
  }

  private JobConfig topicConfig(String... settings) {
    return config(
        Stream.concat(
            topic.settings().stream(),
            Stream.of(
                "source.kafka.start=earliest", "validation.max-age=0", "time.allowed-lateness=0s")),
        settings);
  }

  private JobConfig fileConfig(Path file, String... settings) {
    return config(
        Stream.of("source.type=files", "source.files.paths=[\"" + file + "\"]"), settings);
  }

  private JobConfig config(Stream<String> source, String... settings) {
    return JobConfig.of(
        Stream.of(source, database.settings().stream(), Stream.of(settings))
            .flatMap(each -> each)
            .toList());
  }
}

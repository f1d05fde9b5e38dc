package io.candlestream.stack;

import static io.candlestream.stack.GeneratedTicks.tick;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.replay.Outcome;
import io.candlestream.replay.Refusal;
import io.candlestream.servers.Edition;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Where a replay of rejects could lose a trade, or say that one is in which is not. */
class ReplayTrapsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARALLELISM = 2;
  private static final int PARTITIONS = 2;
  private static final Instant NOON = Instant.parse("2024-08-08T12:00:00Z");
  private static final String LIMIT = "validation.price.max=10000";
  private static final String SOON_IDLE = "time.idle-timeout=1s";
  private static final String IN = "SELECT count(*), count(replayed_at) FROM rejected_ticks";

  @TempDir private Path folder;

  private TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
  private final Topic topic = Topic.create(PARTITIONS);

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  /** A later tick would have the job write it again, without the reject. */
  @Test
  void candleThatTheJobWouldCorrectIsLeft() throws Exception {
    send(0, "SLOW", 0, 1, "100");
    send(0, "SLOW", 10, 2, "20000");
    for (int minute = 0; minute < 60; minute++) {
      send(0, "FAST", 60 * minute, minute, "100");
    }
    topic.flush();
    JobRun job = FLINK.start(topicConfig(LIMIT, SOON_IDLE), PARALLELISM);
    job.eventually(
        () ->
            assertThat(database.query("SELECT count(*) FROM market_data WHERE symbol = 'FAST'"))
                .containsExactly("60"));
    job.stopWithSavepoint();

    assertThat(Replays.plan(topicConfig()).refused())
        .containsExactly(Map.entry(Refusal.NOT_OVER, 1));

    // What is six minutes older than its own newest candle, no tick can change.
    for (int minute = 1; minute < 8; minute++) {
      send(0, "SLOW", 3_600 + 60 * minute, minute, "100");
    }
    run(bounded(LIMIT));
    assertThat(Replays.plan(topicConfig()).replayed()).hasSize(1);
  }

  /** With one trade more and one less, the number of trades does not tell. */
  @Test
  void partitionThatWasCutOffMayHaveHadMore() throws Exception {
    send(0, "A", 0, 1, "100");
    send(0, "A", 10, 2, "20000");
    send(1, "A", 20, 3, "77");
    for (int minute = 10; minute < 30; minute++) {
      send(0, "A", 60 * minute, minute, "100");
      send(1, "A", 60 * minute, 100 + minute, "100");
    }
    run(bounded(LIMIT));
    assertThat(Replays.plan(topicConfig()).replayed()).hasSize(1);

    topic.cut(1, 5);

    assertThat(Replays.plan(topicConfig()).refused())
        .containsExactly(Map.entry(Refusal.NOT_IN_SOURCE, 1));
  }

  /** The copy is read first this time, as the other partition has much more to read. */
  @Test
  void copyOfSpikeInAnotherPartitionStaysOut() throws Exception {
    for (int i = 0; i < 300; i++) {
      send(0, "A", i, i, "100." + i % 10);
    }
    for (int i = 0; i < 20_000; i++) {
      send(0, "A", 300, 1_000 + i, "100." + i % 10);
    }
    send(0, "A", 330, 1, "7777");
    send(0, "A", 331, 2, "20000");
    topic.flush();
    JobRun job =
        FLINK.start(topicConfig(LIMIT, SOON_IDLE, "quality.on-anomaly=reject"), PARALLELISM);
    job.eventually(() -> assertThat(database.query(IN)).containsExactly("2|0"));
    send(1, "A", 330, 1, "7777");
    for (int minute = 6; minute < 20; minute++) {
      send(0, "A", 60 * minute, 100_000 + minute, "100");
      send(1, "B", 60 * minute, 100_000 + minute, "100");
    }
    topic.flush();
    job.eventually(
        () ->
            assertThat(database.query("SELECT count(*) FROM market_data WHERE symbol = 'A'"))
                .containsExactly("20"));
    job.eventually(() -> assertThat(topic.committed()).hasSize(PARTITIONS));
    job.stopWithSavepoint();
    var committed = topic.committed();

    Outcome outcome = replay(topicConfig("quality.on-anomaly=reject"), "--reason=INVALID_PRICE");

    assertThat(outcome.in()).hasSize(1);
    assertThat(
            database.query(
                "SELECT trades, high FROM market_data WHERE \"timestamp\" = '2024-08-08 12:05Z'"))
        .containsExactly("20001|20000");
    assertThat(committed).hasSize(PARTITIONS);
    assertThat(topic.committed()).isEqualTo(committed);
  }

  @Test
  void flatCandlesInTheColumnstoreAreLaidAnew() throws Exception {
    database.close();
    database = TestDatabase.offering(Edition.COMMUNITY, "schema.retention.base=0");
    send(0, "A", 0, 1, "100");
    send(0, "A", 10, 2, "20000");
    send(0, "A", 100 * 3_600, 3, "100");
    send(0, "A", 101 * 3_600, 4, "100");
    run(bounded(LIMIT, "candles.fill-gaps=true"));
    database.execute("SELECT compress_chunk(show_chunks('market_data'))");
    database.execute(
        "ALTER DATABASE %s SET timescaledb.max_tuples_decompressed_per_dml_transaction = 100"
            .formatted(database.name()));

    replay(topicConfig("candles.fill-gaps=true"));

    assertThat(
            database.query(
                """
                SELECT count(*) FROM market_data WHERE trades = 0 AND close = 20000
                """))
        .containsExactly(Integer.toString(100 * 60 - 1));
  }

  @Test
  void candleThatTheDatabaseRefusesIsNotIn() throws Exception {
    send(0, "A", 0, 1, "100");
    send(0, "A", 10, 2, "20000");
    send(0, "A", 3_600, 3, "100");
    run(bounded(LIMIT));
    database.execute("ALTER TABLE market_data ADD CONSTRAINT low CHECK (high < 15000)");

    assertThatThrownBy(() -> replay(topicConfig()))
        .hasMessageContaining("refuses 1 of the rebuilt candles");
    assertThat(database.query(IN)).containsExactly("1|0");

    database.execute("ALTER TABLE market_data DROP CONSTRAINT low");
    database.execute("CALL replay_rejected_rows('market_data')");
    assertThat(replay(topicConfig()).in()).hasSize(1);
    assertThat(database.query(IN)).containsExactly("1|1");
    assertThat(database.query("SELECT max(high) FROM market_data")).containsExactly("20000");
  }

  @Test
  void whatFailedBetweenItsPhasesIsRunAgain() throws Exception {
    send(0, "A", 10, 100, "20000");
    for (int minute = 0; minute < 60; minute++) {
      send(0, "A", 60 * minute, minute, "100");
    }
    run(bounded(LIMIT));

    assertThatThrownBy(
            () ->
                Replays.run(
                    topicConfig(),
                    (name, topology) -> {
                      if (name.endsWith("recompute")) {
                        throw new IllegalStateException("killed");
                      }
                      return FLINK.start(topology, PARALLELISM).result();
                    }))
        .hasMessage("killed");
    assertThat(database.query(IN)).containsExactly("1|0");
    assertThat(database.query("SELECT max(high) FROM market_data")).containsExactly("20000");

    assertThat(replay(topicConfig()).in()).hasSize(1);

    assertThat(database.query(IN)).containsExactly("1|1");
    // The mean of nine closes, of which the first is 20000.
    assertThat(
            database.query(
                """
                SELECT trades, round(ema_9::numeric, 6)
                FROM market_data
                WHERE "timestamp" IN ('2024-08-08 12:00Z', '2024-08-08 12:08Z')
                ORDER BY "timestamp"
                """))
        .containsExactly("2|null", "1|2311.111111");
  }

  /** In a file with a header, a line is judged only when it is read again. */
  @Test
  void nothingComesInBehindTheNewestCandle() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("ticks.csv"),
            """
            timestamp,price,size,symbol
            2024-08-08T12:00:00Z,100,1,A
            2024-08-08T12:10:00Z,20000,1,A
            """);
    String[] settings = {
      "source.type=files",
      "source.files.paths=[\"" + file + "\"]",
      "source.format=csv",
      "source.default-source=test",
      LIMIT
    };
    run(config(settings));

    Outcome outcome = replay(config(settings));

    assertThat(outcome.out()).containsExactly(Map.entry(Refusal.STILL_REJECTED, 1));
    assertThat(database.query(IN)).containsExactly("1|0");
  }

  @Test
  void nameOfFileInArchiveTellsTheSymbol() throws Exception {
    Path archive = folder.resolve("ALL.zip");
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String symbol : List.of("BTC", "ETH")) {
        zip.putNextEntry(new ZipEntry(symbol + ".csv"));
        zip.write("1723118400000,100,1\n1723118401000,20000,1\n".getBytes(UTF_8));
        zip.closeEntry();
      }
    }
    List<String> settings =
        List.of(
            "source.type=files",
            "source.files.paths=[\"" + archive + "\"]",
            "source.files.name-pattern=\"(?<symbol>[A-Z]+)[.]\"",
            "source.format=csv",
            "source.csv.columns=[timestamp, price, size]",
            "source.default-source=test");
    run(config(Stream.concat(settings.stream(), Stream.of(LIMIT)).toArray(String[]::new)));
    assertThat(database.query(IN)).containsExactly("2|0");

    replay(config(settings.toArray(String[]::new)), "--symbol=ETH");

    assertThat(database.query("SELECT symbol, trades FROM market_data ORDER BY 1"))
        .containsExactly("BTC|1", "ETH|2");
    assertThat(database.query(IN)).containsExactly("2|1");
  }

  private void send(int partition, String symbol, int second, long id, String price) {
    Instant at = NOON.plusSeconds(second);
    topic.send(partition, at, tick(symbol, at, id, price).getBytes(UTF_8));
  }

  private void run(JobConfig config) throws Exception {
    topic.flush();
    FLINK.start(config, PARALLELISM).awaitEnd();
  }

  private static Outcome replay(JobConfig config, String... options) throws Exception {
    return Replays.run(
        config, (name, topology) -> FLINK.start(topology, PARALLELISM).result(), options);
  }

  private JobConfig topicConfig(String... settings) {
    return config(
        Stream.of(
                topic.settings().stream(),
                Stream.of("source.kafka.start=earliest", "validation.max-age=0"),
                Stream.of(settings))
            .flatMap(each -> each)
            .toArray(String[]::new));
  }

  /** The same, read to the end of the topic as it is by now. */
  private JobConfig bounded(String... settings) {
    return topicConfig(
        Stream.concat(Stream.of(settings), Stream.of("source.kafka.stop=latest"))
            .toArray(String[]::new));
  }

  private JobConfig config(String... settings) {
    return JobConfig.of(Stream.concat(database.settings().stream(), Stream.of(settings)).toList());
  }
}

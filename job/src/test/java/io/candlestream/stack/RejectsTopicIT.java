package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.Preflight;
import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.ingest.HostileTicks;
import io.candlestream.ingest.HostileTicks.Case;
import io.candlestream.ingest.HostileTicks.Rejected;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rejected ticks in a topic of their own, beside the table. */
class RejectsTopicIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 3;

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
  private final Topic topic = Topic.create(PARTITIONS);
  private final Topic rejects = Topic.create(2);

  @AfterEach
  void drop() {
    rejects.close();
    topic.close();
    database.close();
  }

  @Test
  void everyRejectOfTheHostileCorpusArrivesWithItsBytesAndItsReasons() throws Exception {
    List<Case> corpus = HostileTicks.all();
    for (int i = 0; i < corpus.size(); i++) {
      topic.send(i % PARTITIONS, HostileTicks.NOW, corpus.get(i).raw());
    }
    topic.send(0, HostileTicks.NOW, null);
    List<TickRecord> records = topic.records();

    FLINK.start(config("source.kafka.stop=latest"), 2).awaitEnd();

    Map<String, ConsumerRecord<byte[], byte[]>> found = byKey();
    SoftAssertions softly = new SoftAssertions();
    int expected = 1;
    for (int i = 0; i < corpus.size(); i++) {
      Case one = corpus.get(i);
      String key = key(records.get(i));
      if (one.expected() instanceof Rejected rejected) {
        expected++;
        ConsumerRecord<byte[], byte[]> record = found.get(key);
        softly.assertThat(record).as(one.name()).isNotNull();
        if (record != null) {
          softly.assertThat(record.value()).as(one.name()).isEqualTo(one.raw());
          softly
              .assertThat(Set.of(headers(record).get("reasons").split(",")))
              .as(one.name())
              .isEqualTo(rejected.reasons());
        }
      } else {
        softly.assertThat(found).as(one.name()).doesNotContainKey(key);
      }
    }
    softly.assertThat(found.get(key(records.get(corpus.size()))).value()).as("no value").isEmpty();
    softly.assertThat(found).hasSize(expected);
    softly.assertAll();
    assertThat(rowsOf(found.values())).containsExactlyInAnyOrderElementsOf(table());
  }

  @Test
  void lateTickArrivesWithAllThatIsKnownOfIt() throws Exception {
    Instant first = Instant.parse("2024-08-08T12:00:30Z");
    topic.send(0, first, GeneratedTicks.tick("A", first, 1, "1").getBytes(UTF_8));
    Instant last = first.plus(1, ChronoUnit.HOURS);
    topic.send(0, last, GeneratedTicks.tick("A", last, 2, "1").getBytes(UTF_8));
    topic.flush();
    JobRun job = FLINK.start(config("time.idle-timeout=1s"), 1);
    job.eventually(() -> assertThat(database.candles()).hasSize(2));
    String late = GeneratedTicks.tick("A", first.plusNanos(1_000), 3, "1");
    topic.send(0, last, late.getBytes(UTF_8));

    Instant before = Instant.now().minusSeconds(1);
    job.eventually(() -> assertThat(rejects.read()).hasSize(1));

    ConsumerRecord<byte[], byte[]> record = rejects.read().get(0);
    assertThat(new String(record.value(), UTF_8)).isEqualTo(late);
    assertThat(new String(record.key(), UTF_8)).isEqualTo(topic.name() + ":0:2:0");
    assertThat(headers(record))
        .isEqualTo(
            Map.of(
                "stream", "ticks",
                "topic", topic.name(),
                "partition", "0",
                "offset", "2",
                "item", "0",
                "record_timestamp", "2024-08-08T13:00:30Z",
                "reasons", "LATE",
                "source", "test",
                "symbol", "A",
                "timestamp", "2024-08-08T12:00:30.000001Z"));
    assertThat(Instant.ofEpochMilli(record.timestamp()))
        .as("retention of the topic counts from when it was rejected")
        .isAfter(before.minusSeconds(60));
  }

  @Test
  void rejectsComeAtLeastOnceThroughACrash() throws Exception {
    Instant start = Instant.now().minusSeconds(600);
    JobRun job = FLINK.start(config(), 2);
    job.awaitRunning();
    for (int i = 0; i < 50; i++) {
      topic.send(i % PARTITIONS, start, ("no tick " + i).getBytes(UTF_8));
    }
    topic.flush();
    job.eventually(() -> assertThat(byKey()).isNotEmpty());
    FLINK.loseTaskManager();
    for (int i = 50; i < 100; i++) {
      topic.send(i % PARTITIONS, start, ("no tick " + i).getBytes(UTF_8));
    }
    Set<String> keys =
        topic.records().stream().map(RejectsTopicIT::key).collect(Collectors.toSet());
    FLINK.replaceTaskManager();

    job.eventually(() -> assertThat(byKey().keySet()).isEqualTo(keys));
    assertThat(job.restarts()).isPositive();
  }

  @Test
  void topicIsSwitchedOnAndOffBetweenSavepoints() throws Exception {
    Instant start = Instant.now().minusSeconds(600);
    JobRun without = FLINK.start(config("rejects.topic="), 2);
    without.awaitRunning();
    topic.send(0, start, "no tick 0".getBytes(UTF_8));
    without.eventually(() -> assertThat(rejectsInTable()).isEqualTo(1));

    JobRun with = FLINK.restore(config(), 2, without.stopWithSavepoint());
    topic.send(0, start, "no tick 1".getBytes(UTF_8));
    with.eventually(() -> assertThat(rejectsInTable()).isEqualTo(2));

    JobRun again = FLINK.restore(config("rejects.topic="), 2, with.stopWithSavepoint());
    topic.send(0, start, "no tick 2".getBytes(UTF_8));
    again.eventually(() -> assertThat(rejectsInTable()).isEqualTo(3));
    assertThat(rejects.read())
        .extracting(record -> new String(record.value(), UTF_8))
        .containsExactly("no tick 1");
  }

  private int rejectsInTable() throws Exception {
    return database.query("SELECT topic FROM rejected_ticks").size();
  }

  /** A record of the greatest size that a broker takes is rejected whole, and must not be stuck. */
  @Test
  void rejectThatTheTopicWouldNotTakeIsCut() throws Exception {
    byte[] large = new byte[(1 << 20) - 1_000];
    topic.send(0, Instant.now(), large);
    topic.flush();

    FLINK.start(config("source.kafka.stop=latest"), 1).awaitEnd();

    ConsumerRecord<byte[], byte[]> record = rejects.read().get(0);
    assertThat(record.value()).hasSize(1_000_000);
    assertThat(headers(record)).containsEntry("full_length", "" + large.length);
    assertThat(database.query("SELECT length(raw) FROM rejected_ticks"))
        .containsExactly("" + large.length);
  }

  @Test
  void missingTopicIsReportedBeforeTheJobStarts() {
    JobConfig there = config();
    Preflight.check(there);

    assertThatThrownBy(() -> Preflight.check(config("rejects.topic=no-such-topic")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rejects.topic: there is no topic no-such-topic at ");
  }

  private Map<String, ConsumerRecord<byte[], byte[]>> byKey() {
    Map<String, ConsumerRecord<byte[], byte[]>> byKey = new HashMap<>();
    rejects.read().forEach(record -> byKey.put(new String(record.key(), UTF_8), record));
    return byKey;
  }

  private static String key(TickRecord record) {
    return "%s:%d:%d:0".formatted(record.topic(), record.partition(), record.offset());
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), new String(header.value(), UTF_8));
    }
    return headers;
  }

  /** The records as rows of the table. */
  private static List<String> rowsOf(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    List<String> rows = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Map<String, String> headers = headers(record);
      rows.add(
          Stream.of(
                  "stream",
                  "topic",
                  "partition",
                  "offset",
                  "item",
                  "record_timestamp",
                  "reasons",
                  "source",
                  "symbol",
                  "timestamp")
              .map(headers::get)
              .map(String::valueOf)
              .map(RejectsTopicIT::withoutZeros)
              .collect(
                  Collectors.joining("|", "", "|" + HexFormat.of().formatHex(record.value()))));
    }
    return rows;
  }

  private List<String> table() throws Exception {
    String iso = "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    return database
        .query(
            """
            SELECT
              stream, topic, partition, "offset", item, %s, array_to_string(reasons, ','), source,
              symbol, %s, encode(raw, 'hex')
            FROM rejected_ticks
            """
                .formatted(iso.formatted("record_timestamp"), iso.formatted("\"timestamp\"")))
        .stream()
        .map(
            row ->
                Stream.of(row.split("\\|", -1))
                    .map(RejectsTopicIT::withoutZeros)
                    .collect(Collectors.joining("|")))
        .toList();
  }

  /** One way to write a time. */
  private static String withoutZeros(String value) {
    return value.endsWith("Z") && value.contains("T") && value.contains(".")
        ? value.replaceAll("\\.?0*Z$", "Z")
        : value;
  }

  private JobConfig config(String... settings) {
    return JobConfig.of(
        Stream.of(
                topic.settings().stream(),
                database.settings().stream(),
                Stream.of("source.kafka.start=earliest", "rejects.topic=" + rejects.name()),
                Stream.of(settings))
            .flatMap(all -> all)
            .toList());
  }
}

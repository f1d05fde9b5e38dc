package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.Decoders;
import io.candlestream.ingest.HostileFills;
import io.candlestream.ingest.HostileRecord;
import io.candlestream.ingest.HostileSentiment;
import io.candlestream.ingest.ObjectDecoders;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Decimal;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.Side;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.replay.Refusal;
import io.candlestream.servers.Edition;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Fills and sentiment that try to break the job, from their topics to the tables, beside ticks. */
@ParameterizedClass
@EnumSource
class HostileFillsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 2;
  private static final int CORPUS = 0;

  /** Some hostile records are as old; as long as this partition is, nothing is late. */
  private static final int BEHIND = 1;

  private static final Instant NOW = HostileRecord.NOW;
  private static final Instant LONG_AGO = Instant.EPOCH;

  private static final HostileRecord NO_VALUE =
      new HostileRecord("without a value", new byte[0], List.of(RejectReason.MALFORMED));

  private final TestDatabase database;
  private final Topic ticks = Topic.create(PARTITIONS);
  private final Topic fills = Topic.create(PARTITIONS);
  private final Topic sentiment = Topic.create(PARTITIONS);

  HostileFillsIT(Edition edition) {
    database =
        TestDatabase.offering(
            edition,
            "schema.retention.base=0",
            "schema.retention.portfolio-snapshots=0",
            "schema.retention.sentiment-data=0");
  }

  private record Place(String topic, int partition, long offset) {

    static Place of(TickRecord record) {
      return new Place(record.topic(), record.partition(), record.offset());
    }
  }

  private record Rejection(String stream, List<String> reasons, byte[] raw) {}

  @AfterEach
  void drop() {
    Stream.of(ticks, fills, sentiment).forEach(Topic::close);
    database.close();
  }

  @Test
  void everyHostileRecordGetsItsVerdictAndIsLeftAloneByReplaysOfTicks() throws Exception {
    sendTicks(NOW.minusSeconds(3_600));
    ticks.send(CORPUS, "no tick");
    fills.send(BEHIND, NOW, fill(1, LONG_AGO));
    sentiment.send(BEHIND, NOW, item(1, LONG_AGO));
    HostileFills.all().forEach(record -> fills.send(CORPUS, NOW, record.raw()));
    HostileSentiment.all().forEach(record -> sentiment.send(CORPUS, NOW, record.raw()));
    fills.send(CORPUS, NOW, null);
    sentiment.send(CORPUS, NOW, null);
    fills.flush();
    sentiment.flush();
    ticks.flush();

    JobRun job = FLINK.start(config(), 2);
    awaitRead(job, "fills", fills);
    awaitRead(job, "sentiment", sentiment);
    sendLate(job);

    Map<Place, Rejection> rejections = rejections();
    assertRejected(Input.FILLS, HostileFills.all(), fills, rejections);
    assertRejected(Input.SENTIMENT, HostileSentiment.all(), sentiment, rejections);
    assertAccepted(rejections.keySet());
    assertThat(Replays.plan(config()).refused())
        .as("of all rejects, the one tick")
        .containsExactly(Map.entry(Refusal.STILL_REJECTED, 1));
    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(job.restarts()).isZero();
  }

  /** Lets time go on, and sends records of long ago until one of each stream is too late. */
  private void sendLate(JobRun job) throws Exception {
    sendTicks(NOW);
    fills.send(BEHIND, NOW, fill(2, NOW));
    sentiment.send(BEHIND, NOW, item(2, NOW));
    int[] id = {2};
    job.eventually(
        () -> {
          id[0]++;
          fills.send(BEHIND, NOW, fill(id[0], LONG_AGO));
          sentiment.send(BEHIND, NOW, item(id[0], LONG_AGO));
          fills.flush();
          sentiment.flush();
          assertThat(
                  database.query(
                      "SELECT DISTINCT stream FROM rejected_ticks WHERE 'LATE' = ANY (reasons)"
                          + " ORDER BY 1"))
              .containsExactly("fills", "sentiment");
        });
    awaitRead(job, "fills", fills);
    awaitRead(job, "sentiment", sentiment);
    job.checkpoint();
  }

  /** Of BTC/USD, which most of the fills are of, in each partition some minutes. */
  private void sendTicks(Instant from) {
    for (int i = 0; i < 10; i++) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        Instant time = from.plus(Duration.ofMinutes(i)).plusSeconds(partition);
        String json =
            GeneratedTicks.tick("BTC/USD", time, time.getEpochSecond(), "61000")
                .replace("\"test\"", "\"venue\"");
        ticks.send(partition, time, json.getBytes(UTF_8));
      }
    }
    ticks.flush();
  }

  private static byte[] fill(int id, Instant time) {
    return GeneratedFills.json(GeneratedFills.fill("desk", "OLD", id, "1", "10", time))
        .getBytes(UTF_8);
  }

  private static byte[] item(int id, Instant time) {
    return ("{\"symbol\":\"OLD\",\"provider\":\"news\",\"item_id\":%d,\"score\":1,"
            + "\"timestamp\":\"%s\"}")
        .formatted(id, time)
        .getBytes(UTF_8);
  }

  private static void awaitRead(JobRun job, String stream, Topic topic) throws Exception {
    int sent = topic.records().size();
    job.eventually(
        () ->
            assertThat(
                    job.count(stream + "Accepted")
                        + job.count(stream + "Duplicate")
                        + job.count(stream + "Rejected"))
                .as(stream)
                .isEqualTo(sent));
  }

  private void assertRejected(
      Input stream, List<HostileRecord> corpus, Topic topic, Map<Place, Rejection> rejections)
      throws Exception {
    SoftAssertions softly = new SoftAssertions();
    Iterator<HostileRecord> next = corpus.iterator();
    Set<String> met = new TreeSet<>();
    int expected = 0;
    for (TickRecord record : topic.records()) {
      Rejection rejection = rejections.get(Place.of(record));
      if (record.partition() == BEHIND) {
        if (rejection != null) {
          softly.assertThat(rejection.reasons()).containsExactly("LATE");
          met.addAll(rejection.reasons());
          expected++;
        }
        continue;
      }
      HostileRecord hostile = record.json() == null ? NO_VALUE : next.next();
      List<String> reasons = hostile.reasons().stream().map(RejectReason::name).toList();
      softly.assertThat(rejection == null).as(hostile.name()).isEqualTo(hostile.isAccepted());
      if (rejection != null) {
        softly.assertThat(rejection.stream()).as(hostile.name()).isEqualTo(stream.word());
        softly.assertThat(rejection.reasons()).as(hostile.name()).isEqualTo(reasons);
        softly.assertThat(rejection.raw()).as(hostile.name()).isEqualTo(hostile.raw());
      }
      met.addAll(reasons);
      expected += hostile.isAccepted() ? 0 : 1;
    }
    softly.assertAll();
    assertThat(next).isExhausted();
    assertThat(rejections.values())
        .filteredOn(rejection -> rejection.stream().equals(stream.word()))
        .hasSize(expected);
    assertThat(met)
        .as("reasons")
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(RejectReason.values())
                .filter(reason -> reason.isOf(stream))
                .map(RejectReason::name)
                .toList());
  }

  private void assertAccepted(Set<Place> rejected) throws Exception {
    JobConfig config = config();
    List<Fill> acceptedFills =
        accepted(fills, rejected, ObjectDecoders.ofFills(config.validation()));
    assertThat(acceptedFills).hasSizeGreaterThan(100);
    // Later ones are over for the ticks, not for the fills.
    List<Row> valued =
        database.candles().stream()
            .filter(row -> row.timestamp().isBefore(NOW.minusSeconds(600)))
            .toList();
    StoredPortfolio.assertIsThatOf(
        acceptedFills.stream().map(HostileFillsIT::plain).toList(), valued, database);
    assertThat(StoredPortfolio.balanced(database)).isPositive();
    List<Sentiment> items =
        accepted(sentiment, rejected, ObjectDecoders.ofSentiment(config.validation()));
    assertThat(items).hasSizeGreaterThan(50);
    assertThat(
            database.query(
                """
                SELECT
                  symbol, provider, item_id, (extract(epoch FROM "timestamp") * 1000000)::bigint,
                  trim_scale(score), trim_scale(magnitude), text_ref
                FROM sentiment_data
                """))
        .containsExactlyInAnyOrderElementsOf(
            items.stream()
                .map(
                    item ->
                        "%s|%s|%s|%d|%s|%s|%s"
                            .formatted(
                                item.symbol(),
                                item.provider(),
                                item.itemId(),
                                item.timestampMicros(),
                                item.score(),
                                item.magnitude(),
                                item.textRef()))
                .toList());
  }

  /** What the decoder, whose own tests judge it by the corpus, makes of the other records. */
  private static <T extends Event> List<T> accepted(
      Topic topic, Set<Place> rejected, Decoders<T> decoders) throws Exception {
    List<T> events = new ArrayList<>();
    for (TickRecord record : topic.records()) {
      if (!rejected.contains(Place.of(record))) {
        Verdict<T> verdict =
            decoders
                .ofPartition()
                .decode(
                    record.json().clone(),
                    new Origin(record.topic(), record.partition(), record.offset(), 0, 0),
                    NOW.toEpochMilli());
        events.addAll(verdict.accepted());
      }
    }
    return events;
  }

  private static OneFill plain(Fill fill) {
    return new OneFill(
        fill.account(),
        fill.source(),
        fill.symbol(),
        fill.fillId().toString(),
        fill.side() == Side.BUY,
        fill.price().toBigDecimal(),
        fill.size().toBigDecimal(),
        fill.currency(),
        number(fill.fee()),
        fill.feeCurrency(),
        fill.orderId(),
        fill.timestampMicros());
  }

  private static BigDecimal number(Decimal value) {
    return value == null ? null : value.toBigDecimal();
  }

  private Map<Place, Rejection> rejections() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet table =
            statement.executeQuery(
                "SELECT stream, topic, partition, \"offset\", item, reasons, raw"
                    + " FROM rejected_ticks")) {
      Map<Place, Rejection> rejections = new LinkedHashMap<>();
      while (table.next()) {
        assertThat(table.getInt("item")).isZero();
        rejections.put(
            new Place(table.getString("topic"), table.getInt("partition"), table.getLong("offset")),
            new Rejection(
                table.getString("stream"),
                List.of((String[]) table.getArray("reasons").getArray()),
                table.getBytes("raw")));
      }
      return rejections;
    }
  }

  private JobConfig config() {
    return JobConfig.of(
        Stream.of(
                database.settings(),
                ticks.settings(),
                fills.settings("fills"),
                sentiment.settings("sentiment"),
                List.of(
                    "source.kafka.start=earliest", "validation.max-age=0", "time.idle-timeout=1h"))
            .flatMap(List::stream)
            .toList());
  }
}

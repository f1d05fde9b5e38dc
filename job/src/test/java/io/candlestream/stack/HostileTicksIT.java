package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.HostileTicks;
import io.candlestream.ingest.HostileTicks.Accepted;
import io.candlestream.ingest.HostileTicks.Case;
import io.candlestream.ingest.HostileTicks.Rejected;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Records that try to break the job, from the topic to the table, among good ticks. */
@ParameterizedClass
@EnumSource
class HostileTicksIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 3;
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  /** Microseconds, nanoseconds, the first moment after the year 9999, the greatest number. */
  private static final long[] ABSURD_TIMESTAMPS = {
    1_723_161_600_000_000L, 1_723_161_600_000_000_000L, 253_402_300_800_000L, Long.MAX_VALUE
  };

  private final TestDatabase database;

  HostileTicksIT(Edition edition) {
    database = TestDatabase.offering(edition);
  }

  private final Topic topic = Topic.create(PARTITIONS);

  /** What became of a record that is not in a candle. */
  private record Rejection(Set<String> reasons, byte[] raw) {}

  private record Place(int partition, long offset) {}

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void everyHostileRecordGetsItsVerdictAndTheTicksAroundItArrive() throws Exception {
    List<Case> corpus = HostileTicks.all();
    int duplicates = 0;
    for (int i = 0; i < corpus.size(); i++) {
      int partition = i % PARTITIONS;
      String good = goodTick(i);
      send(partition, good.getBytes(UTF_8));
      send(partition, corpus.get(i).raw());
      if (i % 5 == 0) {
        send(partition, good.getBytes(UTF_8));
        duplicates++;
      }
    }
    send(0, null);
    List<TickRecord> records = topic.records();

    JobRun job = FLINK.start(config(), 2);
    List<TickRecord> inCandles = new ArrayList<>();
    Map<Place, Case> rejected = new LinkedHashMap<>();
    sort(records, corpus, inCandles, rejected);
    List<Row> expected = BATCH.marketData(inCandles);
    job.eventually(() -> assertThat(database.candles()).hasSameSizeAs(expected));
    job.eventually(
        () ->
            assertThat(database.query("SELECT count(*) FROM rejected_ticks"))
                .containsExactly("" + (rejected.size() + 1)));

    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertAcceptedAsTheCorpusSays(corpus);
    assertRejectedAsTheCorpusSays(rejected, new Place(0, records.get(records.size() - 1).offset()));

    send(1, goodTick(corpus.size()).getBytes(UTF_8));
    job.eventually(
        () ->
            assertThat(
                    Row.difference(BATCH.marketData(with(inCandles, last())), database.candles()))
                .isEmpty());
    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(job.restarts()).isZero();
    assertThat(job.count("ticksAccepted")).isEqualTo(inCandles.size() - duplicates + 1);
    assertThat(job.count("ticksRejected")).isEqualTo(rejected.size() + 1);
    assertThat(job.count("ticksDuplicate")).isEqualTo(duplicates);
    assertThat(job.count("ticksBeforeStart")).isZero();
    assertThat(
            job.count("ticksAccepted")
                + job.count("ticksRejected")
                + job.count("ticksDuplicate")
                + job.count("ticksBeforeStart"))
        .isEqualTo(topic.records().size());
  }

  /** A producer that takes another unit for milliseconds sends such timestamps. */
  @Test
  void recordTimestampsThatNoDatabaseHoldsHarmNothing() throws Exception {
    String good = GeneratedTicks.tick("GOOD", Instant.now().minusSeconds(180), 1, "1");
    for (long millis : ABSURD_TIMESTAMPS) {
      topic.send(0, Instant.ofEpochMilli(millis), "no tick".getBytes(UTF_8));
    }
    topic.send(0, Instant.ofEpochMilli(Long.MAX_VALUE), good.getBytes(UTF_8));
    List<TickRecord> records = topic.records();

    JobRun job = FLINK.start(config(), 1);

    List<TickRecord> accepted = records.subList(records.size() - 1, records.size());
    job.eventually(
        () -> assertThat(Row.difference(BATCH.marketData(accepted), database.candles())).isEmpty());
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        "SELECT \"offset\", reasons FROM rejected_ticks ORDER BY \"offset\""))
                .containsExactly(
                    "0|{MALFORMED}", "1|{MALFORMED}", "2|{MALFORMED}", "3|{MALFORMED}"));
    assertThat(job.restarts()).isZero();
  }

  private void send(int partition, byte[] value) {
    topic.send(partition, HostileTicks.NOW, value);
  }

  /** One of three instruments, a second after the one before. */
  private static String goodTick(int index) {
    Instant time = HostileTicks.NOW.minusSeconds(600).plusSeconds(index);
    return GeneratedTicks.tick("GOOD" + index % PARTITIONS, time, index, "1." + index + "1");
  }

  private TickRecord last() throws Exception {
    List<TickRecord> records = topic.records();
    return records.get(records.size() - 1);
  }

  private static List<TickRecord> with(List<TickRecord> records, TickRecord more) {
    return Stream.concat(records.stream(), Stream.of(more)).toList();
  }

  /** Parts the records, by the corpus's own word, into those of candles and those rejected. */
  private static void sort(
      List<TickRecord> records,
      List<Case> corpus,
      List<TickRecord> inCandles,
      Map<Place, Case> rejected) {
    int next = 0;
    for (TickRecord record : records.subList(0, records.size() - 1)) {
      boolean hostile = next < corpus.size() && record.json() == corpus.get(next).raw();
      Case one = hostile ? corpus.get(next++) : null;
      if (hostile && one.expected() instanceof Rejected) {
        rejected.put(new Place(record.partition(), record.offset()), one);
      } else {
        inCandles.add(record);
      }
    }
    assertThat(next).isEqualTo(corpus.size());
  }

  private void assertAcceptedAsTheCorpusSays(List<Case> corpus) throws Exception {
    List<Row> rows = database.candles();
    SoftAssertions softly = new SoftAssertions();
    for (Case one : corpus) {
      if (one.expected() instanceof Accepted tick) {
        softly
            .assertThat(rows)
            .as(one.name())
            .filteredOn(
                row -> row.source().equals(tick.source()) && row.symbol().equals(tick.symbol()))
            .extracting(Row::open, Row::high, Row::low, Row::close, Row::volume, Row::trades)
            .containsExactly(
                Tuple.tuple(
                    tick.price(), tick.price(), tick.price(), tick.price(), tick.size(), 1L));
      }
    }
    softly.assertAll();
  }

  private void assertRejectedAsTheCorpusSays(Map<Place, Case> expected, Place withoutValue)
      throws Exception {
    Map<Place, Rejection> found = rejections();
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (place, one) -> {
          Rejection rejection = found.get(place);
          softly.assertThat(rejection).as(one.name()).isNotNull();
          if (rejection != null) {
            softly
                .assertThat(rejection.reasons)
                .as(one.name())
                .isEqualTo(((Rejected) one.expected()).reasons());
            softly.assertThat(rejection.raw).as(one.name()).isEqualTo(one.raw());
          }
        });
    softly.assertThat(found.get(withoutValue).reasons).containsExactly("MALFORMED");
    softly.assertThat(found.get(withoutValue).raw).isEmpty();
    softly.assertThat(found).hasSize(expected.size() + 1);
    softly.assertAll();
  }

  private Map<Place, Rejection> rejections() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet table =
            statement.executeQuery(
                "SELECT topic, partition, \"offset\", item, record_timestamp, reasons, raw"
                    + " FROM rejected_ticks")) {
      Map<Place, Rejection> rejections = new LinkedHashMap<>();
      while (table.next()) {
        assertThat(table.getString("topic")).isEqualTo(topic.name());
        assertThat(table.getInt("item")).isZero();
        assertThat(table.getTimestamp("record_timestamp").toInstant()).isEqualTo(HostileTicks.NOW);
        rejections.put(
            new Place(table.getInt("partition"), table.getLong("offset")),
            new Rejection(
                Stream.of((String[]) table.getArray("reasons").getArray())
                    .collect(toCollection(TreeSet::new)),
                table.getBytes("raw")));
      }
      return rejections;
    }
  }

  private JobConfig config() {
    return JobConfig.of(
        Stream.of(
                topic.settings().stream(),
                database.settings().stream(),
                Stream.of("source.kafka.start=earliest", "time.idle-timeout=1s"))
            .flatMap(settings -> settings)
            .toList());
  }
}

package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.SharedData;
import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A topic that is read a second time, whole or in part, by a job that knows nothing of the first.
 */
@ParameterizedClass
@EnumSource
class ReplayIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The default of validation.max-ahead. */
  private static final Duration MAX_AHEAD = Duration.ofSeconds(5);

  private static final int PARTITIONS = 4;
  private static final int PARALLELISM = 2;
  private static final int INSTRUMENTS = 7;
  private static final Duration LENGTH = Duration.ofHours(2);
  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  private final Edition edition;
  private final TestDatabase database;
  private final Topic topic;

  ReplayIT(Edition edition) {
    this.edition = edition;
    database = TestDatabase.offering(edition);
    topic = Topic.create(PARTITIONS);
  }

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void replayOfTicksThatCameInTimeTouchesNoTuple() throws Exception {
    GeneratedTicks.send(GeneratedTicks.inTime(1, INSTRUMENTS, LENGTH), topic, PARTITIONS);

    replayTouchesNoTuple();
  }

  @Test
  void replayOfRealTradesTouchesNoTuple() throws Exception {
    sendRealTrades();

    replayTouchesNoTuple();
  }

  private void replayTouchesNoTuple() throws Exception {
    JobRun first = runToEnd("source.kafka.start=earliest");
    List<Row> expected = BATCH.marketData(topic.records());
    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertThat(first.rows("rowsWritten", "market_data")).isEqualTo(expected.size());
    assertCountsAddUp(first);
    List<String> tuples = database.tuples();

    JobRun second = runToEnd("source.kafka.start=earliest");

    assertThat(database.tuples()).isEqualTo(tuples);
    assertThat(second.rows("rowsWritten", "market_data")).isZero();
    assertThat(second.rows("rowsUnchanged", "market_data")).isEqualTo(expected.size());
    assertCountsAddUp(second);
  }

  /** Over a day, so that the run takes many times as long as a watermark is away from the next. */
  @Test
  void replayOfLateTicksLeavesTheContentAsItWas() throws Exception {
    GeneratedTicks.send(
        GeneratedTicks.partlyLate(2, INSTRUMENTS, Duration.ofDays(1)), topic, PARTITIONS);
    JobRun first = runToEnd("source.kafka.start=earliest");
    List<Row> expected = BATCH.marketData(topic.records());
    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertThat(first.count("candlesCorrected")).isPositive();
    assertCountsAddUp(first);
    List<String> created = created();

    JobRun second = runToEnd("source.kafka.start=earliest");

    assertThat(Row.difference(expected, database.candles())).isEmpty();
    assertThat(created()).isEqualTo(created);
    assertCountsAddUp(second);
  }

  @Test
  void startAtTimestampReplacesNoFullCandleByPart() throws Exception {
    List<GeneratedTicks.Arrival> arrivals = GeneratedTicks.inTime(3, INSTRUMENTS, LENGTH);
    GeneratedTicks.send(arrivals, topic, PARTITIONS);
    Instant middle = GeneratedTicks.START.plus(LENGTH.dividedBy(2)).plusSeconds(31);
    long[] offsets = new long[PARTITIONS];
    for (GeneratedTicks.Arrival arrival : arrivals) {
      offsets[arrival.instrument() % PARTITIONS] += arrival.at().isBefore(middle) ? 1 : 0;
    }

    Map<Integer, Instant> positions = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      positions.put(partition, middle);
    }
    replaceNothingFrom(offsets, positions, "source.kafka.start=timestamp:" + middle);
  }

  @Test
  void startAtCommittedOffsetsReplacesNoFullCandleByPart() throws Exception {
    sendRealTrades();
    long[] offsets = new long[PARTITIONS];
    topic.records().forEach(record -> offsets[record.partition()]++);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      offsets[partition] = offsets[partition] / 2 + partition;
    }
    topic.commit(offsets);

    Map<Integer, Instant> positions = new HashMap<>();
    for (TickRecord record : topic.records()) {
      if (record.offset() == offsets[record.partition()]) {
        positions.put(record.partition(), timeOf(record));
      }
    }
    replaceNothingFrom(offsets, positions, "source.kafka.start=committed");
  }

  /**
   * Into a table that knows the whole topic, no partial candle gets; into an empty one, only
   * candles of which no tick can be before the position.
   *
   * @param positions by partition
   */
  private void replaceNothingFrom(long[] offsets, Map<Integer, Instant> positions, String start)
      throws Exception {
    runToEnd("source.kafka.start=earliest", "source.kafka.group-id=another");
    List<Row> full = database.candles();
    List<TickRecord> read =
        topic.records().stream()
            .filter(record -> record.offset() >= offsets[record.partition()])
            .toList();
    assertThat(read).hasSizeBetween(100, topic.records().size() - 100);

    Map<Boolean, List<TickRecord>> parts = byWhetherBeforeStart(read, positions);

    JobRun middle = runToEnd(start);

    assertThat(candlesOnly(database.candles())).isEqualTo(candlesOnly(full));
    assertThat(parts.get(true)).isNotEmpty();
    assertThat(middle.count("ticksBeforeStart")).isEqualTo(parts.get(true).size());
    assertThat(
            middle.count("ticksAccepted")
                + middle.count("ticksDuplicate")
                + middle.count("ticksBeforeStart"))
        .isEqualTo(read.size());
    assertThat(middle.count("ticksRejected")).isZero();

    try (TestDatabase empty = TestDatabase.offering(edition)) {
      topic.commit(offsets);
      JobRun afresh = FLINK.start(config(empty, start, "source.kafka.stop=latest"), PARALLELISM);
      afresh.awaitEnd();

      assertThat(Row.difference(BATCH.marketData(parts.get(false)), empty.candles())).isEmpty();
    }
  }

  /** Whether each tick is of a candle that begins before its partition is complete. */
  private static Map<Boolean, List<TickRecord>> byWhetherBeforeStart(
      List<TickRecord> read, Map<Integer, Instant> positions) throws IOException {
    Map<Boolean, List<TickRecord>> parts =
        Map.of(true, new ArrayList<>(), false, new ArrayList<>());
    for (TickRecord record : read) {
      Instant candle = timeOf(record).truncatedTo(ChronoUnit.MINUTES);
      Instant complete = positions.get(record.partition()).plus(MAX_AHEAD);
      parts.get(candle.isBefore(complete)).add(record);
    }
    return parts;
  }

  private static Instant timeOf(TickRecord record) throws IOException {
    JsonNode timestamp = JSON.readTree(record.json()).path("timestamp");
    return timestamp.isNumber()
        ? Instant.ofEpochMilli(timestamp.asLong())
        : Instant.parse(timestamp.asText());
  }

  /** A job that begins in the middle has no history, so its indicators are others. */
  private static List<List<Object>> candlesOnly(List<Row> rows) {
    return rows.stream()
        .map(
            row ->
                Stream.<Object>of(
                        row.symbol(),
                        row.source(),
                        row.timestamp(),
                        row.open(),
                        row.high(),
                        row.low(),
                        row.close(),
                        row.volume(),
                        row.buyVolume(),
                        row.turnover(),
                        String.valueOf(row.vwap()),
                        row.trades(),
                        row.closed())
                    .toList())
        .toList();
  }

  private void assertCountsAddUp(JobRun job) throws Exception {
    assertThat(job.count("ticksRejected")).isZero();
    assertThat(job.count("ticksBeforeStart")).isZero();
    assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate"))
        .isEqualTo(topic.records().size());
    assertThat(job.count("ticksAccepted"))
        .isEqualTo(database.candles().stream().mapToLong(Row::trades).sum());
  }

  private JobRun runToEnd(String... settings) throws Exception {
    topic.flush();
    JobRun job =
        FLINK.start(
            config(
                database,
                Stream.concat(Stream.of("source.kafka.stop=latest"), Stream.of(settings))
                    .toArray(String[]::new)),
            PARALLELISM);
    job.awaitEnd();
    return job;
  }

  private JobConfig config(TestDatabase to, String... settings) {
    return JobConfig.of(
        Stream.of(
                topic.settings().stream(),
                to.settings().stream(),
                Stream.of("validation.max-age=0"),
                Stream.of(settings))
            .flatMap(Function.identity())
            .toList());
  }

  private List<String> created() throws Exception {
    return database.query(
        "SELECT symbol, source, \"timestamp\", created_at FROM market_data ORDER BY 1, 2, 3");
  }

  /** All of an instrument to one partition, in the order in which they were received. */
  private void sendRealTrades() throws Exception {
    List<TickRecord> trades = TickRecord.linesOf(SharedData.require("binance-6-streams.jsonl.gz"));
    List<String> instruments = new ArrayList<>();
    for (TickRecord trade : trades) {
      JsonNode tick = JSON.readTree(trade.json());
      String instrument = tick.path("source").asText() + tick.path("symbol").asText();
      if (!instruments.contains(instrument)) {
        instruments.add(instrument);
      }
      topic.send(instruments.indexOf(instrument) % PARTITIONS, timeOf(trade), trade.json());
    }
  }
}

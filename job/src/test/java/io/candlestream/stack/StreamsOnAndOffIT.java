package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A job that takes up fills and sentiment, and gives them up again, from savepoint to savepoint.
 */
class StreamsOnAndOffIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);
  private static final int PARTITIONS = 2;
  private static final int INSTRUMENTS = 3;
  private static final int PARTS = 3;
  private static final Duration PART = Duration.ofMinutes(40);

  private final TestDatabase database =
      TestDatabase.offering(
          Edition.POSTGRES, "schema.retention.base=0", "schema.retention.portfolio-snapshots=0");

  private final Topic ticks = Topic.create(PARTITIONS);
  private final Topic fills = Topic.create(PARTITIONS);
  private final Topic sentiment = Topic.create(1);

  /** None is late, so that no candle is valued because it is corrected. */
  private final List<GeneratedTicks.Arrival> market =
      GeneratedTicks.inTime(61, INSTRUMENTS, PART.multipliedBy(PARTS));

  private int sent;

  private record Candle(String symbol, Instant start) {

    static Candle of(Row row) {
      return new Candle(row.symbol(), row.timestamp());
    }
  }

  @AfterEach
  void drop() {
    Stream.of(ticks, fills, sentiment).forEach(Topic::close);
    database.close();
  }

  @Test
  void savepointWithoutTheStreamsRestoresWithThemAndTheirsWithoutThem() throws Exception {
    JobRun without = FLINK.start(config(), 2);
    sendTicks(1);
    awaitTicks(without);
    String savepoint = without.stopWithSavepoint();
    Set<Candle> unknown = database.candles().stream().map(Candle::of).collect(Collectors.toSet());
    assertThat(unknown).hasSizeGreaterThan(50);

    List<OneFill> trades = sendFills();
    sentiment.send(0, item(1));
    sentiment.send(0, item(2));
    sentiment.send(0, item(1));
    JobRun with = FLINK.restore(config(withStreams()), 2, savepoint);
    sendTicks(2);
    awaitTicks(with);
    with.eventually(
        () -> {
          StoredPortfolio.assertIsThatOf(trades, candlesBeyond(unknown), database);
          assertThat(database.query("SELECT count(*) FROM sentiment_data")).containsExactly("2");
        });
    assertThat(StoredPortfolio.balanced(database)).isGreaterThan(100);
    String theirs = with.stopWithSavepoint();
    List<String> written = StoredPortfolio.tuples(database);

    sendTicks(3);
    assertThatThrownBy(() -> FLINK.restore(config(), 1, theirs).awaitEnd())
        .as("state is given up only by who says so")
        .hasStackTraceContaining("allowNonRestoredState");
    JobRun withoutAgain = FLINK.restoreLess(config(), 1, theirs);
    awaitTicks(withoutAgain);
    withoutAgain.drain();

    assertThat(Row.difference(BATCH.marketData(GeneratedTicks.lines(market)), database.candles()))
        .isEmpty();
    assertThat(StoredPortfolio.difference(written, StoredPortfolio.tuples(database))).isEmpty();
    assertThat(database.query("SELECT count(*) FROM rejected_ticks")).containsExactly("0");
  }

  /** What was closed without the streams has no snapshots. */
  private List<Row> candlesBeyond(Set<Candle> unknown) throws Exception {
    return database.candles().stream().filter(row -> !unknown.contains(Candle.of(row))).toList();
  }

  private void sendTicks(int part) {
    Instant end = GeneratedTicks.START.plus(PART.multipliedBy(part));
    int upTo = (int) market.stream().filter(tick -> tick.at().isBefore(end)).count();
    upTo = part == PARTS ? market.size() : upTo;
    GeneratedTicks.send(market.subList(sent, upTo), ticks, PARTITIONS);
    ticks.flush();
    sent = upTo;
  }

  /** Of the first two parts; then one in each partition that shows that these are over. */
  private List<OneFill> sendFills() {
    List<GeneratedFills.Arrival> trades =
        new ArrayList<>(GeneratedFills.generate(62, 200, INSTRUMENTS, PART.multipliedBy(2)));
    GeneratedFills.send(trades, fills, PARTITIONS);
    Instant later = GeneratedTicks.START.plus(PART.multipliedBy(2)).plusSeconds(600);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      OneFill last = GeneratedFills.fill("clock", "CLOCK", partition, "1", "1", later);
      trades.add(new GeneratedFills.Arrival(last, later));
      fills.send(partition, later, GeneratedFills.json(last).getBytes(UTF_8));
    }
    fills.flush();
    return GeneratedFills.distinct(trades);
  }

  private static String item(int id) {
    return ("{\"symbol\":\"S0\",\"provider\":\"news\",\"item_id\":%d,\"score\":0.5,"
            + "\"timestamp\":\"%s\"}")
        .formatted(id, GeneratedTicks.START.plusSeconds(id));
  }

  private void awaitTicks(JobRun job) throws Exception {
    job.eventually(
        () -> assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate")).isEqualTo(sent));
  }

  private List<String> withStreams() {
    return Stream.concat(fills.settings("fills").stream(), sentiment.settings("sentiment").stream())
        .toList();
  }

  private JobConfig config() {
    return config(List.of());
  }

  private JobConfig config(List<String> streams) {
    return JobConfig.of(
        Stream.of(
                database.settings(),
                ticks.settings(),
                streams,
                List.of(
                    "source.kafka.start=earliest", "validation.max-age=0", "time.idle-timeout=1h"))
            .flatMap(List::stream)
            .toList());
  }
}

package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What venues send, from files and topics to the table; on one edition, as the database has no part
 * in it.
 */
class FeedsIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);

  @TempDir private Path folder;

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void whatBinanceSentMakesTheTableOfTheCanonicalTicks() throws Exception {
    List<TickRecord> ticks = TickRecord.linesOf(SharedData.require("binance-6-streams.jsonl.gz"));
    Path messages = folder.resolve("messages.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(messages))) {
      for (TickRecord captured :
          TickRecord.linesOf(SharedData.require("captures/binance-6-streams.raw.txt.gz"))) {
        String line = new String(captured.json(), UTF_8);
        // Each began with the time at which it was received.
        out.write((line.substring(line.indexOf(' ') + 1) + "\n").getBytes(UTF_8));
      }
    }

    JobRun job =
        FLINK.start(
            config(
                "binance", List.of("source.type=files", "source.files.paths=[" + messages + "]")),
            2);
    job.awaitEnd();

    assertThat(Row.difference(BATCH.marketData(ticks), database.candles())).isEmpty();
    assertThat(job.count("ticksAccepted")).isEqualTo(ticks.size());
    assertThat(job.count("ticksRejected")).isZero();
    assertThat(job.count("recordsWithoutTrades")).isZero();
  }

  /** What a channel stands for was said before the savepoint, and is no part of it. */
  @Test
  void aRestoredJobKnowsTheChannelsThatWereSubscribedBefore() throws Exception {
    try (Topic topic = Topic.create(1)) {
      JobConfig config = config("bitfinex", topic.settings());
      topic.send(0, "{\"event\":\"info\",\"version\":2}");
      topic.send(0, subscribed(1, "tBTCUSD"));
      topic.send(0, subscribed(2, "tETHUSD"));
      topic.send(0, "[1,[[12,%d,1,20],[11,%d,-1,10]]]".formatted(millis(6), millis(8)));
      topic.flush();
      JobRun first = FLINK.start(config, 1);
      first.eventually(() -> assertThat(first.count("ticksAccepted")).isEqualTo(2));
      assertThat(first.count("recordsWithoutTrades")).isEqualTo(3);
      String savepoint = first.stopWithSavepoint();

      topic.send(0, "[2,\"te\",[21,%d,1,3]]".formatted(millis(5)));
      topic.send(0, "[2,\"tu\",[21,%d,1,3]]".formatted(millis(5)));
      topic.send(0, "[1,\"tu\",[13,%d,1,\"?\"]]".formatted(millis(5)));
      topic.send(0, "[1,\"tu\",[14,%d,1,30]]".formatted(millis(4)));
      topic.flush();
      JobRun second = FLINK.restore(config, 1, savepoint);

      second.eventually(() -> assertThat(second.count("ticksAccepted")).isEqualTo(4));
      assertThat(second.count("recordsWithoutTrades")).isEqualTo(4);
      assertThat(second.count("ticksRejected")).isEqualTo(1);
      second.eventually(
          () ->
              assertThat(
                      database.query(
                          "SELECT \"offset\", reasons, source, symbol FROM rejected_ticks"))
                  .containsExactly("6|{INVALID_PRICE}|bitfinex|tBTCUSD"));
    }
  }

  private static String subscribed(int channel, String symbol) {
    return "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":%d,\"symbol\":\"%s\"}"
        .formatted(channel, symbol);
  }

  private static long millis(int minutesAgo) {
    return Instant.now().minus(Duration.ofMinutes(minutesAgo)).toEpochMilli();
  }

  private JobConfig config(String format, List<String> source) {
    return JobConfig.of(
        Stream.of(database.settings(), source, List.of("source.format=" + format))
            .flatMap(List::stream)
            .toList());
  }
}

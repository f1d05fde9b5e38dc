package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.Decoding;
import io.candlestream.market.Tick;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.servers.Edition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Spikes, gaps and conflicting copies from files to the tables. */
@ParameterizedClass
@EnumSource
class QualityIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final BatchComputation BATCH = new BatchComputation(Duration.ofMinutes(1), null);
  private static final Decoding DECODING = new Decoding(JobConfig.of(List.of()).validation());

  private static final String EVENTS =
      """
      SELECT kind, symbol, "timestamp" AT TIME ZONE 'UTC', identity FROM data_quality_events
      """;

  @TempDir private Path folder;

  private final TestDatabase database;
  private final List<TickRecord> lines = new ArrayList<>();
  private final List<TickRecord> inCandles = new ArrayList<>();
  private final Set<String> events = new HashSet<>();
  private final Set<String> rejected = new HashSet<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private final Map<String, TreeMap<Long, Tick>> numbered = new HashMap<>();

  QualityIT(Edition edition) {
    database = TestDatabase.offering(edition);
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void whatLooksWrongIsReportedAndRejectedOnceAcrossAFailureAndAReplay() throws Exception {
    for (GeneratedTicks.Arrival arrival : GeneratedTicks.inTime(21, 5, Duration.ofHours(3))) {
      String json = new String(arrival.json(), UTF_8);
      long id = DECODING.accept(record(json)).tradeId().asLong();
      if (id % 40 >= 3) {
        addTick(json);
        if (id % 15 == 0) {
          addSpike(json);
        } else if (id % 15 == 1) {
          addConflict(json);
        }
      }
    }
    expectGaps();
    Path file = folder.resolve("ticks.jsonl");
    Files.write(file, lines.stream().map(line -> new String(line.json(), UTF_8)).toList());
    JobConfig config = config(file);
    assertThat(rejected).hasSizeGreaterThan(50);
    assertThat(events).hasSizeGreaterThan(rejected.size() + 100);

    JobRun job = FLINK.runWithFailure(config, lines.size() / 2 + 7);

    assertThat(job.restarts()).isEqualTo(1);
    assertTables();
    assertThat(job.count("ticksRejected")).isEqualTo(rejected.size());
    assertThat(job.count("ticksAccepted") + job.count("ticksDuplicate"))
        .isEqualTo(lines.size() - rejected.size());

    FLINK.start(config, 1).awaitEnd();
    assertTables();
  }

  private void assertTables() throws Exception {
    assertThat(database.query(EVENTS)).containsExactlyInAnyOrderElementsOf(events);
    assertThat(
            database.query(
                "SELECT \"offset\", reasons, convert_from(raw, 'UTF8') FROM rejected_ticks"))
        .containsExactlyInAnyOrderElementsOf(rejected);
    assertThat(Row.difference(BATCH.marketData(inCandles), database.candles())).isEmpty();
  }

  private void addTick(String json) {
    TickRecord record = record(json);
    Tick tick = DECODING.accept(record);
    lines.add(record);
    inCandles.add(record);
    numbered
        .computeIfAbsent(tick.instrument().symbol(), symbol -> new TreeMap<>())
        .put(tick.tradeId().asLong(), tick);
  }

  /** Once a level is known. */
  private void addSpike(String json) {
    Tick tick = DECODING.accept(record(json));
    int number = seen.merge(tick.instrument().symbol(), 1, Integer::sum);
    if (numbered.get(tick.instrument().symbol()).size() <= 12) {
      return;
    }
    String id = "spike-" + number;
    String spiked =
        json.replaceFirst("\"trade_id\":\\d+", "\"trade_id\":\"" + id + "\"")
            .replaceFirst(
                "\"price\":\"[^\"]+\"", "\"price\":\"" + tick.price().add(tick.price()) + "\"");
    rejected.add("%d|{ANOMALY}|%s".formatted(lines.size(), spiked));
    lines.add(record(spiked));
    events.add(event("PRICE_SPIKE", tick, id));
  }

  private void addConflict(String json) {
    Tick tick = DECODING.accept(record(json));
    lines.add(record(json.replaceFirst("\"size\":[0-9.]+", "\"size\":7777")));
    events.add(
        event(
            "CONFLICTING_DUPLICATE",
            tick,
            "%s %s 7777 %s".formatted(tick.tradeId(), tick.price(), tick.side())));
  }

  private void expectGaps() {
    for (TreeMap<Long, Tick> come : numbered.values()) {
      for (long id : come.keySet()) {
        Map.Entry<Long, Tick> next = come.higherEntry(id);
        if (next != null && next.getKey() > id + 1) {
          events.add(event("SEQUENCE_GAP", next.getValue(), next.getKey().toString()));
        }
      }
    }
  }

  private static String event(String kind, Tick tick, String identity) {
    Instant time = Instant.EPOCH.plus(tick.timestampMicros(), ChronoUnit.MICROS);
    String shown = time.toString().replace('T', ' ').replaceFirst("\\.?0*Z$", "");
    return String.join("|", kind, tick.instrument().symbol(), shown, identity);
  }

  private TickRecord record(String json) {
    return new TickRecord("file", 0, lines.size(), json.getBytes(UTF_8));
  }

  private JobConfig config(Path file) {
    return JobConfig.of(
        Stream.concat(
                database.settings().stream(),
                Stream.of(
                    "source.type=files",
                    "source.files.paths=[\"" + file + "\"]",
                    "quality.on-anomaly=reject",
                    "quality.sequential.t*=trade-id",
                    "quality.silent-after=1s"))
            .toList());
  }
}
